/* Opening days.
 *
 * Method. A day's `due` is not counted firm by firm: duty_stock holds, per org and working pattern,
 * how many firms are in duty. Opening a day adds the stock of every pattern that works on it, then
 * moves firms whose reported stop covers the day from due to excused. Both are one statement each;
 * the cost follows the number of orgs and stops, never that of firms. */
#include "base/civil.h"
#include "core/app.h"
#include "feature/duty/duty_day.h"
#include "feature/ledger/refdata.h"

enum { OPEN_BACK = 400 };

struct day_terms duty_day_terms(struct ctx *c, int64_t day)
{
    const struct holiday *h = workday_find(&ref_tables(c->app)->calendar, day);
    return (struct day_terms){
        .bit = 1 << (civil_weekday(day) - 1), .rest = h ? h->type == HOLIDAY_WORK : -1};
}

static enum err count_day(struct ctx *c, enum sql_id id, int64_t day, const struct day_terms *t)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "day", day);
    q_int(&q, "bit", t->bit);
    q_int(&q, "rest", t->rest);
    return db_fail(c, q_send(&q));
}

static enum err open_day(struct ctx *c, int64_t day)
{
    struct day_terms t = duty_day_terms(c, day);
    struct q q;
    enum err e = count_day(c, SQL_duty_day_due, day, &t);
    if (!e)
        e = count_day(c, SQL_duty_day_excused, day, &t);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_duty_day_add);
    q_int(&q, "day", day);
    q_int(&q, "opened", c->now);
    return db_fail(c, q_send(&q));
}

static enum err last_opened(struct ctx *c, int64_t *ret)
{
    struct q q;
    *ret = NULL_INT;
    q_begin(&q, c->db, SQL_duty_days);
    if (q_row(&q))
        *ret = q_get_int(&q, 1);
    return db_fail(c, q_end(&q));
}

/* The day in memory is set only from what an earlier commit made durable: the group that opens a
 * day may still fail. */
enum err duty_on_batch(struct ctx *c)
{
    int64_t last;
    if (c->today <= c->app->duty_day)
        return OK;
    enum err e = last_opened(c, &last);
    if (e)
        return e;
    if (last != NULL_INT && last >= c->today) {
        c->app->duty_day = last;
        return OK;
    }
    int64_t from = last == NULL_INT ? c->today : last + 1;
    if (from <= c->today - OPEN_BACK)
        from = c->today - OPEN_BACK + 1;
    for (int64_t day = from; !e && day <= c->today; day++)
        e = open_day(c, day);
    return e;
}

enum err duty_days_mark(struct ctx *c, int64_t from, int64_t to)
{
    struct q q;
    enum err e = OK;
    for (int64_t day = from; !e && day <= to; day++) {
        q_begin(&q, c->db, SQL_duty_day_mark);
        q_int(&q, "day", day);
        q_int(&q, "opened", c->now);
        e = q_send(&q);
    }
    return db_fail(c, e);
}

enum err duty_owe(struct ctx *c, const struct firm_row *row)
{
    struct duty_facts f;
    int64_t due[COUNTER_COLS] = {1};
    enum err e = duty_facts_load(c, row, &f);
    if (e || f.plan.from == NULL_INT || f.last_open == NULL_INT)
        return e;
    for (int64_t day = f.plan.from; day <= f.last_open; day++)
        if (duty_facts_on(c, &f, day) == DUTY_DUE)
            count_add(c, &duty_day_counter, day, row->org_path, due);
    return c->err;
}

enum err duty_taken_load(struct ctx *c, const struct firm_row *row, struct duty_facts **ret)
{
    struct duty_facts *f = arena_new(c->a, struct duty_facts, 1);
    if (!f)
        return fail(c, ERR_NOMEM, NULL, NULL);
    *ret = f;
    return duty_facts_load(c, row, f);
}

/* As counted_as of ledger/firm_duty.c counts a firm: a record counts only where the day was owed.
 */
void duty_taken_on(
    struct ctx *c, const struct duty_facts *f, int64_t day, unsigned filed, int64_t *ret_deltas)
{
    enum duty duty = f->plan.from == NULL_INT ? DUTY_NONE : duty_facts_on(c, f, day);
    memset(ret_deltas, 0, COUNTER_COLS * sizeof *ret_deltas);
    if (duty == DUTY_NONE)
        return;
    ret_deltas[duty == DUTY_EXCUSED && !filed ? DAY_EXCUSED_N : DAY_DUE_N] = 1;
    if (!filed)
        return;
    ret_deltas[filed & DUTY_FILED_LATE ? DAY_LATE_N : DAY_DONE_N] = 1;
    ret_deltas[filed & DUTY_FILED_ZERO ? DAY_ZERO_N : DAY_PROBLEM_N] = 1;
}
