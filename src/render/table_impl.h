/* Inside of the table writers: a kind of file is one struct of functions. */
#ifndef ZHIAN_RENDER_TABLE_IMPL_H
#define ZHIAN_RENDER_TABLE_IMPL_H

#include "base/buf.h"
#include "render/table.h"

struct table_ops {
    enum err (*open)(struct table_out *t);
    enum err (*sheet)(struct table_out *t, const struct table_head *head);
    enum err (*row)(struct table_out *t, const struct table_cell *cells, size_t n);
    enum err (*choices)(struct table_out *t, size_t col, uint32_t first, uint32_t last,
        const char *formula); /* NULL: none in this kind */
    /* Finishes the file when so_far is OK; releases impl in any case. */
    enum err (*close)(struct table_out *t, enum err so_far);
};

enum { TABLE_ROW_MAX = 1048576, TABLE_COL_MAX = 16384, TABLE_TEXT_MAX = 32767 };

struct table_out {
    const struct table_ops *ops;
    struct buf path; /* NUL-terminated */
    uint32_t next;   /* row written next, from 0 */
    struct buf text; /* scratch */
    void *impl;
};

extern const struct table_ops table_xlsx_ops;
extern const struct table_ops table_csv_ops;

/* table_levels: how many heading rows the columns need: 1 label, 2 with groups or subs, 3 both.
 * table_level_text: the text of column i on level l, STR_NULL where a cell above covers it. */
size_t table_levels(const struct table_head *h);
struct str table_level_text(const struct table_head *h, size_t i, size_t l);

#endif
