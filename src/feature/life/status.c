/* Abnormal status (P8.2): asked for with the day it began, a reason and evidence; reviewed by
 * another person; in force from the approval, with its effect on the daily duty
 * (ledger/firm_duty.c). */
#include "core/codes.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

static bool is_normal(struct str code)
{
    return str_eqz(code, "00");
}

static void check_evidence(struct ctx *c, const struct status_new *in)
{
    struct str needs = jin_str(jin_get(code_row(c, "abnormal", in->to_code), "needs"));
    if (needs.n && !in->evidence.n)
        complain(c, S("evidence"), "required", "证据：请上传%.*s", STR_ARG(needs));
}

static enum err check_new(struct ctx *c, const struct status_new *in, const struct firm_row *firm)
{
    int64_t open = 0;
    enum err e = life_alive(c, firm);
    if (!e)
        e = life_count(c, SQL_status_change_open, firm->id, &open);
    if (e)
        return e;
    if (open)
        return fail(c, ERR_CONFLICT, NULL, "这家单位已有一份待审核的状态变更");
    if (!str_eqz(firm->state, "admitted"))
        return fail(c, ERR_STATE, NULL, "确认入库以后才办理异常状态；入库前请直接在台账中填写");
    if (str_eq(in->to_code, firm->abnormal))
        complain(c, S("to_code"), "same", "现在已经是这个状态");
    if (str_eqz(in->to_code, "51"))
        complain(c, S("to_code"), "procedure", "异常状态：重复建档请在“疑似重复”中合并");
    if (in->since > c->today)
        complain(c, S("since"), "range", "起始日期不能晚于今天");
    if (!is_normal(in->to_code))
        check_evidence(c, in);
    e = life_files(c, firm->id, in->evidence);
    return e ? e : checked(c);
}

enum err op_status_propose(struct ctx *c, const struct status_new *in, struct life_done *ret)
{
    struct firm_row firm;
    struct status_change_row s;
    struct note n = {.label = is_normal(in->to_code) ? "提出解除异常状态" : "提出设置异常状态",
        .text = in->reason};
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = check_new(c, in, &firm);
    if (e)
        return e;
    desc_clear(&status_change_row_desc, &s);
    s.firm = firm.id;
    s.state = S("proposed");
    s.from_code = firm.abnormal;
    s.to_code = in->to_code;
    s.since = in->since;
    s.reason = in->reason;
    s.evidence = in->evidence;
    s.proposed_by = c->actor.account;
    s.proposed_name = c->actor.name;
    s.proposed_at = c->now;
    s.version = 1;
    e = rec_insert(c, &kind_status_change, &s, &n);
    *ret = (struct life_done){s.id, s.state, S("已提出，等待另一位同事审核；审核同意后才生效")};
    return e;
}

static struct str effect(struct ctx *c, struct str code)
{
    struct str duty = jin_str(jin_get(code_row(c, "abnormal", code), "duty"));
    struct str label = code_label(c, "abnormal_duty", duty);
    return arena_fmt(
        c->a, "%.*s：日管控%.*s", STR_ARG(code_label(c, "abnormal", code)), STR_ARG(label));
}

static enum err put_in_force(
    struct ctx *c, const struct status_change_row *s, struct firm_row *firm)
{
    struct firm_row old = *firm;
    struct note n = {
        .label = is_normal(s->to_code) ? "解除异常状态" : "设置异常状态", .text = s->reason};
    if (!str_eq(firm->abnormal, s->from_code))
        return fail(c, ERR_STATE, NULL, "提出之后状态又变了，请退回后重新提出");
    firm->abnormal = s->to_code;
    return firm_change(c, &old, firm, &n);
}

enum err op_status_decide(struct ctx *c, const struct status_decide *in, struct life_done *ret)
{
    struct status_change_row old, s;
    struct firm_row firm;
    bool yes = in->approve == 1;
    enum err e = rec_get(c, &kind_status_change, in->change, &old);
    if (!e)
        e = firm_need(c, old.firm, &firm);
    if (!e && old.proposed_by == c->actor.account)
        e = fail(c, ERR_FORBIDDEN, NULL, "提出人不能审核自己提出的状态变更");
    s = old;
    if (!e)
        e = life_step(c, "workflow_status", yes ? "approve" : "refuse", old.state, &s.state);
    if (!e && !yes && !in->opinion.n) {
        complain(c, S("opinion"), "required", "意见：不同意时请写明理由");
        e = checked(c);
    }
    if (e)
        return e;
    struct note n = {.label = yes ? "同意状态变更" : "不同意状态变更", .text = in->opinion};
    s.decided_by = c->actor.account;
    s.decided_name = c->actor.name;
    s.decided_at = c->now;
    s.opinion = in->opinion;
    s.version++;
    e = rec_update(c, &kind_status_change, &old, &s, &n);
    if (!e && yes)
        e = put_in_force(c, &s, &firm);
    *ret = (struct life_done){s.id, s.state, yes ? effect(c, s.to_code) : STR_NULL};
    return e;
}
