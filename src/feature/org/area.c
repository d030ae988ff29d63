/* Areas (行政区划): the tree that is not the tree of authorities. */
#include "feature/org/org_impl.h"

#include "feature/ops.h"

enum { CHAIN_MAX = 8, CODE_LEN = 12 };

enum err area_get(struct ctx *c, struct str code, struct area_row *ret)
{
    struct q q;
    desc_clear(&area_row_desc, ret);
    q_begin(&q, c->db, SQL_area_get);
    q_str(&q, "code", code);
    return q_one(&q, &area_row_desc, ret, c->a);
}

enum err area_put(struct ctx *c, const struct area_row *row)
{
    struct q q;
    q_begin(&q, c->db, SQL_area_put);
    q_bind(&q, &area_row_desc, row);
    return db_fail(c, q_send(&q));
}

enum err area_chain(struct ctx *c, struct str code,
    bool (*fn)(struct ctx *c, void *arg, const struct area_row *area), void *arg)
{
    struct area_row area;
    bool go = true;
    for (int i = 0; go && code.n && i < CHAIN_MAX; i++) {
        enum err e = area_get(c, code, &area);
        if (e)
            return e == ERR_NOT_FOUND ? OK : e;
        go = fn(c, arg, &area);
        code = area.parent;
    }
    return OK;
}

struct str like_pattern(struct ctx *c, const char *head, struct str q)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_addz(&b, head);
    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '%' || q.p[i] == '_' || q.p[i] == '\\')
            buf_addc(&b, '\\');
        buf_addc(&b, q.p[i]);
    }
    buf_addc(&b, '%');
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* The digits of a code that its descendants share: 141121000 and 141121 are both 141121; 141100 is
 * 1411. Codes of counties have six digits and may end in zero, so only pairs of zeros go, and only
 * from six digits down. */
static struct str significant(struct str code)
{
    while (code.n > 6 && code.p[code.n - 1] == '0' && str_ends(code, S("000")))
        code.n -= 3;
    while (code.n <= 6 && code.n > 2 && str_ends(code, S("00")))
        code.n -= 2;
    return code;
}

static enum err rows(struct q *q, struct ctx *c, struct area_list *ret)
{
    return db_fail(c, q_all(q, &area_view_desc, &ret->items, c->a));
}

static enum err find(struct ctx *c, const struct area_ask *in, struct area_list *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_area_named);
    q_int(&q, "day", c->today);
    q_str(&q, "within", like_pattern(c, "", significant(in->parent)));
    q_str(&q, "pattern", like_pattern(c, "%", in->q));
    q_str(&q, "code", like_pattern(c, "", in->q));
    return rows(&q, c, ret);
}

enum err op_area_list(struct ctx *c, const struct area_ask *in, struct area_list *ret)
{
    struct q q;
    if (in->q.n)
        return find(c, in, ret);
    q_begin(&q, c->db, in->parent.n ? SQL_area_below : SQL_area_tops);
    if (in->parent.n)
        q_str(&q, "parent", in->parent);
    q_int(&q, "day", c->today);
    return rows(&q, c, ret);
}
