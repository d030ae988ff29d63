/* Manual grades (M8, R-100, R-102): proposed with reason and expiry, decided one level up, lifted
 * when they expire. */
#include "core/app.h"
#include "core/template.h"
#include "feature/ledger/firm_judge.h"
#include "feature/ledger/firm_list.h"
#include "feature/ledger/firm_view.h"
#include "feature/ops.h"

static const struct list_col change_cols[] = {
    {.name = "id", .type = FT_INT, .flags = LC_ALWAYS, .label = "编号", .expr = "g.id"},
    {.name = "firm", .type = FT_INT, .flags = LC_ALWAYS, .label = "单位编号", .expr = "g.firm"},
    {.name = "version", .type = FT_INT, .flags = LC_ALWAYS, .label = "版本", .expr = "g.version"},
    {.name = "firm_name",
        .type = FT_STR,
        .flags = LC_DEFAULT,
        .label = "单位名称",
        .expr = "f.name"},
    {.name = "state",
        .type = FT_CODE,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "状态",
        .codes = "grade_change_state",
        .expr = "g.state"},
    {.name = "from_grade",
        .type = FT_CODE,
        .flags = LC_DEFAULT,
        .label = "原级别",
        .codes = "grade",
        .expr = "g.from_grade"},
    {.name = "to_grade",
        .type = FT_CODE,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "拟调级别",
        .codes = "grade",
        .expr = "g.to_grade"},
    {.name = "reason_code",
        .type = FT_CODE,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "理由类别",
        .codes = "grade_reason",
        .expr = "g.reason_code"},
    {.name = "reason", .type = FT_STR, .flags = LC_DEFAULT, .label = "理由", .expr = "g.reason"},
    {.name = "expires",
        .type = FT_DAY,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "有效期至",
        .expr = "g.expires"},
    {.name = "proposed_name",
        .type = FT_STR,
        .flags = LC_DEFAULT,
        .label = "提出人",
        .expr = "g.proposed_name"},
    {.name = "proposed_level",
        .type = FT_INT,
        .flags = LC_ALWAYS,
        .label = "提出层级",
        .expr = "g.proposed_level"},
    {.name = "proposed_at",
        .type = FT_TIME,
        .flags = LC_DEFAULT,
        .label = "提出时间",
        .expr = "g.proposed_at"},
    {.name = "decided_name", .type = FT_STR, .label = "审批人", .expr = "g.decided_name"},
    {.name = "decided_at", .type = FT_TIME, .label = "审批时间", .expr = "g.decided_at"},
    {.name = "opinion", .type = FT_STR, .label = "审批意见", .expr = "g.opinion"},
};

static const struct list_def change_list = {.name = "grade_change",
    .from = "grade_change g JOIN firm f ON f.id = g.firm",
    .id = "g.id",
    .scope = "f.org_path",
    .default_sort = "-id",
    .cols = change_cols,
    .n = sizeof change_cols / sizeof *change_cols};

enum err op_grade_change_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &change_list, .lq = in};
    enum err e = ledger_scope(c, in->org, &r.scope);
    return e ? e : list_page(&r, ret);
}

static enum err check_proposal(
    struct ctx *c, const struct grade_propose *in, const struct firm_row *firm)
{
    struct q q;
    int64_t open = 0;
    if (str_eq(in->to_grade, firm->grade))
        complain(c, S("to_grade"), "same", "拟调级别与现在的级别相同");
    int64_t longest = setting_int(c->app, "grade_manual_days", 365);
    if (firm_is_merged(firm))
        return fail(c, ERR_STATE, "state", FIRM_MERGED_TEXT);
    if (in->expires <= c->today)
        complain(c, S("expires"), "range", "有效期至应晚于今天");
    if (in->expires > c->today + longest)
        complain(
            c, S("expires"), "range", "有效期至：人工调整最长 %lld 天（M8）", (long long)longest);
    q_begin(&q, c->db, SQL_grade_change_open);
    q_int(&q, "firm", firm->id);
    enum err e = q_one_int(&q, &open);
    if (e)
        return db_fail(c, e);
    return open ? fail(c, ERR_CONFLICT, NULL, "这家单位已有一份待审批的级别调整申请") : checked(c);
}

enum err op_grade_propose(struct ctx *c, const struct grade_propose *in, struct firm_view *ret)
{
    struct firm_row firm;
    struct grade_change_row g;
    struct note n = {.label = "提出调整级别", .text = in->reason};
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = check_proposal(c, in, &firm);
    if (e)
        return e;
    desc_clear(&grade_change_row_desc, &g);
    g.firm = firm.id;
    g.org_path = firm.org_path;
    g.state = S("proposed");
    g.from_grade = firm.grade.p ? firm.grade : S("D");
    g.to_grade = in->to_grade;
    g.reason_code = in->reason_code;
    g.reason = in->reason;
    g.expires = in->expires;
    g.proposed_by = c->actor.account;
    g.proposed_name = c->actor.name;
    g.proposed_level = c->actor.level;
    g.proposed_at = c->now;
    g.version = 1;
    e = rec_insert(c, &kind_grade_change, &g, &n);
    return e ? e : firm_view_fill(c, &firm, ret);
}

/* One level up from who proposed; the province decides its own proposals by another person. */
static enum err may_decide(struct ctx *c, const struct grade_change_row *g)
{
    bool top = g->proposed_level <= 1;
    if (g->proposed_by == c->actor.account)
        return fail(c, ERR_FORBIDDEN, NULL, "提出人不能审批自己的申请");
    if (!top && c->actor.level >= g->proposed_level)
        return fail(c, ERR_FORBIDDEN, NULL, "级别调整由提出机关的上一级审批");
    return str_eqz(g->state, "proposed") ? OK : fail(c, ERR_STATE, NULL, "这份申请已经审批过了");
}

static enum err put_in_force(struct ctx *c, const struct grade_change_row *g, struct firm_row *firm)
{
    struct firm_row old = *firm;
    struct note n = {.label = "级别调整生效", .text = g->reason};
    firm->grade_override = g->id;
    enum err e = firm_set_grade(c, firm, g->to_grade.p[0]);
    return e ? e : firm_change(c, &old, firm, &n);
}

enum err op_grade_decide(struct ctx *c, const struct grade_decide *in, struct firm_view *ret)
{
    struct grade_change_row old, g;
    struct firm_row firm;
    enum err e = rec_get(c, &kind_grade_change, in->change, &old);
    if (!e)
        e = firm_need(c, old.firm, &firm);
    if (!e)
        e = may_decide(c, &old);
    if (e)
        return e;
    if (in->approve != 1 && !in->opinion.n) {
        complain(c, S("opinion"), "required", "意见：不同意时请写明理由");
        return checked(c);
    }
    g = old;
    g.state = in->approve == 1 ? S("approved") : S("refused");
    g.decided_by = c->actor.account;
    g.decided_name = c->actor.name;
    g.decided_at = c->now;
    g.opinion = in->opinion;
    g.version++;
    struct note n = {
        .label = in->approve == 1 ? "同意调整级别" : "不同意调整级别", .text = in->opinion};
    e = rec_update(c, &kind_grade_change, &old, &g, &n);
    if (!e && in->approve == 1)
        e = put_in_force(c, &g, &firm);
    return e ? e : firm_view_fill(c, &firm, ret);
}

static enum err lift(struct ctx *c, int64_t id)
{
    struct firm_row old, row;
    struct grade_change_row was, g;
    struct note n = {.label = "级别调整到期，恢复按规则定级"};
    enum err e = rec_get(c, &kind_firm, id, &old);
    if (!e)
        e = rec_get(c, &kind_grade_change, old.grade_override, &was);
    if (e)
        return e;
    g = was;
    g.state = S("expired");
    g.version++;
    e = rec_update(c, &kind_grade_change, &was, &g, &n);
    row = old;
    row.grade_override = NULL_INT;
    return e ? e : firm_change(c, &old, &row, &n);
}

enum err grade_expire(struct ctx *c)
{
    int64_t ids[500];
    size_t count = 0;
    struct q q;
    q_begin(&q, c->db, SQL_grade_changes_due);
    q_int(&q, "today", c->today);
    while (count < 500 && q_row(&q))
        ids[count++] = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    for (size_t i = 0; !e && i < count; i++)
        e = lift(c, ids[i]);
    return e;
}
