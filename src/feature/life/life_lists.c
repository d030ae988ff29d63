/* The lists of a firm's life. What hangs from a firm reaches scope through it; a move and a
 * delegated task are listed on both sides, each by its own path; a pair by the authority that
 * decides. */
#include "feature/ledger/firm_list.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

#define COL(t, name_, type_, flags_, label_, codes_)                                               \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = #t "." #name_                                                   \
    }
#define AS(name_, type_, flags_, label_, expr_)                                                    \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_), .expr = (expr_)  \
    }
#define FIRM_COLS(t)                                                                               \
    COL(t, id, INT, ALWAYS, "编号", NULL), COL(t, version, INT, ALWAYS, "版本", NULL),             \
        COL(t, firm, INT, ALWAYS | FILTER, "单位编号", NULL),                                      \
        AS(firm_name, STR, SHOW, "单位名称", "f.name")

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER, ALWAYS = LC_ALWAYS };

static enum err page(
    struct ctx *c, const struct list_def *d, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = d, .lq = in};
    enum err e = ledger_scope(c, in->org, &r.scope);
    return e ? e : list_page(&r, ret);
}

/* A copy whose `late` column compares the day of `late` with today. */
static enum err page_of_today(struct ctx *c, const struct list_def *d, const char *late,
    const struct list_query *in, struct list_page *ret)
{
    struct list_def mine = *d;
    struct list_col *cols = arena_new(c->a, struct list_col, d->n);
    struct str expr = arena_fmt(c->a, "(%s < %lld)", late, (long long)c->today);
    if (!cols || !expr.p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    memcpy(cols, d->cols, d->n * sizeof *cols);
    for (size_t i = 0; i < d->n; i++)
        if (!cols[i].expr)
            cols[i].expr = expr.p;
    mine.cols = cols;
    return page(c, &mine, in, ret);
}

/* --- status ----------------------------------------------------------------------------------- */

static const struct list_col status_cols[] = {FIRM_COLS(g),
    COL(g, state, CODE, SHOW | FILTER, "状态", "status_change_state"),
    COL(g, from_code, CODE, SHOW, "原状态", "abnormal"),
    COL(g, to_code, CODE, SHOW | FILTER, "拟改状态", "abnormal"),
    COL(g, since, DAY, SHOW | FILTER, "起始日期", NULL), COL(g, reason, STR, SHOW, "理由", NULL),
    COL(g, evidence, STR, ALWAYS, "证据", NULL), COL(g, proposed_by, INT, ALWAYS, "提出账号", NULL),
    COL(g, proposed_name, STR, SHOW, "提出人", NULL),
    COL(g, proposed_at, TIME, SHOW, "提出时间", NULL),
    COL(g, decided_name, STR, SHOW, "审核人", NULL), COL(g, decided_at, TIME, 0, "审核时间", NULL),
    COL(g, opinion, STR, 0, "审核意见", NULL)};

static const struct list_def status_list = {.name = "status_change",
    .from = "status_change g JOIN firm f ON f.id = g.firm",
    .id = "g.id",
    .scope = "f.org_path",
    .default_sort = "-id",
    .cols = status_cols,
    .n = sizeof status_cols / sizeof *status_cols};

enum err op_status_change_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page(c, &status_list, in, ret);
}

/* --- moves ------------------------------------------------------------------------------------ */

static const struct list_col transfer_cols[] = {FIRM_COLS(t),
    COL(t, state, CODE, SHOW | FILTER, "状态", "transfer_state"),
    COL(t, side, CODE, SHOW | FILTER, "提出方", "transfer_side"),
    AS(from_name, STR, SHOW, "迁出机构", PART_list_move_from),
    AS(to_name, STR, SHOW, "迁入机构", PART_list_move_to), COL(t, reason, STR, SHOW, "理由", NULL),
    COL(t, due_day, DAY, SHOW | FILTER, "办理期限", NULL),
    {.name = "late", .type = FT_BOOL, .flags = SHOW | FILTER, .label = "超过期限"},
    COL(t, asked_by, INT, ALWAYS, "提出账号", NULL), COL(t, asked_name, STR, SHOW, "提出人", NULL),
    COL(t, asked_at, TIME, 0, "提出时间", NULL), COL(t, decided_name, STR, 0, "办理人", NULL),
    COL(t, decided_at, TIME, 0, "办理时间", NULL), COL(t, opinion, STR, SHOW, "办理意见", NULL),
    COL(t, reminded, DAY, 0, "提醒日期", NULL)};

#define TRANSFER_LATE "t.state = 'asked' AND t.due_day"

static const struct list_def transfer_out = {.name = "transfer_out",
    .from = "transfer t JOIN firm f ON f.id = t.firm",
    .id = "t.id",
    .scope = "t.from_path",
    .default_sort = "-id",
    .cols = transfer_cols,
    .n = sizeof transfer_cols / sizeof *transfer_cols};

enum err op_transfer_out_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page_of_today(c, &transfer_out, TRANSFER_LATE, in, ret);
}

enum err op_transfer_in_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_def def = transfer_out;
    def.name = "transfer_in";
    def.scope = "t.to_path";
    return page_of_today(c, &def, TRANSFER_LATE, in, ret);
}

/* --- pairs ------------------------------------------------------------------------------------ */

static const struct list_col twin_cols[] = {COL(t, id, INT, ALWAYS, "编号", NULL),
    COL(t, version, INT, ALWAYS, "版本", NULL), COL(t, a, INT, ALWAYS, "甲单位编号", NULL),
    COL(t, b, INT, ALWAYS, "乙单位编号", NULL), AS(a_name, STR, SHOW, "甲单位", PART_list_twin_a),
    AS(a_org, STR, SHOW, "甲单位属地", PART_list_twin_a_org),
    AS(b_name, STR, SHOW, "乙单位", PART_list_twin_b),
    AS(b_org, STR, SHOW, "乙单位属地", PART_list_twin_b_org),
    {.name = "score",
        .type = FT_INT,
        .flags = SHOW | FILTER | LC_SORT,
        .label = "相近程度",
        .expr = "t.score"},
    COL(t, why, CODES, SHOW, "依据", "twin_why"),
    COL(t, state, CODE, SHOW | FILTER, "状态", "twin_state"),
    AS(decider, STR, SHOW, "处理机构", PART_list_twin_decider),
    COL(t, found_at, TIME, 0, "发现时间", NULL), COL(t, decided_name, STR, SHOW, "处理人", NULL),
    COL(t, decided_at, TIME, 0, "处理时间", NULL), COL(t, opinion, STR, 0, "处理意见", NULL)};

static const struct list_def twin_def = {.name = "twin",
    .from = "twin t",
    .id = "t.id",
    .scope = "t.path",
    .default_sort = "-id",
    .cols = twin_cols,
    .n = sizeof twin_cols / sizeof *twin_cols};

enum err op_twin_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page(c, &twin_def, in, ret);
}

/* --- claims ----------------------------------------------------------------------------------- */

static const struct list_col claim_cols[] = {FIRM_COLS(g),
    AS(org_name, STR, SHOW, "属地机构", PART_list_org_name),
    COL(g, state, CODE, SHOW | FILTER, "状态", "claim_state"),
    COL(g, post, CODE, SHOW, "岗位", "post"), COL(g, person, STR, SHOW, "申请人", NULL),
    {.name = "phone",
        .type = FT_BLOB,
        .flags = SHOW | LC_MASKED,
        .label = "手机",
        .expr = "g.phone"},
    COL(g, at, TIME, SHOW, "申请时间", NULL), COL(g, decided_name, STR, SHOW, "办理人", NULL),
    COL(g, decided_at, TIME, 0, "办理时间", NULL), COL(g, opinion, STR, 0, "办理意见", NULL)};

static const struct list_def claim_def = {.name = "claim",
    .from = "claim g JOIN firm f ON f.id = g.firm",
    .id = "g.id",
    .scope = "f.org_path",
    .default_sort = "-id",
    .cols = claim_cols,
    .n = sizeof claim_cols / sizeof *claim_cols,
    .mask = claim_phone_masked};

enum err op_claim_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page(c, &claim_def, in, ret);
}

/* --- who has begun ---------------------------------------------------------------------------- */

static const struct list_col begun_cols[] = {COL(f, id, INT, ALWAYS, "编号", NULL),
    COL(f, version, INT, ALWAYS, "版本", NULL), COL(f, name, STR, SHOW, "单位名称", NULL),
    COL(f, uscc, STR, SHOW, "统一社会信用代码", NULL),
    AS(org_name, STR, SHOW, "属地机构", PART_list_org_name),
    COL(f, state, CODE, SHOW | FILTER, "审核状态", "firm_state"),
    COL(f, entry_reason, CODES, SHOW, "录入原因", "entry_reason"),
    {.name = "stage",
        .type = FT_CODE,
        .flags = SHOW | FILTER,
        .label = "企业使用情况",
        .codes = "begun_stage",
        .expr = PART_list_begun_stage}};

static const struct list_def begun_def = {.name = "begun",
    .from = "firm f",
    .id = "f.id",
    .scope = "f.org_path",
    .level2 = "f.p2",
    .level3 = "f.p3",
    .default_sort = "-id",
    .cols = begun_cols,
    .n = sizeof begun_cols / sizeof *begun_cols};

static enum err not_merged(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    (void)arg;
    list_where(s, "f.state <> 'merged'");
    return OK;
}

enum err op_begun_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &begun_def, .lq = in, .extra = not_merged};
    enum err e = ledger_scope(c, in->org, &r.scope);
    return e ? e : list_page(&r, ret);
}

/* --- grade proposals -------------------------------------------------------------------------- */

static const struct list_col regrade_cols[] = {FIRM_COLS(g),
    AS(org_name, STR, SHOW, "属地机构", PART_list_org_name),
    COL(g, year, INT, SHOW | FILTER, "年度", NULL),
    COL(g, kind, CODE, SHOW | FILTER, "依据类别", "regrade_kind"),
    COL(g, state, CODE, SHOW | FILTER, "状态", "regrade_state"),
    COL(g, from_grade, CODE, SHOW | FILTER, "现级别", "grade"),
    COL(g, to_grade, CODE, SHOW | FILTER, "建议级别", "grade"),
    COL(g, basis, STR, SHOW, "依据", NULL),
    COL(g, outcome, CODE, SHOW, "处理结果", "regrade_outcome"),
    COL(g, decided_name, STR, SHOW, "处理人", NULL), COL(g, decided_at, TIME, 0, "处理时间", NULL),
    COL(g, opinion, STR, 0, "处理意见", NULL), COL(g, at, TIME, 0, "计算时间", NULL),
    COL(g, att1, INT, 0, "附件1版本", NULL)};

static const struct list_def regrade_def = {.name = "regrade",
    .from = "regrade g JOIN firm f ON f.id = g.firm",
    .id = "g.id",
    .scope = "f.org_path",
    .default_sort = "-id",
    .cols = regrade_cols,
    .n = sizeof regrade_cols / sizeof *regrade_cols};

enum err op_regrade_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page(c, &regrade_def, in, ret);
}

/* --- delegated tasks -------------------------------------------------------------------------- */

static const struct list_col delegation_cols[] = {FIRM_COLS(d),
    AS(sup_level, INT, ALWAYS, "监管层级", "f.sup_level"),
    COL(d, state, CODE, SHOW | FILTER, "状态", "delegation_state"),
    AS(from_name, STR, SHOW, "交办机构", PART_list_task_from),
    AS(to_name, STR, SHOW, "承办机构", PART_list_task_to),
    COL(d, what, STR, SHOW, "交办事项", NULL),
    COL(d, due_day, DAY, SHOW | FILTER, "完成期限", NULL),
    {.name = "late", .type = FT_BOOL, .flags = SHOW | FILTER, .label = "超过期限"},
    COL(d, by_name, STR, 0, "交办人", NULL), COL(d, at, TIME, 0, "交办时间", NULL),
    COL(d, result, STR, SHOW, "办理结果", NULL), COL(d, result_day, DAY, 0, "报结果日期", NULL),
    COL(d, result_name, STR, 0, "承办人", NULL), COL(d, closed_day, DAY, 0, "办结日期", NULL),
    COL(d, opinion, STR, 0, "意见", NULL)};

#define DELEGATION_LATE "d.state = 'open' AND d.due_day"

static const struct list_def delegation_out = {.name = "delegation_out",
    .from = "delegation d JOIN firm f ON f.id = d.firm",
    .id = "d.id",
    .scope = "d.from_path",
    .default_sort = "-id",
    .cols = delegation_cols,
    .n = sizeof delegation_cols / sizeof *delegation_cols};

enum err op_delegation_out_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return page_of_today(c, &delegation_out, DELEGATION_LATE, in, ret);
}

enum err op_delegation_in_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_def def = delegation_out;
    def.name = "delegation_in";
    def.scope = "d.to_path";
    return page_of_today(c, &def, DELEGATION_LATE, in, ret);
}
