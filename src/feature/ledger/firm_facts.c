/* Changing facts of a firm that nothing is derived from but its working pattern: the way of bulk
 * operations, and of handing supervised firms over. */
#include "core/app.h"
#include "core/workflow.h"
#include "feature/ledger/firm_duty.h"

/* The columns that statement firm_update_facts writes. None of them is in an index, in the search
 * words, in a counter, or asked by the grading. */
static bool is_fact(const char *name)
{
    static const char *const names[] = {"supervisor", "supervisor_phone", "supervisor_since",
        "risk_level", "mode", "credit_class", "entry_reason", "rules_status", "reg_authority",
        "fill_org", "filler", "fill_date", "remark", "week_mask", "holidays_off", "updated",
        "version", "jseq"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool differs(const struct field *f, const void *a, const void *b)
{
    const char *x = (const char *)a + f->off, *y = (const char *)b + f->off;
    if (!field_is_text(f->type))
        return *(const int64_t *)x != *(const int64_t *)y;
    const struct str *s = (const struct str *)x, *t = (const struct str *)y;
    return (s->p == NULL) != (t->p == NULL) || !str_eq(*s, *t);
}

static bool only_facts(const struct firm_row *old, const struct firm_row *row)
{
    for (size_t i = 0; i < firm_row_desc.n; i++) {
        const struct field *f = &firm_row_desc.fields[i];
        if (differs(f, old, row) && !is_fact(f->name))
            return false;
    }
    return true;
}

enum err firm_change_facts(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n)
{
    if (!only_facts(old, row))
        return firm_change(c, old, row, n);
    row->version = old->version + 1;
    row->updated = c->now;
    enum err e =
        rec_update_by(c, &kind_firm, SQL_firm_update_facts, &(struct record_pair){old, row}, n);
    bool week = old->week_mask != row->week_mask || old->holidays_off != row->holidays_off;
    return e || !week ? e : firm_duty_count(c, old, row);
}

enum err firm_assign_supervisor(
    struct ctx *c, int64_t firm, const struct supervisor *s, struct str reason)
{
    struct firm_row old, row;
    struct firm_edit in;
    struct note n = {.label = "指定监管责任人", .text = reason};
    enum err e = firm_need(c, firm, &old);
    if (e)
        return e;
    if (!wf_state_editable(c, "workflow_firm", old.state))
        return fail(c, ERR_STATE, "state", "现场审核后、入库前不能修改；如需修改请先退回");
    desc_clear(&firm_edit_desc, &in);
    in.supervisor = s->name;
    in.supervisor_since = s->since == NULL_INT ? c->today : s->since;
    if (!firm_phone_same(c, &old, s->phone))
        in.supervisor_phone = s->phone.p ? s->phone : S("");
    e = firm_edit_apply(c, &in, &old, &row);
    return e || rec_same(&kind_firm, &old, &row) ? e : firm_change_facts(c, &old, &row, &n);
}
