/* Daily records, and the counters of the days.
 *
 * Method. Daily records come by day, so the firms' states of one day stand in memory and the day is
 * counted when its last record has gone by: every firm that was taken over is judged by the rules
 * of the board (duty_taken_on), for every day that either store has opened. Nothing of the source's
 * own counters is used. Days that only the source has opened count as opened from now on: what the
 * target's own firms owe on them is counted too. */
#include "core/template.h"
#include "domain/dutyday.h"
#include "feature/merge/merge_impl.h"

enum { PAGE = 1000, DAYS_MAX = 40000 };

/* --- ids -------------------------------------------------------------------------------------- */

int64_t merge_computed(void *arg, const char *kind, int64_t id)
{
    struct merging *x = arg;
    if (strcmp(kind, "daily") != 0)
        return NULL_INT;
    int64_t firm = id >> 4 & (((int64_t)1 << 34) - 1);
    const int64_t *to = merge_map_find(&merge_table_of(&x->m, "firm")->map, firm);
    if (!to || *to <= 0)
        return to ? *to : NULL_INT;
    return daily_id((id >> 38) + DAILY_EPOCH, *to, (id & 15) + 1);
}

/* --- which days ------------------------------------------------------------------------------- */

static enum err days_read(struct db_conn *db, int64_t *ret, size_t *ret_n)
{
    struct q q;
    *ret_n = 0;
    q_begin(&q, db, SQL_merge_days);
    while (*ret_n < DAYS_MAX && q_row(&q))
        ret[(*ret_n)++] = q_get_int(&q, 0);
    return q_end(&q);
}

/* The days of both in order; mark[i]: only the source has opened it. */
static size_t days_join(
    const int64_t *a, size_t na, const int64_t *b, size_t nb, int64_t *days, bool *mark)
{
    size_t i = 0, k = 0, n = 0;
    while (i < na || k < nb) {
        bool theirs = k == nb || (i < na && a[i] < b[k]);
        bool both = i < na && k < nb && a[i] == b[k];
        mark[n] = theirs;
        days[n++] = theirs || both ? a[i] : b[k];
        i += theirs || both;
        k += !theirs;
    }
    return n;
}

static enum err days_load(struct merging *x)
{
    int64_t *theirs = arena_new(&x->a, int64_t, DAYS_MAX);
    int64_t *own = arena_new(&x->a, int64_t, DAYS_MAX);
    size_t na = 0, nb = 0;
    x->days = arena_new(&x->a, int64_t, 2 * DAYS_MAX);
    x->fresh_day = arena_new(&x->a, bool, 2 * DAYS_MAX);
    if (!theirs || !own || !x->days || !x->fresh_day)
        return ERR_NOMEM;
    enum err e = days_read(x->m.from, theirs, &na);
    if (!e)
        e = days_read(x->c->db, own, &nb);
    x->ndays = e ? 0 : days_join(theirs, na, own, nb, x->days, x->fresh_day);
    for (size_t i = 0; !e && i < x->ndays; i++)
        if (x->fresh_day[i])
            e = duty_days_mark(x->c, x->days[i], x->days[i]);
    return e;
}

static int64_t last_fresh(const struct merging *x)
{
    for (size_t i = x->ndays; i-- > 0;)
        if (x->fresh_day[i])
            return x->days[i];
    return NULL_INT;
}

/* --- which firms ------------------------------------------------------------------------------ */

static enum err facts_load(struct merging *x, struct merge_firm *f)
{
    struct firm_row row;
    struct arena *was = x->c->a;
    desc_clear(&firm_row_desc, &row);
    row.id = f->to;
    row.duty_from = f->duty_from;
    row.week_mask = f->week_mask;
    row.holidays_off = f->holidays_off;
    x->c->a = &x->a;
    enum err e = duty_taken_load(x->c, &row, &f->facts);
    x->c->a = was;
    return e;
}

static struct merge_firm own_firm(struct merging *x, const struct firm_row *row)
{
    return (struct merge_firm){.from = row->id,
        .to = row->id,
        .path = arena_str(&x->a, row->org_path),
        .duty_from = row->duty_from,
        .week_mask = row->week_mask,
        .holidays_off = row->holidays_off};
}

static unsigned filed_as(int64_t late, int64_t zero)
{
    return DUTY_FILED | (late == 1 ? DUTY_FILED_LATE : 0u) | (zero == 1 ? DUTY_FILED_ZERO : 0u);
}

static enum err own_day(struct merging *x, const struct merge_firm *f, int64_t day)
{
    int64_t v[COUNTER_COLS];
    unsigned filed = 0;
    struct q q;
    q_begin(&q, x->c->db, SQL_daily_newest);
    q_int(&q, "first", daily_id(day, f->to, 1));
    q_int(&q, "last", daily_id(day, f->to, DAILY_VERSIONS));
    if (q_row(&q))
        filed = filed_as(q_get_int(&q, 2), q_get_int(&q, 3));
    enum err e = q_end(&q);
    if (e)
        return e;
    duty_taken_on(x->c, f->facts, day, filed, v);
    if (v[DAY_DUE_N] || v[DAY_EXCUSED_N])
        count_add(x->c, &duty_day_counter, day, f->path, v);
    return x->c->err;
}

static enum err own_count(struct merging *x, const struct firm_row *row)
{
    struct merge_firm f = own_firm(x, row);
    enum err e = facts_load(x, &f);
    for (size_t i = 0; !e && i < x->ndays; i++)
        if (x->fresh_day[i])
            e = own_day(x, &f, x->days[i]);
    return e;
}

/* Firms of the target that owe something on a day it had not opened. */
static enum err own_page(struct merging *x, int64_t *after, int64_t *ret_n)
{
    int64_t last = last_fresh(x);
    struct vec rows;
    struct q q;
    arena_reset(&x->row);
    q_begin(&q, x->c->db, SQL_firm_scan);
    q_int(&q, "after", *after);
    q_int(&q, "limit", PAGE);
    enum err e = q_all(&q, &firm_row_desc, &rows, &x->row);
    const struct firm_row *row = rows.p;
    *ret_n = e ? 0 : (int64_t)rows.n;
    for (size_t i = 0; !e && i < rows.n; i++) {
        *after = row[i].id;
        if (row[i].duty_from != NULL_INT && row[i].duty_from <= last)
            e = own_count(x, &row[i]);
    }
    return e;
}

enum err open_days(struct merging *x)
{
    int64_t after = -1, n = PAGE;
    enum err e = days_load(x);
    if (last_fresh(x) == NULL_INT)
        return e;
    while (!e && n == PAGE)
        e = own_page(x, &after, &n);
    return e;
}

/* --- a day ------------------------------------------------------------------------------------ */

static void firm_count(struct merging *x, struct merge_firm *f, int64_t day)
{
    int64_t v[COUNTER_COLS];
    if (f->joined) {
        same_day_count(x, f, day);
        return;
    }
    duty_taken_on(x->c, f->facts, day, f->filed, v);
    f->filed = 0;
    if (!f->org || !(v[DAY_DUE_N] || v[DAY_EXCUSED_N]))
        return;
    f->org->counted = true;
    for (int i = 0; i < COUNTER_COLS; i++)
        f->org->day[i] += v[i];
}

static enum err day_count(struct merging *x, int64_t day)
{
    for (size_t i = 0; i < x->nfirms; i++)
        firm_count(x, &x->firms[i], day);
    for (size_t i = 0; i < x->norgs; i++) {
        struct merge_org *o = &x->orgs[i];
        if (!o->counted)
            continue;
        count_add(x->c, &duty_day_counter, day, o->path, o->day);
        o->counted = false;
        memset(o->day, 0, sizeof o->day);
    }
    return x->c->err;
}

/* Counts the opened days before `day`. */
static enum err days_count(struct merging *x, int64_t day)
{
    enum err e = OK;
    for (; !e && x->day_at < x->ndays && x->days[x->day_at] < day; x->day_at++)
        e = day_count(x, x->days[x->day_at]);
    return e;
}

static enum err daily_fix(struct merging *x, void *each, bool *skip)
{
    const struct daily_row *row = each;
    struct merge_firm *f = merge_firm_at(x, row->firm);
    *skip = !f;
    enum err e = days_count(x, row->day);
    if (f && !e && f->joined)
        e = same_daily_stays(x, f, row, skip);
    if (!*skip && !e) /* versions rise: the newest stays */
        f->filed = filed_as(row->late, row->zero_risk);
    merge_step(x, "日管控");
    return e;
}

enum err take_days(struct merging *x)
{
    struct taking t = {.x = x, .kind = &kind_daily, .joins = true, .fix = daily_fix};
    enum err e = OK;
    for (size_t i = 0; !e && i < x->nfirms; i++)
        e = facts_load(x, &x->firms[i]);
    x->done = 0;
    x->total = x->dailies;
    if (!e)
        e = take_kind(&t);
    merge_count_set(x, "daily_left", "留在原库的日管控记录（目标当天已有）", x->dailies_left);
    return e ? e : days_count(x, INT64_MAX);
}
