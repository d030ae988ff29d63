/* Any list as a file. The list operation itself runs in the job with a sink in its context, so
 * what goes out has the scope, the conditions and the masking of the list on the screen; a list
 * joins by being a row of ops.def with OP_LIST. Rows stream into the table. */
#include <string.h>

#include "core/app.h"
#include "core/decode.h"
#include "feature/bulk/bulk.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"
#include "render/table.h"

enum { COLS = 120, WIDTH = 16, SPEC_MAX = 64 << 10 };

struct taking {
    struct ctx *c;
    struct job *j;
    struct table_out *out;
    const struct op *op;
    struct list_export in;
    bool shown[COLS]; /* of the chosen columns: what people see, not what the page needs */
    size_t n;
    int64_t rows;
    enum err e;
};

/* The name of a list stands before the bracket of its help. */
static struct str title_of(struct ctx *c, const struct op *op)
{
    const char *at = strstr(op->help, "（");
    struct str s = str_z(op->help);
    return keep(c, at ? str_sub(s, 0, (size_t)(at - op->help)) : s);
}

/* An authority's people take lists out as they do the ledger; others have only what is theirs. */
static enum err find(struct ctx *c, struct str list, const struct op **ret)
{
    const struct op *op = op_find(&c->app->ops, list);
    if (!op || !(op->flags & OP_LIST) || op->in != &list_query_desc || op->out != &list_page_desc)
        return fail(c, ERR_INVALID, "list", "没有这个列表");
    if (!can(c, op->perm) || (c->actor.org && !can(c, PERM_FIRM_EXPORT)))
        return fail(c, ERR_FORBIDDEN, NULL, NULL);
    *ret = op;
    return OK;
}

static enum err run(struct taking *x, const struct list_sink *sink)
{
    struct list_query lq;
    struct list_page page;
    struct ctx *c = x->c;
    desc_clear(&list_query_desc, &lq);
    desc_clear(&list_page_desc, &page);
    lq.org = x->in.org;
    lq.q = x->in.q;
    lq.sort = x->in.sort;
    lq.columns = x->in.columns;
    enum err e = filters_read(c, x->in.filters, &lq);
    c->sink = sink;
    if (!e)
        e = x->op->run(c, &lq, &page);
    c->sink = NULL;
    return e ? e : x->e;
}

static bool asked(struct str columns, const char *name)
{
    while (columns.n)
        if (str_eqz(str_cut(columns, ',', &columns), name))
            return true;
    return false;
}

static enum err only_checked(void *arg, const struct list_col *const *cols, size_t n)
{
    (void)arg;
    (void)cols;
    (void)n;
    return OK;
}

static struct str spec_of(struct ctx *c, const struct list_export *in)
{
    struct buf b;
    struct jw w;
    buf_init(&b, SPEC_MAX);
    jw_init(&w, &b);
    desc_json(&list_export_desc, in, &w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err op_export_list(struct ctx *c, const struct list_export *in, struct none *ret)
{
    static const struct list_sink check = {.head = only_checked};
    struct taking x = {.c = c, .in = *in};
    struct job_spec spec = {.kind = "export_list"};
    (void)ret;
    enum err e = find(c, in->list, &x.op);
    if (!e)
        e = run(&x, &check);
    if (e)
        return e;
    spec.title = title_of(c, x.op);
    spec.input = spec_of(c, in);
    if (!spec.input.p)
        return fail(c, ERR_TOO_LARGE, NULL, NULL);
    e = job_create(c, &spec, &c->reply.job);
    return e ? e : journal_event(c, 0, "导出列表", spec.title);
}

/* --- the job ---------------------------------------------------------------------------------- */

static enum err head_out(void *arg, const struct list_col *const *cols, size_t n)
{
    struct taking *x = arg;
    struct table_col heads[COLS];
    size_t shown = 0;
    for (x->n = 0; x->n < n && x->n < COLS; x->n++) {
        const struct list_col *col = cols[x->n];
        x->shown[x->n] = !(col->flags & LC_ALWAYS) || asked(x->in.columns, col->name) ||
                         (col->flags & LC_DEFAULT && !x->in.columns.n);
        if (x->shown[x->n])
            heads[shown++] = (struct table_col){.label = str_z(col->label), .width = WIDTH};
    }
    if (!shown)
        return fail(x->c, ERR_INVALID, "columns", "请至少选择一列");
    return table_sheet(
        x->out, &(struct table_head){
                    .sheet = S("列表"), .title = x->j->row.title, .cols = heads, .ncols = shown});
}

static bool row_out(void *arg, const struct list_cell *cells, size_t n)
{
    struct taking *x = arg;
    struct table_cell out[COLS];
    size_t shown = 0;
    for (size_t i = 0; i < n && i < x->n; i++)
        if (x->shown[i])
            out[shown++] = export_cell(&cells[i]);
    x->e = table_row(x->out, out, shown);
    x->rows++;
    if (!x->e)
        x->e = job_step(x->c, x->j, x->rows, x->rows + 1);
    return x->e == OK;
}

static enum err spec_read(struct ctx *c, const struct job *j, struct list_export *in)
{
    const struct jin *doc = NULL;
    desc_clear(&list_export_desc, in);
    if (jin_parse(j->row.input, 16, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    decode_json(c, &list_export_desc, in, doc, S(""));
    jin_free(doc);
    return checked(c);
}

enum err job_export_list(struct ctx *c, struct job *j)
{
    struct taking x = {.c = c, .j = j};
    const struct list_sink sink = {head_out, row_out, &x};
    enum err e = spec_read(c, j, &x.in);
    if (!e)
        e = find(c, x.in.list, &x.op);
    bool csv = str_eqz(x.in.format, "csv");
    if (!e)
        e = table_open(
            csv ? TABLE_CSV : TABLE_XLSX, job_file(c, j->row.id, csv ? "csv" : "xlsx").p, &x.out);
    if (!e)
        e = table_close(x.out, run(&x, &sink));
    if (!e)
        e = job_step(c, j, x.rows, x.rows);
    j->result = arena_fmt(c->a, "{\"rows\":%lld}", (long long)x.rows);
    return e ? fail(c, e, NULL, NULL) : OK;
}
