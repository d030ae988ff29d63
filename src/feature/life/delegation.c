/* The level that answers gives a dated task to the 属地 authority (PL-14, R-101): the task is a
 * record with a term in working days and a result; the responsible level and authority of the firm
 * stay. */
#include "feature/ledger/refdata.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

static enum err org_of(struct ctx *c, int64_t id, struct str *ret_path)
{
    struct q q;
    *ret_path = STR_NULL;
    q_begin(&q, c->db, SQL_org_path_of);
    q_int(&q, "id", id);
    if (q_row(&q))
        *ret_path = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

/* The one who takes it stands below the one who gives it, and above the firm or with it. */
static enum err check_new(struct ctx *c, const struct delegation_new *in,
    const struct firm_row *firm, struct delegation_row *d)
{
    enum err e = life_alive(c, firm);
    if (!e)
        e = org_of(c, d->to_org, &d->to_path);
    if (e)
        return e;
    bool below = d->to_path.n > c->actor.org_path.n && scope_has(c, d->to_path);
    if (!below || !str_starts(firm->org_path, d->to_path))
        complain(c, S("to_org"), "scope", "承办机构：应是您的下级、并且管辖这家单位的机构");
    if (d->due_day < c->today)
        complain(c, S("due_day"), "range", "完成期限：不能早于今天");
    if (in->due_day != NULL_INT && in->workdays != NULL_INT)
        complain(c, S("workdays"), "both", "完成期限：日期和工作日数填一个就行");
    return checked(c);
}

static int64_t due_of(struct ctx *c, const struct delegation_new *in)
{
    if (in->due_day != NULL_INT)
        return in->due_day;
    if (in->workdays != NULL_INT)
        return workday_add(&ref_tables(c->app)->calendar, c->today, in->workdays, NULL);
    return life_due(c, "delegation_workdays", 10);
}

enum err op_delegation_create(struct ctx *c, const struct delegation_new *in, struct life_done *ret)
{
    struct firm_row firm;
    struct delegation_row d;
    struct note n = {.label = "交办属地", .text = in->what};
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&delegation_row_desc, &d);
    d.firm = firm.id;
    d.state = S("open");
    d.from_org = c->actor.org;
    d.from_path = c->actor.org_path;
    d.to_org = in->to_org == NULL_INT ? firm.org : in->to_org;
    d.what = in->what;
    d.due_day = due_of(c, in);
    d.at = c->now;
    d.by_account = c->actor.account;
    d.by_name = c->actor.name;
    d.version = 1;
    e = check_new(c, in, &firm, &d);
    if (!e)
        e = rec_insert(c, &kind_delegation, &d, &n);
    *ret = (struct life_done){d.id, d.state, S("已交办；监管层级和责任部门不变")};
    return e;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void take_result(struct ctx *c, const struct delegation_step *in, struct delegation_row *d)
{
    d->result = in->text;
    d->evidence = in->evidence;
    d->result_day = c->today;
    d->result_by = c->actor.account;
    d->result_name = c->actor.name;
}

static void take_end(struct ctx *c, const struct delegation_step *in, struct delegation_row *d)
{
    d->opinion = in->text;
    if (str_eqz(d->state, "open"))
        return;
    d->closed_day = c->today;
    d->closed_by = c->actor.account;
    d->closed_name = c->actor.name;
}

/* answer is the taker's step, the others are the giver's. */
static enum err may_step(struct ctx *c, const struct delegation_row *d, bool answer)
{
    if (answer && !scope_has(c, d->to_path))
        return fail(c, ERR_FORBIDDEN, NULL, "由承办机构报结果");
    if (answer && str_eq(c->actor.org_path, d->from_path))
        return fail(c, ERR_FORBIDDEN, NULL, "由承办机构报结果，交办的一方不能代报");
    if (!answer && !scope_has(c, d->from_path))
        return fail(c, ERR_FORBIDDEN, NULL, "这一步由交办的一方办理");
    return OK;
}

static const struct {
    const char *action, *label;
    bool text;
} steps[] = {{"answer", "报交办结果", true}, {"close", "交办办结", false},
    {"return", "退回重办", true}, {"withdraw", "撤回交办", true}};

static const char *label_of(struct str action, bool *ret_text)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (str_eqz(action, steps[i].action)) {
            *ret_text = steps[i].text;
            return steps[i].label;
        }
    return "交办";
}

static enum err delegation_need(struct ctx *c, int64_t id, struct delegation_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_delegation, id, ret) : ERR_NOT_FOUND;
    if (!e && !scope_has(c, ret->from_path) && !scope_has(c, ret->to_path))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err op_delegation_step(struct ctx *c, const struct delegation_step *in, struct life_done *ret)
{
    struct delegation_row old, d;
    bool answer = str_eqz(in->action, "answer"), text = false;
    struct note n = {.label = label_of(in->action, &text), .text = in->text};
    enum err e = delegation_need(c, in->delegation, &old);
    d = old;
    if (!e)
        e = life_step(c, "workflow_delegation", keep(c, in->action).p, old.state, &d.state);
    if (!e)
        e = may_step(c, &old, answer);
    if (!e && text && !in->text.n)
        complain(c, S("text"), "required", "内容：必须填写");
    if (!e)
        e = life_files(c, old.firm, in->evidence);
    if (!e)
        e = checked(c);
    if (e)
        return e;
    if (answer)
        take_result(c, in, &d);
    else
        take_end(c, in, &d);
    d.version++;
    e = rec_update(c, &kind_delegation, &old, &d, &n);
    *ret = (struct life_done){d.id, d.state, STR_NULL};
    return e;
}
