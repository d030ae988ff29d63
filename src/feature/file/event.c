/* What happened to a firm (G6): inspections, samplings, penalties, verified complaints, recalls,
 * help. What an event means (does it bear on risk, which results are bad) stands in the code lists.
 */
#include "base/jsonin.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/codes.h"
#include "domain/level.h"
#include "feature/file/file_impl.h"
#include "feature/ops.h"

/* --- judging ---------------------------------------------------------------------------------- */

static bool result_fits(const struct jin *type, struct str result)
{
    const struct jin *results = jin_get(type, "results");
    for (size_t i = 0; i < jin_len(results); i++)
        if (str_eq(jin_str(jin_at(results, i)), result))
            return true;
    return false;
}

static void check(struct ctx *c, const struct event_row *row, const struct jin *type)
{
    struct str label = code_label(c, "event_type", row->type);
    if (!row->type.n)
        complain(c, S("type"), "required", "类型：请选择");
    if (row->day == NULL_INT)
        complain(c, S("day"), "required", "日期：必须填写");
    else if (row->day > c->today)
        complain(c, S("day"), "range", "日期：不能晚于今天");
    if (row->type.n && row->result.n && !result_fits(type, row->result))
        complain(c, S("result"), "code", "结果：“%.*s”不是%.*s的结果，请重新选择",
            STR_ARG(row->result), STR_ARG(label));
    if (jin_bool(jin_get(type, "needs_severity"), false) && !row->severity.n)
        complain(c, S("severity"), "required", "问题定级：%.*s必须定级", STR_ARG(label));
    if (!row->text.n && !row->result.n)
        complain(c, S("result"), "required", "结果：请选择结果，或者写明事由");
}

static void judge(struct ctx *c, struct event_row *row, const struct jin *type)
{
    const struct jin *result = code_row(c, "event_result", row->result);
    bool bad = jin_bool(jin_get(result, "bad"), false);
    if (row->verified == NULL_INT && row->result.n)
        row->verified = bad;
    row->adverse = jin_bool(jin_get(type, "risk"), false) && bad && row->verified == 1;
}

static enum err check_same(struct ctx *c, const struct event_row *row)
{
    struct q q;
    int64_t n = 0;
    if (!row->ext_no.n)
        return OK;
    q_begin(&q, c->db, SQL_event_by_ext);
    q_int(&q, "firm", row->firm);
    q_str(&q, "source", row->source);
    q_str(&q, "ext_no", row->ext_no);
    enum err e = q_one_int(&q, &n);
    if (e)
        return db_fail(c, e);
    return n ? fail(c, ERR_STATE, "ext_no", "来源编号：这条监管记录已经登记过") : OK;
}

enum err event_add(struct ctx *c, struct event_row *row, const struct note *n)
{
    const struct jin *type = code_row(c, "event_type", row->type);
    if (!row->source.n)
        row->source = S("platform");
    check(c, row, type);
    judge(c, row, type);
    row->version = 1;
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name.p ? c->actor.name : S("系统");
    enum err e = checked(c);
    if (!e)
        e = check_same(c, row);
    return e ? e : rec_insert(c, &kind_event, row, n);
}

enum err event_tally(
    struct ctx *c, int64_t firm, int64_t first, int64_t last, struct event_tally *ret)
{
    struct q q;
    *ret = (struct event_tally){.last_day = NULL_INT};
    q_begin(&q, c->db, SQL_event_tally);
    q_int(&q, "firm", firm);
    q_int(&q, "first", first);
    q_int(&q, "last", last);
    if (q_row(&q))
        *ret = (struct event_tally){q_get_int(&q, 0), q_get_int(&q, 1), q_get_int(&q, 2),
            q_get_int(&q, 3), q_get_int(&q, 4)};
    return db_fail(c, q_end(&q));
}

/* --- operations ------------------------------------------------------------------------------- */

static struct str text_of(struct ctx *c, const struct event_row *row)
{
    struct str type = code_label(c, "event_type", row->type);
    return row->result.n ? arena_fmt(c->a, "%.*s：%.*s", STR_ARG(type), STR_ARG(row->result))
                         : type;
}

static enum err answer(struct ctx *c, const struct event_row *row, struct event_view *ret)
{
    ret->id = row->id;
    ret->version = row->version;
    ret->record = row_json(c, &event_row_desc, row);
    c->reply.version = row->version;
    return OK;
}

static enum err event_of(struct ctx *c, int64_t firm, int64_t id, struct event_row *ret)
{
    struct firm_row row;
    enum err e = firm_need(c, firm, &row);
    if (!e)
        e = id > 0 ? rec_get(c, &kind_event, id, ret) : ERR_NOT_FOUND;
    if (!e && ret->firm != firm)
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* The authority at the keyboard acted, unless another one is named. */
static void sign(struct ctx *c, struct event_row *row)
{
    if (row->org_name.n && !str_eq(row->org_name, c->actor.org_name)) {
        row->org = NULL_INT;
        return;
    }
    row->org = c->actor.org;
    row->org_name = c->actor.org_name;
    if (!row->level.n)
        row->level = str_z(level_code((enum level)c->actor.level));
}

enum err op_event_create(struct ctx *c, const struct event_new *in, struct event_view *ret)
{
    struct firm_row firm;
    struct event_row row;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&event_row_desc, &row);
    row.firm = firm.id;
    desc_merge(&event_new_desc, in, &event_row_desc, &row);
    sign(c, &row);
    struct note n = {.label = "登记监管记录", .text = text_of(c, &row)};
    e = event_add(c, &row, &n);
    return e ? e : answer(c, &row, ret);
}

static enum err change(struct ctx *c, const struct event_row *old, struct event_row *row,
    const struct note *n, struct event_view *ret)
{
    row->version++;
    enum err e = rec_update(c, &kind_event, old, row, n);
    return e ? e : answer(c, row, ret);
}

enum err op_event_edit(struct ctx *c, const struct event_edit *in, struct event_view *ret)
{
    struct event_row old, row;
    struct note n = {.label = "更正监管记录", .text = in->reason};
    enum err e = event_of(c, in->firm, in->event, &old);
    if (e)
        return e;
    if (c->if_match != old.version) {
        c->reply.current = row_json(c, &event_row_desc, &old);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    if (old.void_reason.n)
        return fail(c, ERR_STATE, NULL, "这条记录已作废，不能更正");
    row = old;
    desc_merge(&event_edit_desc, in, &event_row_desc, &row);
    if (in->result.n && in->verified == NULL_INT)
        row.verified = NULL_INT; /* judged anew with the new result */
    const struct jin *type = code_row(c, "event_type", row.type);
    check(c, &row, type);
    judge(c, &row, type);
    e = checked(c);
    return e ? e : change(c, &old, &row, &n, ret);
}

enum err op_event_void(struct ctx *c, const struct event_void *in, struct event_view *ret)
{
    struct event_row old, row;
    struct note n = {.label = "作废监管记录", .text = in->reason};
    enum err e = event_of(c, in->firm, in->event, &old);
    if (e)
        return e;
    if (old.void_reason.n)
        return fail(c, ERR_STATE, NULL, "这条记录已经作废");
    row = old;
    row.void_reason = in->reason;
    row.adverse = 0;
    return change(c, &old, &row, &n, ret);
}
