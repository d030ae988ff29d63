/* Dates level by level. A lower level's date is its own decision, recorded beside what it was
 * asked: an earlier or a later one needs a reason that the levels above read (H4, PL-73, D6); a day
 * that has passed is accepted and shown as overdue at issue (H2, PL-91); no room between two levels
 * is warned of, never forbidden (H3). */
#include "base/civil.h"
#include "domain/workday.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

enum { SEGMENT = 5, TEXT_MAX = 8000, TIGHT_WORKDAYS = 2 };

/* A path cut after n segments, or STR_NULL where that is the path itself. */
static struct str above(struct str path, size_t n)
{
    return path.n > n * SEGMENT ? str_sub(path, 0, n * SEGMENT) : STR_NULL;
}

enum err campaign_asked(
    struct ctx *c, const struct campaign_row *row, struct str path, struct asked *ret)
{
    struct q q;
    *ret = (struct asked){row->due_day, row->prio_day, civil_today(row->at)};
    q_begin(&q, c->db, SQL_campaign_date_above);
    q_int(&q, "campaign", row->id);
    q_str(&q, "path1", above(path, 1));
    q_str(&q, "path2", above(path, 2));
    q_str(&q, "path3", above(path, 3));
    if (q_row(&q))
        *ret = (struct asked){q_get_int(&q, 0), q_get_int(&q, 1), q_get_int(&q, 2)};
    return db_fail(c, q_end(&q));
}

enum err campaign_own_date(
    struct ctx *c, int64_t campaign, struct str path, struct campaign_date_row *ret)
{
    struct q q;
    desc_clear(&campaign_date_row_desc, ret);
    q_begin(&q, c->db, SQL_campaign_date_of);
    q_int(&q, "campaign", campaign);
    q_str(&q, "path", path);
    enum err e = q_one(&q, &campaign_date_row_desc, ret, c->a);
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

/* --- judging -----------------------------------------------------------------------------------
 */

struct judging {
    struct ctx *c;
    int64_t due, prio;
    struct asked asked;
    bool lower; /* there is somebody above to compare with */
};

static const char *against(int64_t mine, int64_t asked)
{
    return mine < asked ? "earlier" : mine > asked ? "later" : "same";
}

static bool differs(const struct judging *j)
{
    bool prio = j->prio != NULL_INT && j->asked.prio != NULL_INT && j->prio != j->asked.prio;
    return j->lower && (j->due != j->asked.due || prio);
}

static void tell(struct jw *w, const char *text)
{
    jw_strz(w, text);
}

static void tell_days(const struct judging *j, struct jw *w)
{
    const struct workday_calendar *cal = &ref_tables(j->c->app)->calendar;
    int64_t room = workday_between(cal, j->due, j->asked.due);
    if (j->due < j->c->today)
        tell(w, "这一天已经过去：可以下达，任务会显示“下达时已过期”，报送仍然开放");
    if (!workday_is(cal, j->due))
        tell(w, "这一天不是工作日");
    if (!j->lower)
        return;
    if (j->due < j->asked.due)
        tell(w, "早于上级要求：要写理由，上级看得到");
    if (j->due > j->asked.due)
        tell(w, "晚于上级要求：要写理由，上级看得到");
    if (j->due == j->asked.due)
        tell(w, "下级与本级同一天到期，没有留出汇总的时间");
    else if (j->due < j->asked.due && room < TIGHT_WORKDAYS)
        tell(w, "与本级到期日之间不足两个工作日，汇总时间很紧");
}

static struct str texts_of(const struct judging *j)
{
    struct buf b;
    struct jw w;
    buf_init(&b, TEXT_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    tell_days(j, &w);
    jw_end_arr(&w);
    struct str s = keep(j->c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err op_campaign_due(struct ctx *c, const struct campaign_due_ask *in, struct campaign_due *ret)
{
    const struct workday_calendar *cal = &ref_tables(c->app)->calendar;
    struct judging j = {.c = c, .due = in->due_day, .prio = in->prio_day};
    struct campaign_row row;
    if (in->workdays != NULL_INT)
        j.due = workday_add(cal, c->today, in->workdays, NULL);
    if (j.due == NULL_INT)
        return fail(c, ERR_INVALID, "due_day", "请给出日期，或从今天起的工作日数");
    if (in->campaign != NULL_INT) {
        enum err e = campaign_need(c, in->campaign, &row);
        j.lower = !e && !str_eq(c->actor.org_path, row.org_path);
        if (!e && j.lower)
            e = campaign_asked(c, &row, c->actor.org_path, &j.asked);
        if (e)
            return e;
    }
    ret->due_day = j.due;
    ret->workday = workday_is(cal, j.due);
    ret->workdays_left = workday_between(cal, c->today, j.due);
    ret->provisional = j.due > cal->last_official;
    ret->born_overdue = j.due < c->today;
    ret->upper_due = j.lower ? j.asked.due : NULL_INT;
    ret->against = j.lower ? str_z(against(j.due, j.asked.due)) : STR_NULL;
    ret->needs_reason = differs(&j);
    ret->texts = texts_of(&j);
    return OK;
}

/* --- setting -----------------------------------------------------------------------------------
 */

static enum err date_check(struct ctx *c, const struct judging *j, struct str reason)
{
    if (differs(j) && !reason.n)
        complain(c, S("reason"), "required",
            j->due > j->asked.due ? "理由：比上级要求的日期晚，要写明理由（不影响下达）"
                                  : "理由：与上级要求的日期不同，要写明理由，上级看得到");
    return checked(c);
}

static enum err date_put(struct ctx *c, const struct campaign_date_row *old,
    const struct campaign_date_set *in, struct campaign_date_row *row)
{
    struct note n = {.label = "确定对下级的日期", .text = in->reason};
    row->due_day = in->due_day;
    row->prio_day = in->prio_day;
    row->reason = in->reason.n ? in->reason : STR_NULL;
    row->set_day = c->today;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = old->id == NULL_INT ? 1 : old->version + 1;
    return old->id == NULL_INT ? rec_insert(c, &kind_campaign_date, row, &n)
                               : rec_update(c, &kind_campaign_date, old, row, &n);
}

enum err op_campaign_date_set(
    struct ctx *c, const struct campaign_date_set *in, struct campaign_view *ret)
{
    struct campaign_row camp;
    struct campaign_date_row old, row;
    struct judging j = {.c = c, .due = in->due_day, .prio = in->prio_day, .lower = true};
    enum err e = campaign_need_open(c, in->campaign, &camp);
    if (e)
        return e;
    if (c->actor.org == camp.org)
        return fail(c, ERR_STATE, NULL, "发起机构请直接修改摸底的报送日期");
    if (c->actor.level >= 4)
        return fail(c, ERR_FORBIDDEN, NULL, "所、队没有下级，不用定日期");
    e = campaign_asked(c, &camp, c->actor.org_path, &j.asked);
    if (!e)
        e = campaign_own_date(c, camp.id, c->actor.org_path, &old);
    if (e)
        return e;
    if (c->if_match != (old.id == NULL_INT ? 0 : old.version)) {
        c->reply.current = campaign_row_text(c, &campaign_date_row_desc, &old);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    row = old;
    row.campaign = camp.id;
    row.org = c->actor.org;
    row.org_path = c->actor.org_path;
    row.upper_due = j.asked.due;
    row.upper_prio = j.asked.prio;
    e = date_check(c, &j, in->reason);
    if (!e)
        e = date_put(c, &old, in, &row);
    if (e)
        return e;
    struct campaign_ref ref = {camp.id};
    return op_campaign_get(c, &ref, ret);
}

/* --- showing -----------------------------------------------------------------------------------
 */

/* The campaign's own date stands first, as the opener's. */
static void opener_date(struct ctx *c, const struct campaign_row *row, struct campaign_date_view *v)
{
    desc_clear(&campaign_date_view_desc, v);
    v->org = row->org;
    v->org_name = org_name(c, row->org);
    v->level = path_level(row->org_path);
    v->due_day = row->due_day;
    v->prio_day = row->prio_day;
    v->set_day = civil_today(row->at);
    v->born_overdue = row->due_day < v->set_day;
    v->by_name = row->by_name;
    v->at = row->at;
}

static void compare(struct campaign_date_view *v)
{
    v->days = v->due_day - v->upper_due;
    if (v->prio_day != NULL_INT && v->upper_prio != NULL_INT)
        v->prio_days = v->prio_day - v->upper_prio;
    v->born_overdue = v->due_day < v->set_day;
}

enum err op_campaign_dates(struct ctx *c, const struct campaign_ref *in, struct campaign_dates *ret)
{
    struct campaign_row row;
    struct q q;
    struct vec rows = {0};
    enum err e = campaign_need(c, in->campaign, &row);
    if (e)
        return e;
    struct str path = c->actor.org_path;
    q_begin(&q, c->db, SQL_campaign_dates_seen);
    q_int(&q, "campaign", row.id);
    q_str(&q, "path", path);
    q_str(&q, "end", scope_end(c->a, path));
    q_str(&q, "path1", above(path, 1));
    q_str(&q, "path2", above(path, 2));
    q_str(&q, "path3", above(path, 3));
    e = q_all(&q, &campaign_date_view_desc, &rows, c->a);
    struct campaign_date_view *items = arena_new(c->a, struct campaign_date_view, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    opener_date(c, &row, &items[0]);
    for (size_t i = 0; i < rows.n; i++) {
        items[i + 1] = ((struct campaign_date_view *)rows.p)[i];
        compare(&items[i + 1]);
    }
    ret->items = (struct vec){items, rows.n + 1};
    ret->as_of = c->now;
    return OK;
}
