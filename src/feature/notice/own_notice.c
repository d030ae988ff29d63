/* What a firm is told of: its list, and its own receipt. */
#include "core/app.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"

enum err op_own_notice_list(struct ctx *c, const struct none *in, struct own_notices *ret)
{
    struct firm_row firm;
    struct q q;
    (void)in;
    enum err e = firm_need(c, c->actor.firm, &firm);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_own_notices_of);
    q_int(&q, "firm", firm.id);
    bind_prefixes(c, &q, firm.org_path);
    q_str(&q, "kind1", str_eqz(firm.kind, "seller") ? S("all") : S("producer"));
    q_str(&q, "kind2", str_eqz(firm.kind, "producer") ? S("all") : S("seller"));
    e = q_all(&q, &own_notice_desc, &ret->items, c->a);
    const struct own_notice *items = ret->items.p;
    ret->unread = 0;
    for (size_t i = 0; !e && i < ret->items.n; i++)
        ret->unread += items[i].read_at == NULL_INT;
    return db_fail(c, e);
}

/* Once per firm: a second confirmation changes nothing. */
enum err op_own_notice_read(struct ctx *c, const struct own_read *in, struct notice_view *ret)
{
    struct firm_row firm;
    struct notice_row n;
    struct telling_row row;
    bool mine = false;
    enum err e = firm_need(c, c->actor.firm, &firm);
    if (!e)
        e = notice_read(c, in->notice, &n);
    if (!e)
        e = notice_covers_firm(c, &n, &firm, &mine);
    if (!e && !mine)
        e = fail(c, ERR_STATE, "notice", "这份文件不用本单位确认阅读");
    if (!e)
        e = notice_show(c, &n, ret);
    if (e || ret->read_at != NULL_INT)
        return e;
    desc_clear(&telling_row_desc, &row);
    row.way = S("receipt");
    row.day = c->today;
    row.told = c->actor.name;
    row.device_at = in->device_at;
    e = telling_put(c, &n, &firm, &row);
    return e ? e : notice_show(c, &n, ret);
}
