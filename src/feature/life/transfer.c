/* Moves between authorities (P8.2 31, M7) as a handshake. One side asks, the other accepts or gives
 * it back with a reason; scope, duties and counters move at the acceptance and never before. The
 * receiving authority recomputes the grade: a manual grade of the old one ends. */
#include "core/batch.h"
#include "feature/ledger/firm_judge.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum { REMIND_AT_ONCE = 200, ACCOUNTS_MAX = 500 };

/* --- asking ----------------------------------------------------------------------------------- */

struct asking {
    struct str town, site_address, reason, side;
};

static enum err destination(
    struct ctx *c, const struct firm_row *firm, struct str town, struct firm_row *ret)
{
    *ret = *firm;
    enum err e = firm_place(c, ret, town);
    if (e)
        return e;
    if (str_eq(ret->p3, firm->p3))
        complain(
            c, S("town"), "same", "迁入地和现在的属地是同一个县（市、区），请直接修改乡镇（街道）");
    return OK;
}

static enum err check_free(struct ctx *c, const struct firm_row *firm)
{
    int64_t open = 0;
    enum err e = life_alive(c, firm);
    if (!e)
        e = life_count(c, SQL_transfer_open, firm->id, &open);
    if (!e && open)
        e = fail(c, ERR_CONFLICT, NULL, "这家单位正在办理迁移，请先办结");
    return e;
}

static enum err ask(struct ctx *c, const struct firm_row *firm, const struct asking *in,
    const struct firm_row *to, struct life_done *ret)
{
    struct transfer_row t;
    bool out = str_eqz(in->side, "out");
    struct note n = {.label = out ? "提出迁出" : "提出迁入", .text = in->reason};
    desc_clear(&transfer_row_desc, &t);
    t.firm = firm->id;
    t.state = S("asked");
    t.side = in->side;
    t.from_org = firm->org;
    t.from_path = firm->org_path;
    t.to_org = to->org;
    t.to_path = to->org_path;
    t.town = in->town;
    t.site_address = in->site_address;
    t.reason = in->reason;
    t.due_day = life_due(c, "transfer_workdays", 5);
    t.asked_by = c->actor.account;
    t.asked_name = c->actor.name;
    t.asked_org = c->actor.org ? c->actor.org : NULL_INT;
    t.asked_at = c->now;
    t.version = 1;
    enum err e = rec_insert(c, &kind_transfer, &t, &n);
    *ret = (struct life_done){t.id, t.state,
        arena_fmt(c->a, "已送%.*s办理；对方接受之前，管辖和责任不变",
            STR_ARG(path_org_name(c, str_sub(out ? t.to_path : t.from_path, 0, 15))))};
    return e;
}

enum err op_transfer_ask(struct ctx *c, const struct transfer_new *in, struct life_done *ret)
{
    struct firm_row firm, to;
    struct asking a = {in->town, in->site_address, in->reason, S("out")};
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = check_free(c, &firm);
    if (!e)
        e = destination(c, &firm, in->town, &to);
    if (!e)
        e = checked(c);
    return e ? e : ask(c, &firm, &a, &to, ret);
}

/* The entry is out of the asker's scope: he must know its code and name exactly. */
static enum err pulled(struct ctx *c, const struct transfer_pull *in, struct firm_row *ret)
{
    struct q q;
    struct str code = in->uscc;
    int64_t id = 0;
    q_begin(&q, c->db, SQL_firm_by_code);
    q_str(&q, "uscc", code);
    while (!id && q_row(&q))
        if (str_eq(q_get_str(&q, 1), in->name))
            id = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    if (!e && !id)
        e = fail(c, ERR_INVALID, "uscc",
            "没有代码和名称都相符的档案；请核对，或在本地新建（录入原因选“迁入”）");
    return e ? e : rec_get(c, &kind_firm, id, ret);
}

enum err op_transfer_pull(struct ctx *c, const struct transfer_pull *in, struct life_done *ret)
{
    struct firm_row firm, to;
    struct asking a = {in->town, in->site_address, in->reason, S("in")};
    enum err e = pulled(c, in, &firm);
    if (!e && scope_has(c, firm.org_path))
        e = fail(c, ERR_INVALID, "uscc", "这家单位已在您的管辖范围内，请在它的档案中提出迁出");
    if (!e)
        e = check_free(c, &firm);
    if (!e)
        e = destination(c, &firm, in->town, &to);
    if (!e && !scope_has(c, to.org_path))
        complain(c, S("town"), "scope", "乡镇（街道）：不在您的管辖范围内");
    if (!e)
        e = checked(c);
    return e ? e : ask(c, &firm, &a, &to, ret);
}

/* --- deciding --------------------------------------------------------------------------------- */

/* A move is seen from both sides; the side that did not ask decides. */
static enum err transfer_need(struct ctx *c, int64_t id, struct transfer_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_transfer, id, ret) : ERR_NOT_FOUND;
    if (!e && !scope_has(c, ret->from_path) && !scope_has(c, ret->to_path))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static bool other_side(struct ctx *c, const struct transfer_row *t)
{
    struct str to = str_eqz(t->side, "out") ? t->to_path : t->from_path;
    return scope_has(c, to) && t->asked_by != c->actor.account;
}

static struct str with_code(struct ctx *c, struct str codes, const char *code)
{
    for (struct str rest = codes; rest.n;)
        if (str_eqz(str_cut(rest, ',', &rest), code))
            return codes;
    return codes.n ? arena_fmt(c->a, "%.*s,%s", STR_ARG(codes), code) : str_z(code);
}

static enum err end_manual(struct ctx *c, struct firm_row *row)
{
    struct grade_change_row old, g;
    struct note n = {.label = "迁移后由接收部门重新定级，人工调整结束"};
    if (row->grade_override == NULL_INT)
        return OK;
    enum err e = rec_get(c, &kind_grade_change, row->grade_override, &old);
    if (e)
        return e;
    g = old;
    g.state = S("expired");
    g.version++;
    row->grade_override = NULL_INT;
    return rec_update(c, &kind_grade_change, &old, &g, &n);
}

/* The firm's people keep their accounts; who may look after them follows the firm. */
static enum err accounts_follow(struct ctx *c, const struct firm_row *firm)
{
    int64_t ids[ACCOUNTS_MAX];
    size_t n = 0;
    struct q q;
    q_begin(&q, c->db, SQL_accounts_of_firm);
    q_int(&q, "firm", firm->id);
    while (n < ACCOUNTS_MAX && q_row(&q))
        ids[n++] = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    for (size_t i = 0; !e && i < n; i++) {
        struct account_row old, row;
        struct note note = {.silent = true};
        e = rec_get(c, &kind_account, ids[i], &old);
        row = old;
        row.org_path = firm->org_path;
        row.version++;
        if (!e)
            e = rec_update(c, &kind_account, &old, &row, &note);
    }
    return e;
}

static enum err move_firm(struct ctx *c, const struct transfer_row *t)
{
    struct firm_row old, row;
    struct note n = {.label = "迁入", .text = t->reason};
    enum err e = rec_get(c, &kind_firm, t->firm, &old);
    row = old;
    if (!e)
        e = life_alive(c, &old);
    if (!e)
        e = firm_place(c, &row, t->town);
    if (e)
        return e;
    row.town = t->town;
    if (t->site_address.n)
        row.site_address = t->site_address;
    row.entry_reason = with_code(c, row.entry_reason, "13");
    row.supervisor = STR_NULL;
    row.supervisor_phone = STR_NULL;
    row.supervisor_since = NULL_INT;
    e = end_manual(c, &row);
    if (!e)
        e = firm_change(c, &old, &row, &n);
    return e ? e : accounts_follow(c, &row);
}

static enum err finish(
    struct ctx *c, const struct transfer_row *old, struct transfer_row *t, const char *label)
{
    struct note n = {.label = label, .text = t->opinion};
    t->decided_by = c->actor.account;
    t->decided_name = c->actor.name;
    t->decided_at = c->now;
    t->version = old->version + 1;
    return rec_update(c, &kind_transfer, old, t, &n);
}

enum err op_transfer_decide(struct ctx *c, const struct transfer_decide *in, struct life_done *ret)
{
    struct transfer_row old, t;
    bool yes = in->accept == 1;
    enum err e = transfer_need(c, in->transfer, &old);
    t = old;
    if (!e)
        e = life_step(c, "workflow_transfer", yes ? "accept" : "refuse", old.state, &t.state);
    if (!e && !other_side(c, &old))
        e = fail(c, ERR_FORBIDDEN, NULL, "迁移由另一方办理，提出的一方不能代为接受");
    if (!e && !yes && !in->opinion.n) {
        complain(c, S("opinion"), "required", "意见：退回时请写明理由");
        e = checked(c);
    }
    if (e)
        return e;
    t.opinion = in->opinion;
    e = finish(c, &old, &t, yes ? "接受迁移" : "退回迁移");
    if (!e && yes)
        e = move_firm(c, &t);
    *ret = (struct life_done){
        t.id, t.state, yes ? S("已迁入：管辖、责任和数字从现在起归迁入地") : S("已退回，管辖不变")};
    return e;
}

enum err op_transfer_withdraw(
    struct ctx *c, const struct transfer_withdraw *in, struct life_done *ret)
{
    struct transfer_row old, t;
    enum err e = transfer_need(c, in->transfer, &old);
    t = old;
    if (!e)
        e = life_step(c, "workflow_transfer", "withdraw", old.state, &t.state);
    if (!e && !scope_has(c, str_eqz(old.side, "out") ? old.from_path : old.to_path))
        e = fail(c, ERR_FORBIDDEN, NULL, "只有提出的一方能撤回");
    if (e)
        return e;
    t.opinion = in->reason;
    e = finish(c, &old, &t, "撤回迁移");
    *ret = (struct life_done){t.id, t.state, STR_NULL};
    return e;
}

/* --- the term --------------------------------------------------------------------------------- */

static enum err remind(struct ctx *c, int64_t id)
{
    struct transfer_row old, t;
    struct note n = {.label = "迁移超过办理期限，提醒双方"};
    enum err e = rec_get(c, &kind_transfer, id, &old);
    t = old;
    t.reminded = c->today;
    t.version++;
    return e ? e : rec_update(c, &kind_transfer, &old, &t, &n);
}

enum err transfer_remind(struct ctx *c)
{
    int64_t ids[REMIND_AT_ONCE];
    size_t n = 0;
    struct q q;
    q_begin(&q, c->db, SQL_transfers_late);
    q_int(&q, "today", c->today);
    while (n < REMIND_AT_ONCE && q_row(&q))
        ids[n++] = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    for (size_t i = 0; !e && i < n; i++)
        e = remind(c, ids[i]);
    return e;
}
