/* Hazards as a list: those of the firms in scope, or of one firm. A hazard reaches scope through
 * its firm, wherever that stands now.
 *
 * Wide scopes walk the hazards from the newest and look at each one's firm; a county or station
 * starts from its firms; one firm's are read through their own index. */
#include "core/app.h"
#include "feature/hazard/hazard.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "h." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER };

static const struct list_col cols[] = {
    COL(id, INT, LC_ALWAYS | LC_SORT, "编号", NULL),
    COL(version, INT, LC_ALWAYS, "版本", NULL),
    COL(firm, INT, LC_ALWAYS | FILTER, "单位", NULL),
    {.name = "firm_name", .type = FT_STR, .flags = SHOW, .label = "单位名称", .expr = "f.name"},
    {.name = "org_name", .type = FT_STR, .label = "属地机构", .expr = PART_list_org_name},
    COL(found_day, DAY, SHOW | FILTER, "发现日期", NULL),
    COL(what, STR, SHOW, "问题", NULL),
    COL(severity, CODE, SHOW | FILTER, "严重程度", "severity"),
    COL(state, CODE, SHOW | FILTER, "状态", "hazard_state"),
    COL(fixer, STR, SHOW, "谁来改", NULL),
    COL(due_day, DAY, SHOW | FILTER, "几号前改完", NULL),
    /* Replaced by an expression with today in it (list_of_today). */
    {.name = "overdue", .type = FT_BOOL, .flags = SHOW | FILTER, .label = "过了约定日期"},
    COL(source, CODE, SHOW | FILTER, "来源", "hazard_source"),
    COL(area, STR, 0, "区域", NULL),
    COL(item_text, STR, 0, "检查内容", NULL),
    COL(measure, STR, 0, "防范措施", NULL),
    COL(fixed_day, DAY, FILTER, "改完日期", NULL),
    COL(fix_note, STR, 0, "整改情况", NULL),
    COL(closed_day, DAY, FILTER, "关闭日期", NULL),
    COL(close_note, STR, 0, "核实情况", NULL),
    COL(by_name, STR, 0, "登记人", NULL),
    COL(at, TIME, 0, "登记时间", NULL),
};

enum { COLS = sizeof cols / sizeof *cols };

#define BY_HAZARD "hazard h @CROSS@ JOIN firm f ON f.id = h.firm"
#define BY_FIRM "firm f @CROSS@ JOIN hazard h ON h.firm = f.id"

/* Overdue is computed, never stored. */
static enum err list_of_today(struct ctx *c, const char *from, struct list_def *ret)
{
    struct list_col *mine = arena_new(c->a, struct list_col, COLS);
    struct str expr =
        arena_fmt(c->a, "(h.state <> 'closed' AND h.due_day IS NOT NULL AND h.due_day < %lld)",
            (long long)c->today);
    if (!mine || !expr.p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    memcpy(mine, cols, sizeof cols);
    for (size_t i = 0; i < COLS; i++)
        if (!mine[i].expr)
            mine[i].expr = expr.p;
    *ret = (struct list_def){.name = "hazard",
        .from = from,
        .id = "h.id",
        .scope = "f.org_path",
        .level2 = "f.p2",
        .level3 = "f.p3",
        .default_sort = "-id",
        .cols = mine,
        .n = COLS};
    return OK;
}

static enum err one_firm(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    list_where(s, "h.firm = ");
    list_int(s, *(int64_t *)arg);
    return OK;
}

/* Takes a filter by one firm out of the query, so that it can drive; NULL_INT when there is none.
 */
static int64_t firm_filter(struct ctx *c, const struct list_query *in, struct list_query *ret)
{
    const struct list_filter *f = in->filters.p;
    struct list_filter *kept = arena_new(c->a, struct list_filter, in->filters.n + 1);
    int64_t firm = NULL_INT;
    size_t n = 0;
    *ret = *in;
    for (size_t i = 0; kept && i < in->filters.n; i++)
        if (firm != NULL_INT || !str_eqz(f[i].name, "firm") || !str_int(f[i].value, &firm))
            kept[n++] = f[i];
    ret->filters = (struct vec){kept, n};
    return firm;
}

/* The path to list under; 404 for an org outside the actor's scope. */
static enum err org_scope(struct ctx *c, int64_t org, struct str *ret)
{
    struct q q;
    struct str path = STR_NULL;
    if (org == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_org_path_of);
    q_int(&q, "id", org);
    if (q_row(&q))
        path = keep(c, q_get_str(&q, 0));
    enum err e = q_end(&q);
    if (e)
        return db_fail(c, e);
    if (!path.p || !scope_has(c, path))
        return fail(c, ERR_NOT_FOUND, "org", NULL);
    *ret = path;
    return OK;
}

enum err op_hazard_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_def def;
    struct list_query lq;
    struct list_run r = {.c = c, .def = &def, .lq = &lq};
    int64_t firm = firm_filter(c, in, &lq);
    enum err e = lq.filters.p ? org_scope(c, in->org, &r.scope) : fail(c, ERR_NOMEM, NULL, NULL);
    if (c->actor.firm > 0) {
        r.no_scope = true;
        firm = firm == NULL_INT || firm == c->actor.firm ? c->actor.firm : 0;
    }
    if (firm != NULL_INT) {
        r.extra = one_firm;
        r.arg = &firm;
    }
    int level = path_level(r.scope.p ? r.scope : c->actor.org_path);
    if (!e)
        e = list_of_today(c, firm == NULL_INT && level >= 3 ? BY_FIRM : BY_HAZARD, &def);
    return e ? e : list_page(&r, ret);
}
