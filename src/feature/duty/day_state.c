/* A firm's days: what was owed, what became of it. */
#include "base/civil.h"
#include "core/app.h"
#include "core/template.h"
#include "feature/duty/duty_day.h"
#include "feature/ledger/refdata.h"

struct str daily_number(struct ctx *c, int64_t id)
{
    struct civil d = civil_of((id >> 38) + DAILY_EPOCH);
    long long firm = id >> 4 & 0x3FFFFFFFF;
    return arena_fmt(
        c->a, "%04d%02d%02d-%lld-%d", d.year, d.month, d.day, firm, (int)(id & 15) + 1);
}

/* --- the duty of a firm ---------------------------------------------------------------------- */

struct pauses {
    struct duty_pause *p;
    size_t n, room;
};

static bool pause_add(struct ctx *c, struct pauses *to, struct duty_pause v)
{
    if (to->n == to->room) {
        size_t room = to->room ? to->room * 2 : 8;
        struct duty_pause *more = arena_new(c->a, struct duty_pause, room);
        if (!more)
            return false;
        if (to->n)
            memcpy(more, to->p, to->n * sizeof *more);
        to->p = more;
        to->room = room;
    }
    to->p[to->n++] = v;
    return true;
}

static enum err pauses_load(struct ctx *c, int64_t firm, struct duty_facts *f)
{
    struct pauses stops = {NULL, 0, 0}, gaps = {NULL, 0, 0};
    struct q q;
    bool good = true;
    q_begin(&q, c->db, SQL_duty_pauses);
    q_int(&q, "firm", firm);
    while (good && q_row(&q)) {
        struct duty_pause p = {q_get_int(&q, 1), q_get_int(&q, 2)};
        good = pause_add(c, q_get_int(&q, 0) ? &stops : &gaps, p);
    }
    enum err e = q_end(&q);
    f->plan.pauses = stops.p;
    f->plan.npauses = stops.n;
    f->gaps = gaps.p;
    f->ngaps = gaps.n;
    return good ? db_fail(c, e) : fail(c, ERR_NOMEM, NULL, NULL);
}

static enum err opened_load(struct ctx *c, struct duty_facts *f)
{
    struct q q;
    f->first_open = f->last_open = NULL_INT;
    q_begin(&q, c->db, SQL_duty_days);
    if (q_row(&q)) {
        f->first_open = q_get_int(&q, 0);
        f->last_open = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

static struct duty_plan plan_of(const struct firm_row *firm)
{
    return (struct duty_plan){.from = firm->duty_from,
        .until = INT64_MAX,
        .week = (unsigned)firm->week_mask,
        .holidays_off = firm->holidays_off == 1};
}

enum err duty_facts_load(struct ctx *c, const struct firm_row *firm, struct duty_facts *ret)
{
    ret->plan = plan_of(firm);
    enum err e = opened_load(c, ret);
    if (e)
        return e;
    /* What lies before the store's first day was never asked for here. */
    if (ret->plan.from != NULL_INT && ret->first_open != NULL_INT &&
        ret->plan.from < ret->first_open)
        ret->plan.from = ret->first_open;
    return pauses_load(c, firm->id, ret);
}

static bool in_gap(const struct duty_facts *f, int64_t day)
{
    for (size_t i = 0; i < f->ngaps; i++)
        if (f->gaps[i].from <= day && day <= f->gaps[i].to)
            return true;
    return false;
}

enum duty duty_facts_on(struct ctx *c, const struct duty_facts *f, int64_t day)
{
    return in_gap(f, day) ? DUTY_NONE : duty_on(&f->plan, &ref_tables(c->app)->calendar, day);
}

bool duty_facts_owed(struct ctx *c, const struct duty_facts *f, int64_t day)
{
    return duty_facts_on(c, f, day) != DUTY_NONE;
}

bool duty_works(struct ctx *c, const struct firm_row *firm, int64_t day)
{
    struct duty_plan plan = plan_of(firm);
    return duty_on(&plan, &ref_tables(c->app)->calendar, day) == DUTY_DUE;
}

/* --- one day --------------------------------------------------------------------------------- */

/* A record that is there is told as such, whether the day was owed or not. */
static enum duty_status status_of(
    struct ctx *c, const struct duty_facts *f, const struct day_state *s, bool filed, bool late)
{
    int64_t after = setting_int(c->app, "missing_after_days", DUTY_MISSING_AFTER);
    if (filed)
        return late ? DAY_LATE : DAY_ON_TIME;
    return duty_status(duty_facts_on(c, f, s->day), s->day, c->today, NULL_INT, after);
}

enum err day_state_fill(struct ctx *c, const struct firm_row *firm, const struct duty_facts *f,
    int64_t day, struct day_state *ret)
{
    struct q q;
    bool late = false;
    desc_clear(&day_state_desc, ret);
    ret->day = day;
    q_begin(&q, c->db, SQL_daily_newest);
    q_int(&q, "first", daily_id(day, firm->id, 1));
    q_int(&q, "last", daily_id(day, firm->id, DAILY_VERSIONS));
    bool filed = q_row(&q);
    if (filed) {
        q_read(&q, &day_state_desc, ret, c->a);
        late = q_get_int(&q, 2) == 1;
    }
    enum err e = q_end(&q);
    enum duty_status s = status_of(c, f, ret, filed, late);
    ret->state = str_z(duty_status_code(s));
    ret->state_label = str_z(duty_status_label(s));
    return db_fail(c, e);
}
