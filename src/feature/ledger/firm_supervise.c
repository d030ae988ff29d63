/* 监管责任人 (PL-19, R-104): the dated history of who supervises a firm. It begins with the first
 * change: until then the firm's own columns tell all there is to tell, and a ledger that is
 * imported writes nothing twice. */
#include "feature/ledger/firm_supervise.h"

#include "core/app.h"
#include "core/crypto.h"
#include "core/template.h"
#include "base/civil.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

void firm_supervisor_since(struct ctx *c, const struct firm_row *old, struct firm_row *row)
{
    if (!str_eq(old->supervisor, row->supervisor) && row->supervisor.n &&
        row->supervisor_since == old->supervisor_since)
        row->supervisor_since = c->today;
}

/* Until when the change was to be entered, and how late it is. */
static void judge(struct ctx *c, struct firm_supervisor_row *s)
{
    const struct workday_calendar *cal = &ref_tables(c->app)->calendar;
    bool provisional = false;
    int64_t days = setting_int(c->app, "supervisor_change_workdays", 5);
    s->due_day = workday_add(cal, s->from_day, days, &provisional);
    s->late = workday_between(cal, s->due_day, s->noted_day);
    s->provisional = provisional;
}

static enum err open_row(struct ctx *c, int64_t firm, struct firm_supervisor_row *ret)
{
    struct q q;
    desc_clear(&firm_supervisor_row_desc, ret);
    q_begin(&q, c->db, SQL_firm_supervisor_open);
    q_int(&q, "firm", firm);
    return q_one(&q, &firm_supervisor_row_desc, ret, c->a);
}

/* What was known before the history began; it ends as it is written. */
static enum err first_row(struct ctx *c, const struct firm_row *old, int64_t last)
{
    struct firm_supervisor_row s;
    int64_t began = civil_today(old->created);
    desc_clear(&firm_supervisor_row_desc, &s);
    s.firm = old->id;
    s.name = old->supervisor;
    s.from_day = old->supervisor_since != NULL_INT ? old->supervisor_since : began;
    s.to_day = last < s.from_day ? s.from_day : last;
    s.noted_day = s.due_day = s.from_day;
    s.late = s.provisional = 0;
    s.by_account = old->created_by;
    s.by_name = S("原台账");
    struct note n = {.label = "监管责任人（原台账）", .text = old->supervisor, .silent = true};
    return rec_insert(c, &kind_firm_supervisor, &s, &n);
}

static enum err end_row(struct ctx *c, const struct firm_supervisor_row *was, int64_t last)
{
    struct firm_supervisor_row row = *was;
    struct note n = {.label = "监管责任人离任", .silent = true};
    row.to_day = last < was->from_day ? was->from_day : last;
    return rec_update(c, &kind_firm_supervisor, was, &row, &n);
}

static enum err begin_row(
    struct ctx *c, const struct firm_row *row, const struct supervisor_who *who)
{
    struct firm_supervisor_row s;
    struct note n = {.label = "监管责任人", .silent = true}; /* the firm's own history tells it */
    desc_clear(&firm_supervisor_row_desc, &s);
    s.firm = row->id;
    s.name = row->supervisor;
    s.account = who && who->account > 0 ? who->account : NULL_INT;
    s.handover = who && who->handover > 0 ? who->handover : NULL_INT;
    s.from_day = row->supervisor_since != NULL_INT ? row->supervisor_since : c->today;
    s.noted_day = c->today;
    s.by_account = c->actor.account;
    s.by_name = c->actor.name;
    judge(c, &s);
    return rec_insert(c, &kind_firm_supervisor, &s, &n);
}

/* The same person, another first day: a correction. */
static enum err correct(struct ctx *c, const struct firm_row *row)
{
    struct firm_supervisor_row was, s;
    struct note n = {.label = "更正履职时间", .silent = true};
    enum err e = open_row(c, row->id, &was);
    if (e)
        return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
    if (row->supervisor_since == NULL_INT)
        return OK;
    s = was;
    s.from_day = row->supervisor_since;
    judge(c, &s);
    return rec_update(c, &kind_firm_supervisor, &was, &s, &n);
}

enum err firm_supervisor_keep(struct ctx *c, const struct firm_row *old, const struct firm_row *row,
    const struct supervisor_who *who, const struct firm_supervisor_row *open)
{
    struct firm_supervisor_row was;
    int64_t begins = c->today;
    bool same = str_eq(old->supervisor, row->supervisor);
    if (same)
        return old->supervisor_since == row->supervisor_since ? OK : correct(c, row);
    if (row->supervisor.n && row->supervisor_since != NULL_INT)
        begins = row->supervisor_since;
    enum err e = OK;
    if (open)
        was = *open;
    else
        e = open_row(c, row->id, &was);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    if (!e && was.id != NULL_INT)
        e = end_row(c, &was, begins - 1);
    else
        e = old->supervisor.n ? first_row(c, old, begins - 1) : OK;
    return e || !row->supervisor.n ? e : begin_row(c, row, who);
}

/* --- appointing --------------------------------------------------------------------------------
 */

enum err firm_supervise(
    struct ctx *c, struct firm_row *row, const struct supervisor_who *who, const struct note *n)
{
    struct firm_row old = *row;
    row->supervisor = who->name;
    row->supervisor_since = who->from_day != NULL_INT ? who->from_day : c->today;
    if (!str_eq(old.supervisor, row->supervisor))
        row->supervisor_phone = STR_NULL; /* the number was the other person's */
    enum err e = who->phone.n ? firm_phone_set(c, row, who->phone) : OK;
    return e ? e : firm_change_by(c, &old, row, who, n);
}

/* --- showing -----------------------------------------------------------------------------------
 */

enum err op_supervisor_list(struct ctx *c, const struct firm_ref *in, struct supervisor_list *ret)
{
    struct firm_row firm;
    struct q q;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_firm_supervisors);
    q_int(&q, "firm", firm.id);
    e = db_fail(c, q_all(&q, &supervisor_view_desc, &ret->items, c->a));
    if (e || ret->items.n || !firm.supervisor.n)
        return e;
    struct supervisor_view *v = arena_new(c->a, struct supervisor_view, 1);
    if (!v)
        return fail(c, ERR_NOMEM, NULL, NULL);
    desc_clear(&supervisor_view_desc, v);
    v->name = firm.supervisor;
    v->from_day = firm.supervisor_since;
    v->by_name = S("原台账");
    ret->items = (struct vec){v, 1};
    return OK;
}
