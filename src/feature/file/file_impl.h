/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_FILE_IMPL_H
#define ZHIAN_FEATURE_FILE_IMPL_H

#include "core/app.h"
#include "feature/file/file.h"

/* row_json: a described row as JSON text; STR_NULL (fail is set) when it is too large. */
struct str row_json(struct ctx *c, const struct desc *d, const void *row);

/* firm_rows_page: a page of rows that hang from firms: of the actor's subtree or of the org asked
 * for (404 outside), of one firm when the filter says so; of his own firm for a firm user. */
struct firm_rows {
    const struct list_def *wide;   /* walks the rows */
    const struct list_def *narrow; /* starts from the firms: for a county or station */
    const char *firm;              /* "v.firm = ": the condition for one firm */
};
MUST_CHECK enum err firm_rows_page(struct ctx *c, const struct firm_rows *rows,
    const struct list_query *in, struct list_page *ret);

#endif
