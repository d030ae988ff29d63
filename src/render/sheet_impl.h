/* Inside of the sheet readers: a kind of file is one struct of functions (xlsx_read.c,
 * csv_read.c), chosen once by sheet_open. Nothing outside render/ includes this. */
#ifndef ZHIAN_RENDER_SHEET_IMPL_H
#define ZHIAN_RENDER_SHEET_IMPL_H

#include "base/arena.h"
#include "render/sheet.h"

struct sheet_ops {
    const char *kind;
    enum sheet_err (*merges)(
        struct sheet_book *b, size_t i, const struct sheet_merge **ret, size_t *ret_n);
    enum sheet_err (*read)(struct sheet_book *b, size_t i, sheet_row_fn *fn, void *arg);
    void (*close)(struct sheet_book *b);
};

struct sheet_book {
    const struct sheet_ops *ops;
    int fd;
    uint64_t size;
    const char *tmp; /* folder for temporary files */
    struct arena mem;
    struct sheet_info *sheets;
    size_t nsheets;
    const char *encoding;
    uint32_t where;
    uint64_t done;
    void *impl;
};

/* The openers fill ops, sheets and impl; what they allocated before failing is released by
 * ops->close, which they set first. */
MUST_CHECK enum sheet_err xlsx_open(struct sheet_book *b);
MUST_CHECK enum sheet_err csv_open(struct sheet_book *b);

/* A row under construction: texts are kept as offsets until row_view, so the text buffer may move.
 * All of it grows to the largest row and is reused. */
struct row_build {
    struct buf text;
    struct cell *cells;
    size_t *offs;
    size_t n, size;
};

void row_free(struct row_build *r);
void row_clear(struct row_build *r);

/* row_add starts a cell whose text begins at the end of r->text; NULL without memory. The text is
 * closed by row_close_text. Columns out of order are sorted by row_view. */
struct cell *row_add(struct row_build *r, uint32_t col);
void row_close_text(struct row_build *r);

/* row_view orders the cells, drops empty ones and repeated columns (the last stands) and points
 * the texts into the buffer; false when the buffer failed. */
bool row_view(struct row_build *r, struct sheet_row *out);

#endif
