/* The firms behind a number of the board: those to be told, those told, those not told yet.
 *
 * Walked through the firms in scope, with one look at each one's told_firm row. When few are left,
 * from the authorities whose counters still hold one. */
#include "core/app.h"
#include "core/template.h"
#include "feature/notice/notice_impl.h"
#include "feature/ops.h"
#include "feature/org/org.h"

enum { FEW = 200 };

#define FIRM_COL(name_, type_, flags_, label_, codes_)                                             \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "f." #name_                                                     \
    }

static const struct list_col cols[] = {FIRM_COL(id, INT, LC_ALWAYS, "编号", NULL),
    FIRM_COL(name, STR, LC_DEFAULT, "单位名称", NULL),
    FIRM_COL(uscc, STR, 0, "统一社会信用代码", NULL),
    FIRM_COL(kind, CODE, LC_DEFAULT | LC_FILTER, "单位类别", "firm_kind"),
    FIRM_COL(grade, CODE, LC_FILTER, "级别", "grade"),
    {.name = "org_name",
        .type = FT_STR,
        .flags = LC_DEFAULT,
        .label = "属地机构",
        .expr = PART_list_org_name},
    FIRM_COL(site_address, STR, LC_DEFAULT, "生产（经营）地址", NULL),
    FIRM_COL(supervisor, STR, 0, "监管责任人", NULL),
    FIRM_COL(legal_person, STR, 0, "法定代表人", NULL),
    {.name = "way",
        .type = FT_CODE,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "第一次传达方式",
        .codes = "notice_way",
        .expr = PART_notice_firms_way},
    {.name = "day",
        .type = FT_DAY,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "第一次传达日期",
        .expr = PART_notice_firms_day}};

static const struct list_def by_firm = {.name = "tell_firm",
    .from = PART_notice_firms_from,
    .id = "f.id",
    .scope = "f.org_path",
    .level2 = "f.p2",
    .level3 = "f.p3",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};
static const struct list_def by_place = {.name = "tell_place",
    .from = PART_notice_firms_place,
    .id = "f.id",
    .scope = "f.org_path",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};

struct behind {
    const struct notice_row *n;
    enum { DUE, REACHED, UNREACHED } status;
    enum cover cover;
    bool none, place;
};

/* Firms that ended or fell out of scope, by the definitions in force. */
static void where_owing(struct ctx *c, struct list_sql *s)
{
    const struct jin *codes = jin_get(template_body(c->app, "codes", NULL), "abnormal");
    bool first = true;
    list_where(s, "@HOLD@f.state = 'admitted'"); /* by the order asked for, not by state */
    list_where(s, "f.abnormal NOT IN (");
    for (size_t i = 0; i < jin_len(codes); i++) {
        struct str duty = jin_str(jin_get(jin_at(codes, i), "duty"));
        if (!str_eqz(duty, "ended") && !str_eqz(duty, "out"))
            continue;
        list_more(s, first ? "" : ", ");
        list_str(s, keep(c, jin_str(jin_get(jin_at(codes, i), "code"))));
        first = false;
    }
    list_more(s, first ? "'')" : ")");
}

static void where_owed(struct ctx *c, struct list_sql *s, const struct behind *b)
{
    where_owing(c, s);
    list_where(s, PART_notice_firms_audience);
    if (b->status == REACHED)
        list_where(s, PART_notice_firms_way " IS NOT NULL");
    /* Said as a comparison: of "is null" a planner believes that hardly any row is so. */
    if (b->status == UNREACHED)
        list_where(s, "CASE WHEN " PART_notice_firms_way " IS NULL THEN 1 ELSE 0 END > 0");
}

static enum err behind_where(struct ctx *c, struct list_sql *s, void *arg)
{
    const struct behind *b = arg;
    list_where(s, "y.id = ");
    list_int(s, b->n->id);
    if (b->none)
        list_where(s, "1 = 0");
    if (b->place)
        list_where(s, PART_notice_firms_open);
    /* Of a walk in the list's order each condition alone makes a planner believe that hardly a row
     * passes, so that it would rather read and sort them all. Said as one that is not 0, nearly
     * every row is believed to. */
    if (!b->place)
        list_where(s, "CASE WHEN 1 = 1");
    where_owed(c, s, b);
    if (!b->place)
        list_more(s, " THEN 1 ELSE 0 END <> 0");
    if (b->cover == COVER_PART && b->n->everyone != 1)
        list_where(s, PART_notice_firms_covered);
    if (b->cover == COVER_PART && b->n->everyone == 1) {
        list_where(s, "f.org_path >= ");
        list_str(s, b->n->org_path);
        list_where(s, "f.org_path < ");
        list_str(s, scope_end(c->a, b->n->org_path));
    }
    return OK;
}

/* Who was not told has neither way nor day. */
static bool asks_told(const struct list_query *lq)
{
    struct str way = list_filter_get(lq, "way"), day = list_filter_get(lq, "day");
    return (way.n && !str_eqz(way, "null")) || (day.n && !str_eqz(day, "null"));
}

static enum err ask_read(
    struct ctx *c, const struct list_query *in, struct behind *b, struct notice_row *n)
{
    static const char *const names[] = {"due", "reached", "unreached"};
    struct notice_row page;
    struct str status = list_filter_get(in, "status");
    int64_t id = NULL_INT;
    size_t i = 0;
    if (!str_int(list_filter_get(in, "notice"), &id))
        return fail(c, ERR_INVALID, "notice", "请说明是哪一份通知");
    while (i < 3 && !str_eqz(status.n ? status : S("due"), names[i]))
        i++;
    if (i == 3)
        return fail(c, ERR_INVALID, "status", "请选择 due、reached 或 unreached");
    b->status = (int)i;
    b->n = n;
    enum err e = notice_read(c, id, &page);
    return e ? e : notice_target(c, &page, n);
}

enum err op_notice_firms(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct notice_row n;
    struct org_row at;
    struct tell_row r;
    struct behind b = {0};
    struct list_query lq = notice_filters(c, in, "notice", "status");
    struct list_run run = {.c = c, .lq = &lq, .extra = behind_where, .arg = &b};
    enum err e = ask_read(c, in, &b, &n);
    if (!e)
        e = org_load(c, in->org == NULL_INT ? c->actor.org : in->org, &at);
    if (!e)
        e = tell_numbers(c, &n, at.path, &r, &b.cover);
    if (e)
        return e;
    const int64_t numbers[] = {r.due, r.reached, r.unreached};
    int64_t number = numbers[b.status];
    b.none = b.cover == COVER_NONE || number == 0 || (b.status == UNREACHED && asks_told(&lq));
    b.place = b.status == UNREACHED && number <= FEW && path_level(at.path) <= 3;
    run.def = b.place ? &by_place : &by_firm;
    run.scope = at.path;
    bool known = !lq.filters.n && !lq.q.n;
    if (known)
        lq.total = 0; /* the counters know it */
    e = list_page(&run, ret);
    if (!e && known && in->total == 1) {
        ret->total = number;
        ret->total_is_least = 0;
    }
    return e;
}
