/* The merged ranges of a sheet, known before its rows. */
#ifndef ZHIAN_RENDER_XLSX_MERGES_H
#define ZHIAN_RENDER_XLSX_MERGES_H

#include "render/zip_read.h"

struct xlsx_merges {
    struct sheet_merge *p;
    size_t n, size;
    size_t folded; /* the first so many are sorted and folded */
};

/* xlsx_merges_scan reads the sheet part for its merged ranges, ordered as sheet_merges says.
 * Damaged ranges merge nothing. SHEET_ERR_TOO_MANY, SHEET_ERR_NOMEM, or what the ZIP says. */
MUST_CHECK enum sheet_err xlsx_merges_scan(
    struct xlsx_merges *m, struct zip_in *z, struct str part);
void xlsx_merges_free(struct xlsx_merges *m);

#endif
