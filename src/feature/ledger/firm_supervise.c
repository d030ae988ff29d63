/* 监管责任人 (PL-19, R-104): who supervises a firm stands in the firm's record; who did so before,
 * and whether each change was entered in time, is read from the firm's own history. */
#include "feature/ledger/firm_supervise.h"

#include "base/civil.h"
#include "base/jsonin.h"
#include "core/app.h"
#include "core/template.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

enum { TERMS_MAX = 200 };

void firm_supervisor_since(struct ctx *c, const struct firm_row *old, struct firm_row *row)
{
    if (!str_eq(old->supervisor, row->supervisor) && row->supervisor.n &&
        row->supervisor_since == old->supervisor_since)
        row->supervisor_since = c->today;
}

enum err firm_supervise(
    struct ctx *c, struct firm_row *row, const struct supervisor_who *who, const struct note *n)
{
    struct firm_row old = *row;
    row->supervisor = who->name;
    row->supervisor_since = who->from_day != NULL_INT ? who->from_day : c->today;
    if (!str_eq(old.supervisor, row->supervisor))
        row->supervisor_phone = STR_NULL; /* the number was the other person's */
    enum err e = who->phone.n ? firm_phone_set(c, row, who->phone) : OK;
    return e ? e : firm_change(c, &old, row, n);
}

/* --- the terms, newest first --------------------------------------------------------------------
 */

struct terms {
    struct ctx *c;
    struct supervisor_view *rows;
    size_t n;
    struct str name; /* of the term that is being read backwards */
    int64_t from, to;
};

/* Until when the change was to be entered, and how late it is. */
static void judge(struct ctx *c, struct supervisor_view *v)
{
    const struct workday_calendar *cal = &ref_tables(c->app)->calendar;
    bool provisional = false;
    int64_t days = setting_int(c->app, "supervisor_change_workdays", 5);
    v->due_day = workday_add(cal, v->from_day, days, &provisional);
    v->late = workday_between(cal, v->due_day, v->noted_day);
    v->provisional = provisional;
}

/* The term ends here, read backwards: it began with a change, noted then (q), or with the file. */
static void term_put(struct terms *t, struct q *q)
{
    if (!t->name.n || t->n == TERMS_MAX)
        return;
    struct supervisor_view *v = &t->rows[t->n++];
    desc_clear(&supervisor_view_desc, v);
    v->name = t->name;
    v->to_day = t->to;
    v->from_day = t->from;
    v->by_name = S("原台账");
    if (!q)
        return;
    v->noted_day = civil_today(q_get_int(q, 0));
    v->by_name = keep(t->c, q_get_str(q, 3));
    if (v->from_day == NULL_INT)
        v->from_day = v->noted_day;
    judge(t->c, v);
}

static const struct jin *change_of(const struct jin *changes, const char *field)
{
    for (size_t i = 0; i < jin_len(changes); i++)
        if (str_eqz(jin_str(jin_get(jin_at(changes, i), "field")), field))
            return jin_at(changes, i);
    return NULL;
}

/* One entry of the history; a change of the day alone is a correction of the same term. */
static void entry_read(struct terms *t, struct q *q)
{
    const struct jin *note = NULL;
    if (jin_parse(q_get_str(q, 1), 16, &note))
        return;
    const struct jin *changes = jin_get(note, "changes");
    const struct jin *who = change_of(changes, "supervisor");
    const struct jin *since = change_of(changes, "supervisor_since");
    if (who) {
        int64_t began = t->from != NULL_INT && t->name.n ? t->from : civil_today(q_get_int(q, 0));
        term_put(t, q);
        t->name = keep(t->c, jin_str(jin_get(who, "old")));
        if (since && !civil_parse_day(jin_str(jin_get(since, "old")), &t->from))
            t->from = NULL_INT;
        t->to = t->from != NULL_INT && began - 1 < t->from ? t->from : began - 1;
    }
    jin_free(note);
}

enum err op_supervisor_list(struct ctx *c, const struct firm_ref *in, struct supervisor_list *ret)
{
    struct firm_row firm;
    struct q q;
    struct terms t = {.c = c, .rows = arena_new(c->a, struct supervisor_view, TERMS_MAX)};
    enum err e = firm_need(c, in->firm, &firm);
    if (e || !t.rows)
        return e ? e : fail(c, ERR_NOMEM, NULL, NULL);
    t.name = firm.supervisor;
    t.from = firm.supervisor_since;
    t.to = NULL_INT;
    q_begin(&q, c->db, SQL_journal_firm_changes);
    q_int(&q, "firm", firm.id);
    q_int(&q, "kind", kind_firm.code);
    while (q_row(&q))
        entry_read(&t, &q);
    e = db_fail(c, q_end(&q));
    term_put(&t, NULL);
    ret->items = (struct vec){t.rows, t.n};
    return e;
}
