/* Reported stops (停产停业, R-065, PL-48): days taken out of the duty calendar, visibly.
 *
 * Days already opened move between due and excused when a stop is reported or ended; days to come
 * are moved when they open. A day that has its record stays counted as done. */
#include "base/civil.h"
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "feature/duty/duty_day.h"
#include "feature/ops.h"

enum { OPEN_END = 9999999, AHEAD_DAYS = 1830, VIEW_BYTES = 8192 };

/* --- views ----------------------------------------------------------------------------------- */

static void view_of(struct ctx *c, const struct suspension_row *row, struct suspension_view *ret)
{
    desc_clear(&suspension_view_desc, ret);
    ret->id = row->id;
    ret->code = row->code;
    ret->code_label = code_label(c, "suspension_reason", row->code);
    ret->from_day = row->from_day;
    ret->to_day = row->to_day;
    ret->reason = row->reason;
    ret->resumed_on = row->resumed_on;
    ret->at = row->at;
    ret->by_name = row->by_name;
    ret->version = row->version;
}

static enum err rows_load(struct ctx *c, int64_t firm, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_suspension_of_firm);
    q_int(&q, "firm", firm);
    return db_fail(c, q_all(&q, &suspension_row_desc, ret, c->a));
}

static bool covers(const struct suspension_row *row, int64_t day)
{
    return !row->void_reason.p && row->from_day <= day &&
           (row->to_day == NULL_INT || row->to_day >= day);
}

static struct str view_json(struct ctx *c, const struct suspension_row *row)
{
    struct suspension_view view;
    struct buf b;
    struct jw w;
    view_of(c, row, &view);
    buf_init(&b, VIEW_BYTES);
    jw_init(&w, &b);
    desc_json(&suspension_view_desc, &view, &w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err suspension_on(struct ctx *c, int64_t firm, int64_t day, struct str *ret_json)
{
    struct vec all;
    enum err e = rows_load(c, firm, &all);
    const struct suspension_row *rows = all.p;
    *ret_json = STR_NULL;
    for (size_t i = 0; !e && i < all.n; i++)
        if (covers(&rows[i], day))
            *ret_json = view_json(c, &rows[i]);
    return e;
}

/* Withdrawn reports stay in the firm's history only. */
enum err op_suspension_list(struct ctx *c, const struct firm_ref *in, struct suspension_list *ret)
{
    struct firm_row firm;
    struct vec all;
    size_t n = 0;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = rows_load(c, firm.id, &all);
    if (e)
        return e;
    const struct suspension_row *rows = all.p;
    struct suspension_view *items = arena_new(c->a, struct suspension_view, all.n + 1);
    for (size_t i = 0; items && i < all.n; i++)
        if (!rows[i].void_reason.p)
            view_of(c, &rows[i], &items[n++]);
    ret->items = (struct vec){items, n};
    return items ? OK : fail(c, ERR_NOMEM, NULL, NULL);
}

/* --- days already opened --------------------------------------------------------------------- */

static enum err filed(struct ctx *c, int64_t firm, int64_t day, bool *ret)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, c->db, SQL_firm_day_filed);
    q_int(&q, "id", daily_id(day, firm, 1));
    enum err e = q_one_int(&q, &n);
    *ret = n > 0;
    return db_fail(c, e);
}

/* Moves the firm's opened, unfiled days of from … to: by 1 from due to excused, by -1 back. Facts
 * must not hold the stop itself: a day counts when it is owed without it. */
static enum err days_move(
    struct ctx *c, const struct firm_row *firm, int64_t from, int64_t to, int64_t by)
{
    struct duty_facts f;
    const int64_t v[COUNTER_COLS] = {-by, by};
    enum err e = duty_facts_load(c, firm, &f);
    if (e || f.last_open == NULL_INT)
        return e;
    int64_t day = from > f.first_open ? from : f.first_open;
    for (; !e && day <= to && day <= f.last_open; day++) {
        bool done = true, opened = duty_facts_owed(c, &f, day);
        if (opened)
            e = filed(c, firm->id, day, &done);
        if (!e && opened && !done)
            count_add(c, &duty_day_counter, day, firm->org_path, v);
    }
    return e ? e : c->err;
}

/* --- reporting ------------------------------------------------------------------------------- */

static int64_t last_day(const struct suspension_row *row)
{
    return row->to_day == NULL_INT ? OPEN_END : row->to_day;
}

static struct str days_text(struct ctx *c, int64_t from, int64_t to)
{
    char a[16], b[16];
    size_t n = civil_put_day(from, a), m = to == NULL_INT ? 0 : civil_put_day(to, b);
    return to == NULL_INT ? arena_fmt(c->a, "%.*s 起", (int)n, a)
                          : arena_fmt(c->a, "%.*s 至 %.*s", (int)n, a, (int)m, b);
}

static enum err judge_days(struct ctx *c, const struct suspension_row *row)
{
    int64_t back = setting_int(c->app, "late_entry_days", LATE_ENTRY_DAYS);
    if (row->from_day < c->today - back)
        complain(c, S("from_day"), "range", "开始日期最早可报备到 %lld 天前", (long long)back);
    if (row->from_day > c->today + AHEAD_DAYS)
        complain(c, S("from_day"), "range", "开始日期太远，请核对年份");
    if (row->to_day != NULL_INT && row->to_day < row->from_day)
        complain(c, S("to_day"), "range", "结束日期不能早于开始日期");
    else if (row->to_day != NULL_INT && row->to_day > row->from_day + AHEAD_DAYS)
        complain(c, S("to_day"), "range", "结束日期太远，请核对年份；没有确定的可以不填");
    return checked(c);
}

static enum err judge_overlap(struct ctx *c, const struct suspension_row *row)
{
    struct q q;
    struct str other = STR_NULL;
    q_begin(&q, c->db, SQL_suspension_overlap);
    q_int(&q, "firm", row->firm);
    q_int(&q, "from_day", row->from_day);
    q_int(&q, "to_day", last_day(row));
    if (q_row(&q))
        other = days_text(c, q_get_int(&q, 0), q_get_int(&q, 1));
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    return other.p ? failf(c, ERR_CONFLICT, "from_day",
                         "与已报备的停产停业（%.*s）日期重叠，请先看已报备的那一次", STR_ARG(other))
                   : OK;
}

static void row_fill(struct ctx *c, const struct suspension_new *in, const struct firm_row *firm,
    struct suspension_row *row)
{
    desc_clear(&suspension_row_desc, row);
    row->firm = firm->id;
    row->org_path = firm->org_path;
    row->code = in->code.n ? in->code : S("11");
    row->from_day = in->from_day == NULL_INT ? c->today : in->from_day;
    row->to_day = in->to_day;
    row->reason = in->reason.n ? in->reason : code_label(c, "suspension_reason", row->code);
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
}

enum err op_suspension_create(
    struct ctx *c, const struct suspension_new *in, struct suspension_view *ret)
{
    struct firm_row firm;
    struct suspension_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    row_fill(c, in, &firm, &row);
    e = judge_days(c, &row);
    if (!e)
        e = judge_overlap(c, &row);
    if (!e)
        e = days_move(c, &firm, row.from_day, last_day(&row), 1);
    if (e)
        return e;
    struct note n = {.label = "报备停产停业", .text = days_text(c, row.from_day, row.to_day)};
    e = rec_insert(c, &kind_suspension, &row, &n);
    if (e)
        return e;
    view_of(c, &row, ret);
    c->reply.version = row.version;
    return OK;
}

/* --- resuming -------------------------------------------------------------------------------- */

/* A stop ends once, on a day inside it, not further back than a record could still be made. */
static enum err judge_end(struct ctx *c, const struct suspension_row *old, int64_t day)
{
    int64_t back = setting_int(c->app, "late_entry_days", LATE_ENTRY_DAYS);
    if (old->void_reason.p || old->resumed_on != NULL_INT)
        return fail(c, ERR_STATE, NULL, "这次停产停业已经办理过复产");
    if (day < old->from_day)
        complain(c, S("resumed_on"), "range", "复产日期不能早于停产开始日期");
    else if (day < c->today - back)
        complain(c, S("resumed_on"), "range", "复产日期最早可填 %lld 天前", (long long)back);
    if (old->to_day != NULL_INT && day > old->to_day)
        complain(c, S("resumed_on"), "range", "报备的停产停业到那时已经结束，不用办理复产");
    if (day > c->today + AHEAD_DAYS)
        complain(c, S("resumed_on"), "range", "复产日期太远，请核对年份");
    return checked(c);
}

/* Resumed on its first day, nothing was stopped: the report is withdrawn. */
static void row_end(const struct suspension_row *old, int64_t day, struct suspension_row *row)
{
    *row = *old;
    row->resumed_on = day;
    row->to_day = day - 1;
    row->version = old->version + 1;
    if (day == old->from_day)
        row->void_reason = S("没有停产");
    if (day == old->from_day)
        row->to_day = old->to_day;
}

enum err op_suspension_end(
    struct ctx *c, const struct suspension_end *in, struct suspension_view *ret)
{
    struct firm_row firm;
    struct suspension_row old, row;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = in->suspension > 0 ? rec_get(c, &kind_suspension, in->suspension, &old)
                               : fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e && old.firm != firm.id)
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e)
        e = judge_end(c, &old, in->resumed_on);
    if (e)
        return e;
    row_end(&old, in->resumed_on, &row);
    struct note n = {.label = "复产复业", .text = days_text(c, in->resumed_on, NULL_INT)};
    e = rec_update(c, &kind_suspension, &old, &row, &n);
    if (!e)
        e = days_move(c, &firm, in->resumed_on, last_day(&old), -1);
    if (e)
        return e;
    view_of(c, &row, ret);
    c->reply.version = row.version;
    return OK;
}
