/* The candidates of a campaign as a list: the work list of a station, the whole of a province.
 *
 * rank carries the order (candidate, 0012_campaign.sql): pending before ticked, priority firms
 * first, and one state is one stretch of it. */
#include "core/codes.h"
#include "domain/gram.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ops.h"
#include "render/table.h"

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

/* --- as a file ---------------------------------------------------------------------------------
 */

enum err op_candidate_export(struct ctx *c, const struct candidate_export *in, struct none *ret)
{
    struct campaign_row camp;
    struct org_row org;
    struct candidate_export x = *in;
    struct job_spec spec = {.kind = "export_candidates"};
    (void)ret;
    enum err e = campaign_need(c, in->campaign, &camp);
    if (!e)
        e = campaign_org(c, in->org, &org);
    if (e)
        return e;
    x.org = org.id;
    spec.title = arena_fmt(c->a, "候选单位 %.*s", STR_ARG(camp.title));
    spec.input = campaign_row_text(c, &candidate_export_desc, &x);
    e = job_create(c, &spec, &c->reply.job);
    return e ? e : journal_event(c, 0, "导出候选单位", spec.title);
}

struct exporting {
    struct ctx *c;
    struct job *j;
    struct table_out *out;
    int64_t rows;
    enum err e;
};

static struct table_cell cell_of(const struct list_cell *cell)
{
    if (field_is_text(cell->col->type))
        return table_text(cell->text);
    if (cell->num == NULL_INT)
        return (struct table_cell){.type = TABLE_EMPTY};
    if (cell->col->type == FT_BOOL)
        return table_text(cell->num ? S("是") : S("否"));
    if (cell->col->type == FT_TIME)
        return table_num(TABLE_TIME, (double)(cell->num + 8 * 3600000) / 86400000.0);
    return table_num(TABLE_INT, (double)cell->num);
}

static bool row_out(void *arg, const struct list_cell *cells, size_t n)
{
    struct exporting *x = arg;
    struct table_cell row[sizeof cols / sizeof *cols];
    for (size_t i = 0; i < n; i++)
        row[i] = cell_of(&cells[i]);
    x->e = table_row(x->out, row, n);
    x->rows++;
    if (!x->e)
        x->e = job_step(x->c, x->j, x->rows, x->rows + 1);
    return x->e == OK;
}

static enum err write_rows(struct exporting *x, const struct list_run *run, struct str title)
{
    struct table_col heads[sizeof cols / sizeof *cols];
    size_t n = 0;
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++)
        if (cols[i].flags & (LC_ALWAYS | LC_DEFAULT))
            heads[n++] = (struct table_col){.label = str_z(cols[i].label), .width = 16};
    struct table_head head = {.sheet = S("候选单位"), .title = title, .cols = heads, .ncols = n};
    enum err e = table_sheet(x->out, &head);
    if (!e)
        e = list_each(run, true, row_out, x);
    return e ? e : x->e;
}

static enum err query_of(struct ctx *c, const struct candidate_export *in, struct list_query *lq)
{
    const struct jin *doc = NULL, *v;
    struct str key;
    desc_clear(&list_query_desc, lq);
    lq->org = in->org;
    lq->q = in->q;
    list_query_add(c, lq, S("campaign"), arena_fmt(c->a, "%lld", (long long)in->campaign));
    if (in->filters.n && jin_parse(in->filters, 4, &doc))
        return fail(c, ERR_INVALID, "filters", "筛选条件读不懂");
    for (size_t i = 0; jin_member(doc, i, &key, &v); i++)
        if (jin_str(v).p && !str_eqz(key, "campaign"))
            list_query_add(c, lq, keep(c, key), keep(c, jin_str(v)));
    jin_free(doc);
    return OK;
}

enum err job_candidate_export(struct ctx *c, struct job *j)
{
    struct candidate_export in;
    struct list_query lq;
    struct candidate_list l;
    struct exporting x = {.c = c, .j = j};
    const struct jin *doc = NULL;
    desc_clear(&candidate_export_desc, &in);
    if (jin_parse(j->row.input, 16, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    in.campaign = jin_int(jin_get(doc, "campaign"), 0); /* a path field: not decoded from a body */
    in.org = jin_int(jin_get(doc, "org"), NULL_INT);
    in.q = keep(c, jin_str(jin_get(doc, "q")));
    in.format = keep(c, jin_str(jin_get(doc, "format")));
    if (jin_type(jin_get(doc, "filters")) == JIN_OBJ)
        in.filters = keep(c, jin_text(jin_get(doc, "filters")));
    jin_free(doc);
    bool csv = str_eqz(in.format, "csv");
    enum err e = query_of(c, &in, &lq);
    if (!e)
        e = candidate_list_run(c, &lq, &l);
    if (!e)
        e = table_open(
            csv ? TABLE_CSV : TABLE_XLSX, job_file(c, j->row.id, csv ? "csv" : "xlsx").p, &x.out);
    if (!e)
        e = table_close(x.out, write_rows(&x, &l.run, j->row.title));
    j->result = arena_fmt(c->a, "{\"rows\":%lld}", (long long)x.rows);
    return e ? fail(c, e, NULL, NULL) : OK;
}
