/* Rows that hang from firms, as JSON and as lists. */
#include "feature/file/file_impl.h"

enum { ROW_MAX = 64 << 10 };

struct str row_json(struct ctx *c, const struct desc *d, const void *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, ROW_MAX);
    jw_init(&w, &b);
    desc_json(d, row, &w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    if (!s.p)
        (void)fail(c, ERR_TOO_LARGE, NULL, NULL);
    return s;
}

struct one_firm {
    const char *where;
    int64_t firm;
};

static enum err one_firm(struct ctx *c, struct list_sql *s, void *arg)
{
    const struct one_firm *o = arg;
    (void)c;
    list_where(s, o->where);
    list_int(s, o->firm);
    return OK;
}

/* Takes a filter by one firm out of the query, so that it can drive; NULL_INT when there is none.
 */
static int64_t firm_filter(struct ctx *c, const struct list_query *in, struct list_query *ret)
{
    const struct list_filter *f = in->filters.p;
    struct list_filter *kept = arena_new(c->a, struct list_filter, in->filters.n + 1);
    int64_t firm = NULL_INT;
    size_t n = 0;
    *ret = *in;
    for (size_t i = 0; kept && i < in->filters.n; i++)
        if (firm != NULL_INT || !str_eqz(f[i].name, "firm") || !str_int(f[i].value, &firm))
            kept[n++] = f[i];
    ret->filters = (struct vec){kept, n};
    return firm;
}

enum err firm_rows_page(
    struct ctx *c, const struct firm_rows *rows, const struct list_query *in, struct list_page *ret)
{
    struct list_query lq;
    struct list_run r = {.c = c, .lq = &lq};
    struct one_firm one = {rows->firm, firm_filter(c, in, &lq)};
    if (!lq.filters.p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    enum err e = c->actor.firm > 0 ? OK : ledger_scope(c, in->org, &r.scope);
    if (c->actor.firm > 0) {
        r.no_scope = true;
        one.firm = one.firm == NULL_INT || one.firm == c->actor.firm ? c->actor.firm : 0;
    }
    if (one.firm != NULL_INT) {
        r.extra = one_firm;
        r.arg = &one;
    }
    int level = path_level(r.scope.p ? r.scope : c->actor.org_path);
    r.def = one.firm == NULL_INT && level >= 3 ? rows->narrow : rows->wide;
    return e ? e : list_page(&r, ret);
}
