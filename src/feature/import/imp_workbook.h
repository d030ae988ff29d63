/* The annotated workbook: the imported sheets again, row for row, with three columns behind the
 * last one — 判定, 原因, 怎么办 — and the cells in question coloured. Sheets that were not imported
 * say why. Values of merged cells stand in every row they cover, so the file can be corrected and
 * imported again as it is. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_WORKBOOK_H
#define ZHIAN_FEATURE_IMPORT_IMP_WORKBOOK_H

#include "feature/import/imp.h"

struct imp_workbook;

/* imp_workbook_open prepares the file at path. imp_workbook_sheet and _row are made to be called
 * from an imp_sink. imp_workbook_close finishes the file, or, given an error, removes it and
 * returns that error. ERR_IO, ERR_DISK_FULL, ERR_NOMEM. */
MUST_CHECK enum err imp_workbook_open(const char *path, const struct imp_rules *rules,
    const struct sheet_book *book, struct imp_workbook **ret);
MUST_CHECK enum err imp_workbook_sheet(struct imp_workbook *b, const struct imp_sheet *s);
MUST_CHECK enum err imp_workbook_row(struct imp_workbook *b, const struct imp_row *r);
MUST_CHECK enum err imp_workbook_close(struct imp_workbook *b, enum err so_far);

#endif
