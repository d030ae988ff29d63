/* The board: numbers by rule for an authority and those below it, in the order of their codes. */
#include "feature/quality/quality.h"

#include "base/jsonin.h"
#include "core/app.h"
#include "core/meta.h"
#include "core/template.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"

enum { RULES_MAX = 64, COUNTS_MAX = 8000 };

static enum err rules_of(
    struct ctx *c, struct str path, const struct jin *rules, struct quality_board *ret)
{
    int64_t counts[RULES_MAX] = {0};
    struct q q;
    struct quality_rule *items = arena_new(c->a, struct quality_rule, jin_len(rules) + 1);
    size_t n = 0;
    if (!items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_quality_own);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    while (q_row(&q))
        if (q_get_int(&q, 0) > 0 && q_get_int(&q, 0) < RULES_MAX)
            counts[q_get_int(&q, 0)] = q_get_int(&q, 1);
    for (size_t i = 0; i < jin_len(rules); i++) {
        const struct jin *r = jin_at(rules, i);
        struct quality_rule *it = &items[n];
        desc_clear(&quality_rule_desc, it);
        it->no = jin_int(jin_get(r, "no"), 0);
        if (!jin_bool(jin_get(r, "on"), true) || it->no <= 0 || it->no >= RULES_MAX)
            continue;
        it->label = keep(c, jin_str(jin_get(r, "label")));
        it->kind = keep(c, jin_str(jin_get(r, "kind")));
        it->severity = keep(c, jin_str(jin_get(r, "severity")));
        it->text = keep(c, jin_str(jin_get(r, "text")));
        it->limit = jin_int(jin_get(r, "limit"), NULL_INT);
        it->unit = keep(c, jin_str(jin_get(r, "unit")));
        it->firms = counts[it->no];
        n++;
    }
    ret->rules = (struct vec){items, n};
    return db_fail(c, q_end(&q));
}

struct children {
    struct ctx *c;
    struct quality_org *items;
    size_t n, cap;
    struct buf counts;
};

static void child_close(struct children *x)
{
    if (!x->n)
        return;
    buf_addc(&x->counts, '}');
    x->items[x->n - 1].counts = keep(x->c, buf_str(&x->counts));
}

static enum err child_row(struct children *x, struct q *q)
{
    if (!x->n || x->items[x->n - 1].org != q_get_int(q, 0)) {
        child_close(x);
        if (x->n == x->cap)
            return ERR_TOO_LARGE;
        struct quality_org *it = &x->items[x->n++];
        desc_clear(&quality_org_desc, it);
        it->org = q_get_int(q, 0);
        it->org_name = keep(x->c, q_get_str(q, 1));
        it->level = q_get_int(q, 2);
        it->total = q_get_int(q, 3);
        buf_reset(&x->counts);
        buf_addc(&x->counts, '{');
    }
    if (!q_get_null(q, 4))
        buf_fmt(&x->counts, "%s\"%lld\":%lld", x->counts.n > 1 ? "," : "",
            (long long)q_get_int(q, 4), (long long)q_get_int(q, 5));
    return OK;
}

static enum err children_of(struct ctx *c, struct str path, int64_t org, struct quality_board *ret)
{
    struct children x = {.c = c, .cap = 1000};
    struct q q;
    enum err e = OK;
    x.items = arena_new(c->a, struct quality_org, x.cap);
    if (!x.items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    buf_init(&x.counts, COUNTS_MAX);
    q_begin(&q, c->db, SQL_quality_children);
    q_int(&q, "level", path_level(path) + 1);
    q_int(&q, "parent", org);
    while (!e && q_row(&q))
        e = child_row(&x, &q);
    child_close(&x);
    buf_free(&x.counts);
    enum err end = q_end(&q);
    ret->items = (struct vec){x.items, x.n};
    return e ? fail(c, e, NULL, NULL) : db_fail(c, end);
}

static enum err own_of(struct ctx *c, struct str path, struct quality_board *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", path);
    if (q_row(&q)) {
        ret->org = q_get_int(&q, 0);
        ret->level = q_get_int(&q, 1);
        ret->org_name = keep(c, q_get_str(&q, 2));
    }
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    ret->total = q_row(&q) ? q_get_int(&q, 0) : 0;
    return db_fail(c, q_end(&q));
}

enum err op_quality_board(struct ctx *c, const struct quality_ask *in, struct quality_board *ret)
{
    struct list_query lq;
    struct list_run r;
    struct str at;
    const struct jin *rules =
        jin_get(template_body(c->app, "quality_rules", &ret->version), "rules");
    desc_clear(&list_query_desc, &lq);
    lq.org = in->org;
    enum err e = firm_run(c, &lq, &r);
    if (!e)
        e = own_of(c, r.scope, ret);
    if (!e)
        e = rules_of(c, r.scope, rules, ret);
    if (!e)
        e = children_of(c, r.scope, ret->org, ret);
    if (!e && (meta_get(c, "quality_at", &at) || !str_int(at, &ret->checked)))
        ret->checked = NULL_INT;
    return e;
}

enum err op_quality_check(struct ctx *c, const struct none *in, struct none *ret)
{
    struct job_spec spec = {.kind = "quality", .title = S("核对数据质量")};
    (void)in;
    (void)ret;
    return job_create(c, &spec, &c->reply.job);
}
