/* The entry workflow: 提交, 现场审核, 确认入库, 退回 (R-112, PL-29, PL-93). */
#include "domain/level.h"
#include "core/app.h"
#include "core/workflow.h"
#include "feature/ledger/firm_view.h"
#include "feature/ops.h"

struct step {
    struct ctx *c;
    const struct firm_step *in;
    struct firm_facts facts;
};

/* What a condition or a required input is compared with: the step's own inputs, then the record. */
static struct str step_fact(void *arg, const char *key)
{
    struct step *s = arg;
    int i = desc_find(&firm_step_desc, str_z(key));
    if (i < 0)
        return firm_fact(&s->facts, key);
    const struct field *f = &firm_step_desc.fields[i];
    const void *m = (const char *)s->in + f->off;
    if (f->type == FT_LIST)
        return ((const struct vec *)m)->n ? S("true") : S("");
    if (field_is_text(f->type))
        return *(const struct str *)m;
    int64_t v = *(const int64_t *)m;
    if (v == NULL_INT)
        return strcmp(key, "paper_match") == 0 && !str_eqz(s->in->action, "review")
                   ? firm_fact(&s->facts, key)
                   : S("");
    return v ? S("true") : S("false");
}

static void lacks(void *arg, struct str field)
{
    struct ctx *c = arg;
    int i = desc_find(&firm_row_desc, field);
    complain(c, field, "required", "%s：还没有填写，请先补全台账",
        i < 0 ? "产品名称" : firm_row_desc.fields[i].label);
}

static struct str level_word(int64_t level)
{
    return str_z(level_code((enum level)level));
}

static void apply(struct ctx *c, const struct firm_step *in, struct firm_row *row)
{
    if (str_eqz(row->state, "reviewed")) {
        row->reviewer = c->actor.name;
        row->review_date = c->today;
        row->review_opinion = in->opinion;
        row->return_reason = STR_NULL;
    } else if (str_eqz(row->state, "admitted")) {
        row->confirm_date = c->today;
        row->confirm_level = level_word(c->actor.level);
        row->warnings = STR_NULL;
        row->return_reason = STR_NULL;
    } else if (str_eqz(row->state, "returned")) {
        row->return_reason = in->reason;
    }
    if (in->uscc_reason.n)
        row->uscc_reason = in->uscc_reason;
}

static enum err guard(struct step *s, const struct firm_row *old, const struct jin **ret)
{
    struct ctx *c = s->c;
    const struct jin *t = wf_find(c, "workflow_firm", s->in->action, old->state);
    if (!t)
        return c->err;
    if (!wf_may(c, t, old->state))
        return fail(c, ERR_FORBIDDEN, NULL, "这一步不由您的层级或岗位办理");
    bool self = jin_bool(jin_get(t, "self"), true);
    if (!self && old->reviewer.p && str_eq(old->reviewer, c->actor.name))
        return fail(c, ERR_FORBIDDEN, NULL, "现场审核和确认入库应由不同的人办理");
    wf_inputs(c, t, step_fact, s);
    wf_needs(t, firm_fact, &s->facts, lacks, c);
    *ret = t;
    return checked(c);
}

enum err op_firm_step(struct ctx *c, const struct firm_step *in, struct firm_view *ret)
{
    struct firm_row old, row;
    const struct jin *t = NULL;
    struct step s = {.c = c, .in = in};
    enum err e = firm_need(c, in->firm, &old);
    if (e)
        return e;
    if (c->if_match != old.version) {
        c->reply.current = firm_json(c, &old);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    e = firm_facts_load(c, &old, &s.facts);
    if (!e)
        e = guard(&s, &old, &t);
    if (e)
        return e;
    row = old;
    row.state = keep(c, wf_to(t));
    struct paper_check_new paper = {
        in->firm, in->paper_match, in->paper_items, in->paper_note, in->scans};
    e = firm_paper_store(c, &paper, &row);
    apply(c, in, &row);
    struct note n = {.label = wf_label(c, t), .text = in->reason.n ? in->reason : in->opinion};
    if (!e)
        e = firm_change(c, &old, &row, &n);
    return e ? e : firm_view_fill(c, &row, ret);
}
