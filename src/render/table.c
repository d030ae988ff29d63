/* What the table writers share: opening, closing, heading levels. */
#include "render/table_impl.h"

#include <unistd.h>

#include "base/mem.h"

enum { PATH_BYTES = 4096, SCRATCH_MAX = 1 << 20 };

enum err table_open(enum table_kind kind, const char *path, struct table_out **ret)
{
    struct table_out *t = mem_alloc(sizeof *t);
    if (!t)
        return ERR_NOMEM;
    buf_init(&t->path, PATH_BYTES);
    buf_init(&t->text, SCRATCH_MAX);
    buf_addz(&t->path, path);
    t->ops = kind == TABLE_XLSX ? &table_xlsx_ops : &table_csv_ops;
    enum err e = buf_z(&t->path) ? t->ops->open(t) : t->path.err;
    if (e) {
        buf_free(&t->path);
        buf_free(&t->text);
        mem_free(t);
        return e;
    }
    *ret = t;
    return OK;
}

enum err table_sheet(struct table_out *t, const struct table_head *head)
{
    return t->ops->sheet(t, head);
}

enum err table_row(struct table_out *t, const struct table_cell *cells, size_t n)
{
    if (t->next >= TABLE_ROW_MAX || n > TABLE_COL_MAX)
        return ERR_TOO_LARGE;
    enum err e = t->ops->row(t, cells, n);
    t->next++;
    return e;
}

enum err table_skip(struct table_out *t, uint32_t n)
{
    enum err e = OK;
    for (; n && !e; n--)
        e = table_row(t, NULL, 0);
    return e;
}

enum err table_choices(
    struct table_out *t, size_t col, uint32_t first, uint32_t last, const char *formula)
{
    return t->ops->choices ? t->ops->choices(t, col, first, last, formula) : OK;
}

uint32_t table_row_number(const struct table_out *t)
{
    return t->next + 1;
}

enum err table_close(struct table_out *t, enum err so_far)
{
    enum err e = t->ops->close(t, so_far);
    if (e)
        (void)unlink(t->path.p);
    buf_free(&t->path);
    buf_free(&t->text);
    mem_free(t);
    return e;
}

static bool any_group(const struct table_head *h)
{
    for (size_t i = 0; i < h->ncols; i++)
        if (h->cols[i].group.n)
            return true;
    return false;
}

static bool any_sub(const struct table_head *h)
{
    for (size_t i = 0; i < h->ncols; i++)
        if (h->cols[i].sub.n)
            return true;
    return false;
}

size_t table_levels(const struct table_head *h)
{
    return h->ncols ? 1 + (size_t)any_group(h) + (size_t)any_sub(h) : 0;
}

struct str table_level_text(const struct table_head *h, size_t i, size_t l)
{
    const struct table_col *c = &h->cols[i];
    size_t label = any_group(h) ? 1 : 0;
    if (l < label)
        return c->group;
    return l == label ? c->label : c->sub;
}
