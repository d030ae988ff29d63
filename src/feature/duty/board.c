/* 今日运行: the day's numbers of an org and its children, from counters alone, and the firms behind
 * each number.
 *
 * The rows behind a number are walked in the way that is cheap for what it lists. Done, late, zero
 * and problem of the whole province: the day's records, clustered by day. The same of a smaller
 * scope, and due, pending, missing: the firms in scope, each with one lookup of its day, so that a
 * page of 20 costs 20 / share lookups. Pending and missing when they are few: only the orgs whose
 * counters hold one, found first. Excused: the stops that cover the day. */
#include "base/civil.h"
#include "core/app.h"
#include "core/retire.h"
#include "core/template.h"
#include "feature/duty/duty_day.h"
#include "feature/ops.h"

#define ORG_PLACE_FIELDS(F, S)                                                                     \
    F(S, org, INT, 0, 0, "机构", none)                                                             \
    F(S, path, STR, 0, 0, "路径", none)                                                            \
    F(S, level, INT, 0, 0, "层级", none)                                                           \
    F(S, org_name, STR, 0, 0, "名称", none)
STRUCT(org_place, ORG_PLACE_FIELDS)
DESC(org_place, ORG_PLACE_FIELDS)

enum { PARENTS_BYTES = 4096, SEGMENT = 5, FEW = 200 };

/* --- where ----------------------------------------------------------------------------------- */

static enum err place_at(struct ctx *c, struct str path, struct org_place *ret)
{
    struct q q;
    desc_clear(&org_place_desc, ret);
    q_begin(&q, c->db, SQL_board_org_at);
    q_str(&q, "path", path);
    return db_fail(c, q_one(&q, &org_place_desc, ret, c->a));
}

/* The org asked for, or the actor's own; 404 outside his subtree. */
static enum err place_of(struct ctx *c, int64_t org, struct org_place *ret)
{
    struct q q;
    if (org == NULL_INT)
        return place_at(c, c->actor.org_path, ret);
    desc_clear(&org_place_desc, ret);
    q_begin(&q, c->db, SQL_board_org);
    q_int(&q, "id", org);
    enum err e = q_one(&q, &org_place_desc, ret, c->a);
    if (!e && !scope_has(c, ret->path))
        e = ERR_NOT_FOUND;
    return e == ERR_NOT_FOUND ? fail(c, e, "org", NULL) : db_fail(c, e);
}

/* [{id, name}] from the actor's own org down to this one. */
static enum err parents_json(struct ctx *c, const struct org_place *at, struct str *ret)
{
    struct buf b;
    struct jw w;
    enum err e = OK;
    buf_init(&b, PARENTS_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t n = c->actor.org_path.n; !e && n >= SEGMENT && n <= at->path.n; n += SEGMENT) {
        struct org_place p;
        e = place_at(c, str_sub(at->path, 0, n), &p);
        jw_obj(&w);
        jw_key(&w, "id");
        jw_int(&w, p.org);
        jw_key(&w, "name");
        jw_str(&w, p.org_name);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    if (!e && b.err)
        e = fail(c, b.err, NULL, NULL);
    *ret = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e;
}

/* --- numbers --------------------------------------------------------------------------------- */

/* What is due and has no record: still open for recording, or missing. */
static void derive(struct ctx *c, struct board_row *row, int64_t day)
{
    int64_t after = setting_int(c->app, "missing_after_days", DUTY_MISSING_AFTER);
    int64_t rest = row->due - row->done - row->late;
    bool over = c->today - day > after;
    rest = rest > 0 ? rest : 0;
    row->pending = over ? 0 : rest;
    row->missing = over ? rest : 0;
}

static enum err own_row(
    struct ctx *c, const struct org_place *at, int64_t day, struct board_row *ret)
{
    struct q q;
    *ret = (struct board_row){.org = at->org, .org_name = at->org_name, .level = at->level};
    q_begin(&q, c->db, SQL_board_own);
    q_int(&q, "level", path_level(at->path));
    q_int(&q, "day", day);
    q_str(&q, "path", at->path);
    if (q_row(&q))
        q_read(&q, &board_row_desc, ret, c->a);
    enum err e = q_end(&q);
    derive(c, ret, day);
    return db_fail(c, e);
}

static enum err child_rows(struct ctx *c, const struct org_place *at, int64_t day, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_board_children);
    q_int(&q, "level", path_level(at->path) + 1);
    q_int(&q, "day", day);
    q_int(&q, "parent", at->org);
    enum err e = q_all(&q, &board_row_desc, ret, c->a);
    struct board_row *rows = ret->p;
    for (size_t i = 0; !e && i < ret->n; i++)
        derive(c, &rows[i], day);
    return db_fail(c, e);
}

static struct str basis(struct ctx *c)
{
    int64_t after = setting_int(c->app, "missing_after_days", DUTY_MISSING_AFTER);
    return arena_fmt(c->a,
        "应查：当天应当做日管控记录的单位，不含报备停产停业的单位，停产停业的另列。"
        "当日完成：当天提交；补录：过后补记。"
        "零风险、有问题是已提交记录的结果，以最后一次更正为准。"
        "过了当天 %lld 天仍没有记录的，从“还没有记录”转入“缺失”。"
        "合计包含直接归本级、没有分到下级的单位。",
        (long long)after);
}

static enum err judge_day(struct ctx *c, int64_t *day)
{
    if (*day == NULL_INT)
        *day = c->today;
    return *day > c->today ? fail(c, ERR_INVALID, "day", "还没到这一天，请选今天或以前的日期") : OK;
}

enum err op_board_get(struct ctx *c, const struct board_ask *in, struct board *ret)
{
    struct org_place at;
    int64_t day = in->day;
    struct board_row *own = arena_new(c->a, struct board_row, 1);
    enum err e = own ? judge_day(c, &day) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = place_of(c, in->org, &at);
    if (!e)
        e = own_row(c, &at, day, own);
    if (!e)
        e = child_rows(c, &at, day, &ret->items);
    if (!e)
        e = parents_json(c, &at, &ret->parents);
    if (e)
        return e;
    ret->day = day;
    ret->as_of = c->now;
    ret->org = at.org;
    ret->org_name = at.org_name;
    ret->total = (struct vec){own, 1};
    ret->basis = basis(c);
    return OK;
}

/* --- the firms behind a number --------------------------------------------------------------- */

#define FIRM_COL(name_, type_, flags_, label_, codes_)                                             \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "f." #name_                                                     \
    }
#define DAY_COL(name_, type_, flags_, label_)                                                      \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .expr = "d." #name_                                                                        \
    }

static const struct list_col cols[] = {
    FIRM_COL(id, INT, LC_ALWAYS, "编号", NULL),
    FIRM_COL(name, STR, LC_DEFAULT, "单位名称", NULL),
    FIRM_COL(uscc, STR, 0, "统一社会信用代码", NULL),
    FIRM_COL(kind, CODE, LC_FILTER, "单位类别", "firm_kind"),
    FIRM_COL(grade, CODE, LC_DEFAULT | LC_FILTER, "级别", "grade"),
    {.name = "org_name",
        .type = FT_STR,
        .flags = LC_DEFAULT,
        .label = "属地机构",
        .expr = PART_list_org_name},
    FIRM_COL(site_address, STR, 0, "生产（经营）地址", NULL),
    FIRM_COL(supervisor, STR, LC_DEFAULT, "监管责任人", NULL),
    DAY_COL(at, TIME, LC_DEFAULT, "收到时间"),
    DAY_COL(by_name, STR, LC_DEFAULT, "检查人"),
    DAY_COL(zero_risk, BOOL, LC_DEFAULT, "零风险报告"),
    DAY_COL(problems, INT, LC_DEFAULT, "问题数"),
    DAY_COL(late, BOOL, LC_DEFAULT, "补录"),
    DAY_COL(version, INT, 0, "版次"),
    DAY_COL(reason, STR, 0, "理由"),
};

static const struct list_def by_record = {.name = "board_record",
    .from = "duty_day y CROSS JOIN daily d @CROSS@ JOIN firm f ON f.id = d.firm",
    .id = "d.id",
    .scope = "f.org_path",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};
static const struct list_def by_firm = {.name = "board_firm",
    .from = PART_board_newest,
    .id = "f.id",
    .scope = "f.org_path",
    .level2 = "f.p2",
    .level3 = "f.p3",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};
/* Without level columns: the org found first must drive, not the scope. */
static const struct list_def by_place = {.name = "board_place",
    .from = PART_board_newest_place,
    .id = "f.id",
    .scope = "f.org_path",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};
static const struct list_def by_stop = {.name = "board_stop",
    .from = PART_board_newest_stop,
    .id = "s.id",
    .scope = "f.org_path",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};

enum status { ST_DUE, ST_DONE, ST_ZERO, ST_PROBLEM, ST_LATE, ST_PENDING, ST_MISSING, ST_EXCUSED };
static const char *const status_names[] = {
    "due", "done", "zero", "problem", "late", "pending", "missing", "excused"};

struct behind {
    enum status status;
    int64_t day;
    struct day_terms terms;
    const struct list_def *def;
    bool none; /* the number is 0 by its definition (missing today, pending long ago) */
};

/* The firm owed the day, stops left aside: working day of its week, from its first day on, not in a
 * time without duty. */
static void where_owed(struct list_sql *s, const struct behind *b)
{
    list_where(s, "f.duty_from <= ");
    list_int(s, b->day);
    list_where(s, "f.week_mask % 128 <> 0");
    list_where(
        s, b->terms.rest < 0 ? "((f.week_mask / " : "((f.holidays_off = 0 AND (f.week_mask / ");
    list_int(s, b->terms.bit);
    list_more(s, b->terms.rest < 0 ? ") % 2 = 1)" : ") % 2 = 1) OR (f.holidays_off = 1 AND 1 = ");
    if (b->terms.rest >= 0) {
        list_int(s, b->terms.rest);
        list_more(s, "))");
    }
    list_part(s, PART_board_no_gap, b->day);
}

static void where_status(struct list_sql *s, const struct behind *b)
{
    switch (b->status) {
    case ST_DONE:
        list_where(s, "d.late = 0");
        break;
    case ST_LATE:
        list_where(s, "d.late = 1");
        break;
    case ST_ZERO:
        list_where(s, "d.zero_risk = 1");
        break;
    case ST_PROBLEM:
        list_where(s, "d.zero_risk = 0");
        break;
    case ST_DUE:
        list_part(s, PART_board_filed_or_not_stopped, b->day);
        break;
    case ST_PENDING:
    case ST_MISSING:
        list_where(s, "d.id IS NULL");
        list_part(s, PART_board_not_stopped, b->day);
        break;
    case ST_EXCUSED:
        list_where(s, "d.id IS NULL");
        break;
    }
}

/* What drives the walk: the day's records, or the stops that cover it. */
static void where_driver(struct list_sql *s, const struct behind *b)
{
    list_where(s, "y.day = ");
    list_int(s, b->day);
    if (b->def == &by_record) {
        list_where(s, "d.id >= ");
        list_int(s, daily_id(b->day, 0, 1));
        list_where(s, "d.id < ");
        list_int(s, daily_id(b->day + 1, 0, 1));
        list_part(s, PART_board_last_version, 0);
    } else if (b->def == &by_place) {
        list_where(s, "n.level IN (1, 2, 3, 4, 5, 6) AND n.due > n.done + n.late AND n.day = ");
        list_int(s, b->day);
    } else if (b->def == &by_stop) {
        list_where(s, "s.void_reason IS NULL AND coalesce(s.to_day, 9999999) >= ");
        list_int(s, b->day);
        list_where(s, "s.from_day <= ");
        list_int(s, b->day);
    }
}

static enum err behind_where(struct ctx *c, struct list_sql *s, void *arg)
{
    const struct behind *b = arg;
    (void)c;
    where_driver(s, b);
    if (b->none)
        list_where(s, "1 = 0");
    where_status(s, b);
    where_owed(s, b);
    return OK;
}

static enum err read_status(struct ctx *c, struct str name, enum status *ret)
{
    for (size_t i = 0; i < sizeof status_names / sizeof *status_names; i++)
        if (str_eqz(name, status_names[i])) {
            *ret = (enum status)i;
            return OK;
        }
    complain(c, S("status"), name.n ? "code" : "required",
        "请说明要看哪个数字：due、done、zero、problem、late、pending、missing 或 excused");
    return checked(c);
}

static enum err read_behind(struct ctx *c, const struct list_query *in, struct behind *ret)
{
    int64_t after = setting_int(c->app, "missing_after_days", DUTY_MISSING_AFTER);
    struct str day = list_filter_get(in, "day");
    ret->day = NULL_INT;
    if (day.n && !civil_parse_day(day, &ret->day))
        complain(c, S("day"), "type", "日期应写成 2026-11-02 这样");
    enum err e = checked(c);
    if (!e)
        e = judge_day(c, &ret->day);
    if (!e)
        e = read_status(c, list_filter_get(in, "status"), &ret->status);
    if (e)
        return e;
    bool over = c->today - ret->day > after;
    ret->none = (ret->status == ST_PENDING && over) || (ret->status == ST_MISSING && !over);
    ret->terms = duty_day_terms(c, ret->day);
    return OK;
}

/* The filters that are the list's own. */
static enum err own_filters(struct ctx *c, const struct list_query *in, struct list_query *ret)
{
    const struct list_filter *f = in->filters.p;
    struct list_filter *kept = arena_new(c->a, struct list_filter, in->filters.n + 1);
    size_t n = 0;
    for (size_t i = 0; kept && i < in->filters.n; i++)
        if (!str_eqz(f[i].name, "day") && !str_eqz(f[i].name, "status"))
            kept[n++] = f[i];
    *ret = *in;
    ret->filters = (struct vec){kept, n};
    return kept ? OK : fail(c, ERR_NOMEM, NULL, NULL);
}

static int64_t number_of(const struct board_row *r, enum status s)
{
    const int64_t v[] = {
        r->due, r->done, r->zero, r->problem, r->late, r->pending, r->missing, r->excused};
    return v[s];
}

/* Up to FEW open days, the orgs that hold them are fewer firms than the walk would pass. */
static const struct list_def *driver_of(enum status s, struct str path, int64_t number)
{
    bool record = s == ST_DONE || s == ST_LATE || s == ST_ZERO || s == ST_PROBLEM;
    bool open = s == ST_PENDING || s == ST_MISSING;
    if (s == ST_EXCUSED)
        return &by_stop;
    if (open && number <= FEW && path_level(path) <= 3)
        return &by_place;
    return record && path_level(path) <= 1 ? &by_record : &by_firm;
}

enum err op_board_firms(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct behind b;
    struct list_query lq;
    struct org_place at;
    struct board_row own;
    struct list_run r = {.c = c, .lq = &lq, .extra = behind_where, .arg = &b};
    enum err e = read_behind(c, in, &b);
    if (!e)
        e = retire_judge(c, kind_daily.code, b.day);
    if (!e)
        e = own_filters(c, in, &lq);
    if (!e)
        e = place_of(c, in->org, &at);
    if (!e)
        e = own_row(c, &at, b.day, &own);
    if (e)
        return e;
    r.from_value = daily_id(b.day, 0, 1);
    b.def = r.def = driver_of(b.status, at.path, number_of(&own, b.status));
    if (b.def == &by_place && c->actor.moves.n)
        b.def = r.def = &by_firm; /* firms on the move do not stand where their counters do yet */
    r.scope = at.path;
    /* Without further filters the counters know the total. */
    bool known = !lq.filters.n && !lq.q.n;
    if (known)
        lq.total = 0;
    b.none = b.none || number_of(&own, b.status) == 0;
    e = list_page(&r, ret);
    if (!e && known && in->total == 1) {
        ret->total = number_of(&own, b.status);
        ret->total_is_least = 0;
    }
    return e;
}
