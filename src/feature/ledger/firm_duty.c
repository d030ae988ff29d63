/* A firm and the duty calendar.
 *
 * Three derived facts follow a firm's record: how many firms of each working pattern an org holds
 * (duty_stock, what a new day's due is made of), the times in which a firm owed nothing because of
 * its state (duty_gap), and the counters of days already opened. Counters follow the firm: when it
 * moves to another authority its days move with it, so that a number always equals the firms that
 * can be listed behind it. */
#include "feature/ledger/firm_duty.h"

#include "core/batch.h"
#include "domain/dutyday.h"
#include "feature/ledger/refdata.h"

enum { GAPS_MAX = 500 };

static const struct counter_def stock_counter = {SQL_duty_stock_add, "pattern", {"firms", NULL}};
const struct counter_def duty_day_counter = {
    SQL_duty_count_add, "day", {"due", "excused", "done", "late", "zero", "problem", NULL}};

/* --- one day --------------------------------------------------------------------------------- */

/* Whether a count by firm and day is above zero. */
static enum err on_day(struct ctx *c, enum sql_id id, int64_t firm, int64_t day, bool *ret)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    q_int(&q, "day", day);
    enum err e = q_one_int(&q, &n);
    *ret = n > 0;
    return db_fail(c, e);
}

/* The newest record of a day, as it is counted; false when there is none. */
static enum err filed_as(
    struct ctx *c, int64_t firm, int64_t day, int64_t v[COUNTER_COLS], bool *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_daily_newest);
    q_int(&q, "first", daily_id(day, firm, 1));
    q_int(&q, "last", daily_id(day, firm, DAILY_VERSIONS));
    *ret = q_row(&q);
    if (*ret) {
        bool late = q_get_int(&q, 2) == 1, zero = q_get_int(&q, 3) == 1;
        v[late ? DAY_LATE_N : DAY_DONE_N] = 1;
        v[zero ? DAY_ZERO_N : DAY_PROBLEM_N] = 1;
    }
    return db_fail(c, q_end(&q));
}

/* What a firm in duty with that plan stands in a day's counters as: all zero when it owed nothing.
 */
static enum err counted_as(
    struct ctx *c, int64_t firm, const struct duty_plan *plan, int64_t day, int64_t v[COUNTER_COLS])
{
    bool gap = false, filed = false, paused = false;
    memset(v, 0, COUNTER_COLS * sizeof *v);
    if (duty_on(plan, &ref_tables(c->app)->calendar, day) != DUTY_DUE)
        return OK;
    enum err e = on_day(c, SQL_duty_gap_covers, firm, day, &gap);
    if (e || gap)
        return e;
    e = filed_as(c, firm, day, v, &filed);
    if (!e && !filed)
        e = on_day(c, SQL_firm_day_paused, firm, day, &paused);
    v[paused ? DAY_EXCUSED_N : DAY_DUE_N] = 1;
    return e;
}

static struct duty_plan plan_of(const struct firm_row *row)
{
    return (struct duty_plan){.from = row->duty_from,
        .until = INT64_MAX,
        .week = (unsigned)row->week_mask,
        .holidays_off = row->holidays_off == 1};
}

static void negate(int64_t v[COUNTER_COLS])
{
    for (int i = 0; i < COUNTER_COLS; i++)
        v[i] = -v[i];
}

/* --- moving ---------------------------------------------------------------------------------- */

static enum err opened(struct ctx *c, int64_t *ret_first, int64_t *ret_last)
{
    struct q q;
    *ret_first = *ret_last = NULL_INT;
    q_begin(&q, c->db, SQL_duty_days);
    if (q_row(&q)) {
        *ret_first = q_get_int(&q, 0);
        *ret_last = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

/* Every opened day the firm owed is counted under its new authority. */
static enum err days_move(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct duty_plan plan = plan_of(old);
    int64_t first, last, v[COUNTER_COLS];
    enum err e = opened(c, &first, &last);
    if (e || last == NULL_INT)
        return e;
    for (int64_t day = plan.from > first ? plan.from : first; !e && day <= last; day++) {
        e = counted_as(c, old->id, &plan, day, v);
        if (e || !(v[DAY_DUE_N] || v[DAY_EXCUSED_N]))
            continue;
        count_add(c, &duty_day_counter, day, row->org_path, v);
        negate(v);
        count_add(c, &duty_day_counter, day, old->org_path, v);
    }
    return e ? e : c->err;
}

/* --- entering and leaving -------------------------------------------------------------------- */

static enum err gap_begin(struct ctx *c, int64_t firm, int64_t from)
{
    struct q q;
    q_begin(&q, c->db, SQL_duty_gap_open);
    q_int(&q, "firm", firm);
    q_int(&q, "from_day", from);
    return db_fail(c, q_send(&q));
}

/* Duty is owed again from tomorrow on. */
static enum err gap_end(struct ctx *c, int64_t firm)
{
    struct q q;
    q_begin(&q, c->db, SQL_duty_gap_close);
    q_int(&q, "firm", firm);
    q_int(&q, "to_day", c->today);
    return db_fail(c, q_send(&q));
}

/* Nothing is owed from today on; from tomorrow on when today has its record. */
static enum err leave(struct ctx *c, const struct firm_row *row)
{
    struct duty_plan plan = plan_of(row);
    int64_t v[COUNTER_COLS];
    enum err e = counted_as(c, row->id, &plan, c->today, v);
    if (e)
        return e;
    bool filed = v[DAY_DONE_N] || v[DAY_LATE_N];
    if (!filed && (v[DAY_DUE_N] || v[DAY_EXCUSED_N])) {
        negate(v);
        count_add(c, &duty_day_counter, c->today, row->org_path, v);
    }
    return gap_begin(c, row->id, c->today + filed);
}

static enum err count_stay(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row, bool was, bool is)
{
    bool known = old && old->duty_from != NULL_INT;
    if (was)
        return is ? OK : leave(c, row);
    if (is)
        return known ? gap_end(c, row->id) : OK;
    return !known && row->duty_from != NULL_INT ? gap_begin(c, row->id, row->duty_from) : OK;
}

enum err firm_duty_count(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    int64_t was = old ? firm_pattern(c, old) : -1, is = firm_pattern(c, row);
    int64_t minus[COUNTER_COLS] = {-1}, plus[COUNTER_COLS] = {1};
    bool moves = old && !str_eq(old->org_path, row->org_path);
    enum err e = OK;
    if (was != is || moves) {
        if (was >= 0)
            count_add(c, &stock_counter, was, old->org_path, minus);
        if (is >= 0)
            count_add(c, &stock_counter, is, row->org_path, plus);
    }
    if (moves && old->duty_from != NULL_INT)
        e = days_move(c, old, row);
    return e ? e : count_stay(c, old, row, was >= 0, is >= 0);
}

void firm_duty_take(struct ctx *c, const struct firm_row *row)
{
    int64_t pattern = firm_pattern(c, row), plus[COUNTER_COLS] = {1};
    if (pattern >= 0)
        count_add(c, &stock_counter, pattern, row->org_path, plus);
}
