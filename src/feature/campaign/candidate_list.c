/* The candidates of a campaign as a list: the work list of a station, the whole of a province.
 *
 * rank carries the order (candidate, 0012_campaign.sql): pending before ticked, priority firms
 * first, and one state is one stretch of it. */
#include "core/codes.h"
#include "domain/gram.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "d." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER, SORT = LC_SORT, COUNTY_LEVEL = 3 };

static const struct list_col cols[] = {
    COL(id, INT, LC_ALWAYS, "编号", NULL),
    COL(version, INT, LC_ALWAYS, "版本", NULL),
    COL(name, STR, SHOW, "单位名称", NULL),
    COL(uscc, STR, SHOW, "统一社会信用代码", NULL),
    COL(state, CODE, SHOW | FILTER, "核对结果", "candidate_state"),
    COL(prio, BOOL, SHOW | FILTER, "优先单位", NULL),
    COL(reasons, CODES, SHOW | FILTER, "录入原因", "entry_reason"),
    COL(kind, CODE, SHOW | FILTER, "单位类别", "firm_kind"),
    COL(sources, CODES, SHOW | FILTER, "名单来源", "candidate_source"),
    COL(source_no, STR, 0, "证号", NULL),
    COL(py, STR, 0, "拼音首字母", NULL),
    {.name = "org_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "属地机构",
        .expr = PART_candidate_org_name},
    {.name = "town_name",
        .type = FT_STR,
        .flags = SHOW,
        .label = "乡镇（街道）",
        .expr = PART_candidate_town_name},
    COL(town, STR, FILTER, "乡镇（街道）代码", NULL),
    COL(address, STR, SHOW, "地址", NULL),
    COL(firm, INT, SHOW | FILTER, "台账单位", NULL),
    COL(matched, CODE, FILTER, "对应方式", "candidate_match"),
    {.name = "firm_state",
        .type = FT_CODE,
        .flags = SHOW | FILTER,
        .label = "台账状态",
        .codes = "firm_state",
        .expr = PART_candidate_firm_state_col},
    {.name = "firm_created",
        .type = FT_TIME,
        .label = "建档时间",
        .expr = PART_candidate_firm_created},
    COL(why, CODE, FILTER, "不在范围的原因", "candidate_out"),
    COL(note, STR, SHOW, "说明或证据", NULL),
    COL(ticked_name, STR, SHOW, "核对人", NULL),
    COL(ticked_at, TIME, SHOW, "核对时间", NULL),
    COL(at, TIME, 0, "列入时间", NULL),
    {.name = "rank",
        .type = FT_INT,
        .flags = SORT,
        .label = "先后（优先单位在前）",
        .expr = "d.rank"},
};

static const struct list_def def = {.name = "candidate",
    .from = "candidate d",
    .id = "d.id",
    .scope = "d.org_path",
    .level2 = "d.p2",
    .level3 = "d.p3",
    .default_sort = "-rank",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};

/* Name, code or initials, as conditions on the row: the walk in the list's order goes on, as one
 * authority's candidates are few and a name's hits come early. */
static void searched(struct ctx *c, struct list_sql *s, struct str q)
{
    struct buf b;
    buf_init(&b, 1000);
    gram_fold(q, &b);
    struct str any = arena_fmt(c->a, "%%%.*s%%", STR_ARG(buf_str(&b)));
    buf_free(&b);
    list_where(s, "(lower(d.name) LIKE ");
    list_str(s, any);
    list_more(s, " OR lower(d.uscc) LIKE ");
    list_str(s, any);
    list_more(s, " OR d.py LIKE ");
    list_str(s, any);
    list_more(s, ")");
}

static enum err only(struct ctx *c, struct list_sql *s, void *arg)
{
    const struct candidate_list *l = arg;
    list_where(s, "d.campaign = ");
    list_int(s, l->campaign);
    if (l->q.n)
        searched(c, s, l->q);
    if (l->high == NULL_INT)
        return OK;
    /* A county's or station's own index carries the query; above that the stretch of rank leads. */
    const char *held = path_level(l->run.scope) >= COUNTY_LEVEL ? "@HOLD@d.rank" : "d.rank";
    list_where(s, held);
    list_more(s, " >= ");
    list_int(s, l->low);
    list_where(s, held);
    list_more(s, " <= ");
    list_int(s, l->high);
    return OK;
}

/* The stretch of rank that is one state. */
static bool stretch(struct candidate_list *l, struct str state)
{
    static const char *const order[] = {"in", "out", "none", "pending"};
    for (int i = 0; i < 4; i++)
        if (str_eqz(state, order[i])) {
            l->low = 2 * i;
            l->high = 2 * i + 1;
            return true;
        }
    return false;
}

enum err candidate_list_run(struct ctx *c, const struct list_query *in, struct candidate_list *ret)
{
    const struct list_filter *f = in->filters.p;
    struct list_filter *kept = arena_new(c->a, struct list_filter, in->filters.n + 1);
    struct campaign_row camp;
    struct org_row org;
    size_t n = 0;
    *ret = (struct candidate_list){.lq = *in, .campaign = NULL_INT, .high = NULL_INT};
    for (size_t i = 0; kept && i < in->filters.n; i++) {
        if (str_eqz(f[i].name, "campaign"))
            (void)str_int(f[i].value, &ret->campaign);
        else if (!str_eqz(f[i].name, "state") || !stretch(ret, f[i].value))
            kept[n++] = f[i];
    }
    ret->lq.filters = (struct vec){kept, n};
    ret->q = in->q;
    ret->lq.q = STR_NULL;
    if (ret->campaign == NULL_INT)
        return fail(c, ERR_INVALID, "campaign", "请指明是哪一次摸底");
    enum err e = campaign_need(c, ret->campaign, &camp);
    if (!e)
        e = campaign_org(c, in->org, &org);
    ret->run = (struct list_run){.c = c, .def = &def, .lq = &ret->lq, .extra = only, .arg = ret};
    if (!e)
        ret->run.scope = org.path;
    return e;
}

enum err op_candidate_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct candidate_list l;
    enum err e = candidate_list_run(c, in, &l);
    return e ? e : list_page(&l.run, ret);
}
