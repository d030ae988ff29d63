/* Changing facts of a firm that nothing is derived from but its working pattern: the way of bulk
 * operations, and of handing supervised firms over. */
#include "core/app.h"
#include "feature/ledger/firm_duty.h"
#include "feature/ledger/firm_supervise.h"

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
    firm_supervisor_since(c, old, row);
    enum err e =
        rec_update_by(c, &kind_firm, SQL_firm_update_facts, &(struct record_pair){old, row}, n);
    bool week = old->week_mask != row->week_mask || old->holidays_off != row->holidays_off;
    return e || !week ? e : firm_duty_count(c, old, row);
}
