/* Looking at days: today, one day with all its versions, a month. */
#include "base/civil.h"
#include "core/app.h"
#include "core/retire.h"
#include "core/template.h"
#include "feature/duty/duty_day.h"
#include "feature/hazard/hazard.h"
#include "feature/ops.h"

enum { MONTH_DAYS = 31, ITEMS_BYTES = 128 << 10, AREAS_COL = 5, ANSWERS_COL };

#define DAILY_TITLE "每日工业产品质量安全检查记录"

static enum err firm_and_duty(
    struct ctx *c, int64_t firm, struct firm_row *ret_firm, struct duty_facts *ret)
{
    enum err e = firm_need(c, firm, ret_firm);
    return e ? e : duty_facts_load(c, ret_firm, ret);
}

/* --- today ----------------------------------------------------------------------------------- */

static enum err org_name(struct ctx *c, int64_t org, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_name_of);
    q_int(&q, "id", org);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

/* The days that may still be recorded late, newest first, with what became of them. */
static enum err earlier_days(struct ctx *c, const struct firm_row *firm, const struct duty_facts *f,
    int64_t back, struct vec *ret)
{
    struct day_state *days = arena_new(c->a, struct day_state, (size_t)back + 1);
    size_t n = 0;
    enum err e = days ? OK : fail(c, ERR_NOMEM, NULL, NULL);
    for (int64_t i = 1; !e && i <= back; i++) {
        e = day_state_fill(c, firm, f, c->today - i, &days[n]);
        if (!e && !str_eqz(days[n].state, "none"))
            n++;
    }
    *ret = (struct vec){days, n};
    return e;
}

static enum err list_in_use(struct ctx *c, int64_t firm, struct vec *ret)
{
    struct risklist_row row;
    enum err e = risklist_current(c, firm, &row);
    if (e == ERR_NOT_FOUND)
        return OK;
    struct risklist_view *view = arena_new(c->a, struct risklist_view, 1);
    if (e || !view)
        return fail(c, e ? e : ERR_NOMEM, NULL, NULL);
    risklist_view_of(&row, view);
    *ret = (struct vec){view, 1};
    return OK;
}

static enum err today_rest(struct ctx *c, const struct firm_row *firm, struct today_view *ret)
{
    enum err e = list_in_use(c, firm->id, &ret->risklist);
    if (!e)
        e = hazard_open_count(c, firm->id, &ret->open_hazards);
    if (!e)
        e = suspension_on(c, firm->id, c->today, &ret->suspension);
    if (!e)
        e = org_name(c, firm->org, &ret->receiver);
    return e;
}

enum err op_today_get(struct ctx *c, const struct firm_ref *in, struct today_view *ret)
{
    struct firm_row firm;
    struct duty_facts f;
    struct day_state *today = arena_new(c->a, struct day_state, 1);
    int64_t back = setting_int(c->app, "late_entry_days", LATE_ENTRY_DAYS);
    enum err e = firm_and_duty(c, in->firm, &firm, &f);
    if (!e && !today)
        e = fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = day_state_fill(c, &firm, &f, c->today, today);
    if (!e)
        e = earlier_days(c, &firm, &f, back, &ret->earlier);
    if (e)
        return e;
    ret->firm = firm.id;
    ret->firm_name = firm.name;
    ret->today = (struct vec){today, 1};
    ret->catch_up_days = back;
    return today_rest(c, &firm, ret);
}

/* --- one day --------------------------------------------------------------------------------- */

static const char *result_of(char letter)
{
    return letter == '1' ? "normal" : letter == '2' ? "problem" : "na";
}

static void item_json(struct jw *w, const struct risk_item *it, char letter)
{
    jw_obj(w);
    jw_key(w, "area");
    jw_str(w, it->area);
    jw_key(w, "code");
    jw_str(w, it->code);
    jw_key(w, "text");
    jw_str(w, it->text);
    jw_key(w, "key");
    jw_bool(w, it->key);
    jw_key(w, "result");
    jw_strz(w, result_of(letter));
    jw_end_obj(w);
}

/* The items of the edition that was checked, each with its answer. */
static enum err items_json(struct ctx *c, struct str areas, struct str answers, struct str *ret)
{
    struct risk_item *items;
    size_t n;
    struct buf b;
    struct jw w;
    *ret = STR_NULL;
    if (!areas.p)
        return OK; /* a record brought from elsewhere, without its list */
    enum err e = risk_items(c, areas, &items, &n);
    if (e)
        return e;
    buf_init(&b, ITEMS_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < n && i < answers.n; i++)
        item_json(&w, &items[i], answers.p[i]);
    jw_end_arr(&w);
    e = b.err;
    *ret = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static void brief_json(struct jw *w, const struct hazard_brief *h)
{
    jw_obj(w);
    jw_key(w, "id");
    jw_int(w, h->id);
    jw_key(w, "code");
    jw_str(w, h->item);
    jw_key(w, "what");
    jw_str(w, h->what);
    jw_key(w, "measure");
    jw_str(w, h->measure);
    jw_key(w, "severity");
    jw_str(w, h->severity);
    jw_key(w, "state");
    jw_str(w, h->state);
    jw_end_obj(w);
}

/* The hazards a version opened, from those of the whole day. */
static struct str hazards_json(struct ctx *c, const struct vec *found, int64_t id)
{
    const struct hazard_brief *rows = found->p;
    struct buf b;
    struct jw w;
    buf_init(&b, ITEMS_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < found->n; i++)
        if (rows[i].source_ref == id)
            brief_json(&w, &rows[i]);
    jw_end_arr(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

struct stored_version {
    struct str areas, answers;
};

static enum err versions_read(struct ctx *c, const struct daily_ref *in, struct daily_version *rows,
    struct stored_version *texts, size_t *ret_n)
{
    struct q q;
    size_t n = 0;
    q_begin(&q, c->db, SQL_daily_versions);
    q_int(&q, "first", daily_id(in->day, in->firm, 1));
    q_int(&q, "last", daily_id(in->day, in->firm, DAILY_VERSIONS));
    while (n < DAILY_VERSIONS && q_row(&q)) {
        desc_clear(&daily_version_desc, &rows[n]);
        q_read(&q, &daily_version_desc, &rows[n], c->a);
        texts[n].areas = keep(c, q_get_str(&q, AREAS_COL));
        texts[n].answers = keep(c, q_get_str(&q, ANSWERS_COL));
        n++;
    }
    *ret_n = n;
    return db_fail(c, q_end(&q));
}

static enum err versions_load(struct ctx *c, const struct daily_ref *in, struct vec *ret)
{
    struct daily_version *rows = arena_new(c->a, struct daily_version, DAILY_VERSIONS);
    struct stored_version texts[DAILY_VERSIONS];
    struct vec found = {NULL, 0};
    size_t n = 0;
    if (!rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    enum err e = versions_read(c, in, rows, texts, &n);
    if (!e && n)
        e = hazard_found(c, in->firm, "daily", daily_id(in->day, in->firm, 1), rows[0].id, &found);
    for (size_t i = 0; !e && i < n; i++) {
        rows[i].number = daily_number(c, rows[i].id);
        rows[i].hazards = hazards_json(c, &found, rows[i].id);
        e = items_json(c, texts[i].areas, texts[i].answers, &rows[i].items);
    }
    *ret = (struct vec){rows, n};
    return e;
}

enum err op_daily_get(struct ctx *c, const struct daily_ref *in, struct daily_view *ret)
{
    struct firm_row firm;
    struct duty_facts f;
    struct day_state state;
    if (in->day < DAILY_EPOCH || in->day > c->today + 3660)
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    enum err e = firm_and_duty(c, in->firm, &firm, &f);
    if (!e)
        e = retire_judge(c, kind_daily.code, in->day);
    if (!e)
        e = day_state_fill(c, &firm, &f, in->day, &state);
    if (e)
        return e;
    ret->firm = firm.id;
    ret->firm_name = firm.name;
    ret->day = in->day;
    ret->state = state.state;
    ret->state_label = state.state_label;
    ret->title = S(DAILY_TITLE);
    c->reply.version = state.version;
    return versions_load(c, in, &ret->versions);
}

/* --- a month --------------------------------------------------------------------------------- */

static bool month_first(struct ctx *c, struct str month, int64_t *ret)
{
    if (!month.n) {
        *ret = c->today - civil_of(c->today).day + 1;
        return true;
    }
    struct str parts[2] = {month, S("-01")};
    return civil_parse_day(arena_cat(c->a, parts, 2), ret) && *ret >= DAILY_EPOCH;
}

enum err op_daily_month(struct ctx *c, const struct month_ask *in, struct month_view *ret)
{
    struct firm_row firm;
    struct duty_facts f;
    int64_t first = 0;
    struct day_state *days = arena_new(c->a, struct day_state, MONTH_DAYS);
    if (!month_first(c, in->month, &first))
        return fail(c, ERR_INVALID, "month", "月份应写成 2026-11 这样，从 2023-01 起");
    enum err e = firm_and_duty(c, in->firm, &firm, &f);
    if (!e && !days)
        e = fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = retire_judge(c, kind_daily.code, first);
    struct civil m = civil_of(first);
    int n = civil_month_days(m.year, m.month);
    for (int i = 0; !e && i < n; i++)
        e = day_state_fill(c, &firm, &f, first + i, &days[i]);
    ret->month = arena_fmt(c->a, "%04d-%02d", m.year, m.month);
    ret->days = (struct vec){days, (size_t)n};
    return e;
}
