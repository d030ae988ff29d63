/* Filing a change of the tree, following it, taking it back. */
#include "core/app.h"
#include "core/batch.h"
#include "core/job.h"
#include "feature/ops.h"
#include "feature/reorg/reorg_impl.h"

/* --- showing ------------------------------------------------------------------------------------
 */

/* Whoever had the authority below him before it moved still sees where it went. */
static enum err left_from(struct ctx *c, const struct org_change_row *row)
{
    struct q q;
    enum err e = ERR_NOT_FOUND;
    q_begin(&q, c->db, SQL_org_change_past);
    q_int(&q, "change", row->id);
    q_int(&q, "org", row->org);
    if (q_row(&q) && scope_has(c, q_get_str(&q, 0)))
        e = OK;
    enum err end = q_end(&q);
    return end ? end : e;
}

static enum err seen(struct ctx *c, int64_t id, struct org_change_row *ret)
{
    struct org_row org;
    enum err e = id > 0 ? rec_get(c, &kind_org_change, id, ret) : ERR_NOT_FOUND;
    if (!e && left_from(c, ret) == OK)
        return OK;
    return e ? fail(c, ERR_NOT_FOUND, NULL, NULL) : org_load(c, ret->org, &org);
}

static enum err how_far(struct ctx *c, int64_t job, struct org_change_view *ret)
{
    struct q q;
    if (job == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_job_how_far);
    q_int(&q, "id", job);
    if (q_row(&q)) {
        ret->done = q_get_int(&q, 1);
        ret->total = q_get_int(&q, 2);
    }
    return db_fail(c, q_end(&q));
}

static enum err view_of(struct ctx *c, const struct org_change_row *r, struct org_change_view *ret)
{
    *ret = (struct org_change_view){.id = r->id,
        .kind = r->kind,
        .state = r->state,
        .org = r->org,
        .org_name = r->org_name,
        .target = r->target,
        .target_name = r->target_name,
        .day = r->day,
        .doc_no = r->doc_no,
        .reason = r->reason,
        .preview = r->preview,
        .result = r->result,
        .message = r->message,
        .done = NULL_INT,
        .total = NULL_INT,
        .at = r->at,
        .by_name = r->by_name,
        .done_at = r->done_at,
        .version = r->version};
    c->reply.version = r->version;
    return how_far(c, r->job, ret);
}

enum err op_org_change_get(
    struct ctx *c, const struct org_change_ref *in, struct org_change_view *ret)
{
    struct org_change_row row;
    enum err e = seen(c, in->change, &row);
    return e ? e : view_of(c, &row, ret);
}

/* --- filing -------------------------------------------------------------------------------------
 */

enum err change_job(
    struct ctx *c, const char *kind, int64_t change, struct str title, int64_t *ret_job)
{
    struct job_spec spec = {.kind = kind,
        .title = title,
        .input = arena_fmt(c->a, "{\"change\":%lld}", (long long)change)};
    enum err e = job_create(c, &spec, ret_job);
    c->reply.job = e ? 0 : *ret_job; /* started after the commit; of a tick, by the next one */
    return e;
}

static enum err place_id(struct ctx *c, struct str path, int64_t *ret)
{
    struct q q;
    *ret = 0;
    q_begin(&q, c->db, SQL_org_at_path);
    q_str(&q, "path", path);
    enum err e = q_one_int(&q, ret);
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static enum err fill(struct ctx *c, const struct org_change_new *in, const struct change_plan *p,
    struct org_change_row *row)
{
    desc_clear(&org_change_row_desc, row);
    row->id = id_next(c);
    row->kind = in->kind;
    row->state = S("planned");
    row->org = p->org.id;
    row->org_name = p->org.name;
    row->target = p->target.id;
    row->target_name = p->target.id != NULL_INT ? p->target.name : in->name;
    row->parts = p->parts;
    row->areas = in->areas;
    row->day = p->ask.day;
    row->doc_no = in->doc_no;
    row->reason = in->reason;
    row->preview = desc_text(c, &org_numbers_desc, &p->numbers);
    row->at = c->now;
    row->by_account = c->actor.account;
    row->by_name = c->actor.name;
    row->version = 1;
    return place_id(c, p->superior, &row->place);
}

enum err op_org_change_create(
    struct ctx *c, const struct org_change_new *in, struct org_change_view *ret)
{
    struct org_change_row row;
    struct note n = {.label = "机构调整", .text = in->reason};
    struct org_change_ask ask = {.kind = in->kind,
        .org = in->org,
        .target = in->target,
        .name = in->name,
        .areas = in->areas,
        .day = in->day};
    struct change_plan *p = arena_new(c->a, struct change_plan, 1);
    enum err e =
        p ? change_judge(c, &ask, picked(c, &in->parts), p) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = hurdles_complain(c, &p->hurdles);
    if (!e)
        e = fill(c, in, p, &row);
    if (!e && row.day <= c->today)
        e = change_job(c, "org_change", row.id,
            arena_fmt(c->a, "机构调整 %.*s", STR_ARG(row.org_name)), &row.job);
    if (!e)
        e = rec_insert(c, &kind_org_change, &row, &n);
    return e ? e : view_of(c, &row, ret);
}

enum err op_org_change_cancel(
    struct ctx *c, const struct org_change_ref *in, struct org_change_view *ret)
{
    struct org_change_row old, row;
    struct note n = {.label = "取消机构调整"};
    enum err e = seen(c, in->change, &old);
    if (e)
        return e;
    if (!str_eqz(old.state, "planned") || old.day <= c->today)
        return fail(c, ERR_STATE, "state", "只有尚未到生效日期的调整可以取消");
    row = old;
    row.state = S("cancelled");
    row.version++;
    e = rec_update(c, &kind_org_change, &old, &row, &n);
    return e ? e : view_of(c, &row, ret);
}

enum err change_fail(struct ctx *c, struct org_change_row *row, struct str why)
{
    struct org_change_row old = *row;
    struct note n = {.label = "机构调整没有执行", .text = why};
    row->state = S("failed");
    row->message = why;
    row->done_at = c->now;
    row->version++;
    return rec_update(c, &kind_org_change, &old, row, &n);
}

/* --- lists --------------------------------------------------------------------------------------
 */

#define COL(col, ftype, fl, text, list)                                                            \
    {                                                                                              \
        .name = #col, .type = FT_##ftype, .flags = (fl), .label = (text), .codes = (list),         \
        .expr = "x." #col                                                                          \
    }

static const struct list_col change_cols[] = {
    COL(id, INT, LC_ALWAYS, "编号", NULL),
    COL(org, INT, LC_ALWAYS, "机构编号", NULL),
    COL(target, INT, LC_ALWAYS, "承接机构编号", NULL),
    COL(kind, CODE, LC_DEFAULT | LC_FILTER, "调整方式", "org_change_kind"),
    COL(org_name, STR, LC_DEFAULT, "机构", NULL),
    COL(target_name, STR, LC_DEFAULT, "承接机构（新上级、新机构）", NULL),
    COL(state, CODE, LC_DEFAULT | LC_FILTER, "状态", "change_state"),
    COL(day, DAY, LC_DEFAULT | LC_FILTER | LC_SORT, "生效日期", NULL),
    COL(doc_no, STR, LC_DEFAULT, "批准文号", NULL),
    COL(reason, STR, 0, "理由", NULL),
    COL(by_name, STR, LC_DEFAULT, "提出人", NULL),
    COL(at, TIME, 0, "提出时间", NULL),
    COL(done_at, TIME, LC_DEFAULT, "完成时间", NULL),
};

/* A change is seen by whoever sees the authority that changes, or had it below him before. */
static const struct list_def change_list = {.name = "org_change",
    .from = "org_change x JOIN org o ON o.id = x.org "
            "LEFT JOIN org_past p ON p.change = x.id AND p.org = x.org",
    .id = "x.id",
    .default_sort = "-id",
    .cols = change_cols,
    .n = sizeof change_cols / sizeof *change_cols};

static bool sees_all(const struct ctx *c)
{
    const struct role *r = role_find(c->actor.role);
    return r && r->kind == ROLE_ADMIN;
}

static enum err here_or_before(struct ctx *c, struct list_sql *s, void *arg)
{
    struct str path = *(struct str *)arg, end = scope_end(c->a, path);
    list_where(s, "((o.path >= ");
    list_str(s, path);
    list_more(s, " AND o.path < ");
    list_str(s, end);
    list_more(s, ") OR (p.path >= ");
    list_str(s, path);
    list_more(s, " AND p.path < ");
    list_str(s, end);
    list_more(s, "))");
    return OK;
}

enum err op_org_change_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct str path = c->actor.org_path;
    struct list_run r = {.c = c, .def = &change_list, .lq = in, .no_scope = true, .arg = &path};
    struct org_row org;
    if (in->org != NULL_INT) {
        enum err e = org_load(c, in->org, &org);
        if (e)
            return e;
        path = org.path;
    }
    if (!sees_all(c) || in->org != NULL_INT)
        r.extra = here_or_before;
    return list_page(&r, ret);
}

static const struct list_col area_cols[] = {
    COL(id, INT, LC_ALWAYS, "编号", NULL),
    COL(kind, CODE, LC_DEFAULT | LC_FILTER, "变更方式", "area_change_kind"),
    COL(code, STR, LC_DEFAULT | LC_FILTER, "区划代码", NULL),
    COL(old_name, STR, LC_DEFAULT, "原名称", NULL),
    COL(name, STR, LC_DEFAULT, "名称", NULL),
    COL(successor, STR, LC_DEFAULT, "承接区划", NULL),
    COL(firms, INT, LC_DEFAULT, "转入单位", NULL),
    COL(state, CODE, LC_DEFAULT | LC_FILTER, "状态", "change_state"),
    COL(day, DAY, LC_DEFAULT | LC_FILTER | LC_SORT, "生效日期", NULL),
    COL(doc_no, STR, LC_DEFAULT, "批准文号", NULL),
    COL(reason, STR, 0, "理由", NULL),
    COL(message, STR, 0, "说明", NULL),
    COL(by_name, STR, LC_DEFAULT, "提出人", NULL),
    COL(at, TIME, 0, "提出时间", NULL),
};

/* Areas are public: whoever sees authorities sees how areas changed. */
static const struct list_def area_list = {.name = "area_change",
    .from = "area_change x",
    .id = "x.id",
    .default_sort = "-id",
    .cols = area_cols,
    .n = sizeof area_cols / sizeof *area_cols};

enum err op_area_change_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &area_list, .lq = in, .no_scope = true};
    return list_page(&r, ret);
}

/* --- history ------------------------------------------------------------------------------------
 */

enum err op_org_history(struct ctx *c, const struct org_ref *in, struct org_history *ret)
{
    struct org_row org;
    struct q q;
    enum err e = org_load(c, in->org, &org);
    if (e)
        return e;
    desc_clear(&org_history_desc, ret);
    ret->org = org.id;
    ret->name = org.name;
    ret->valid_from = org.valid_from;
    ret->valid_to = org.valid_to;
    q_begin(&q, c->db, SQL_org_successor_name);
    q_int(&q, "org", org.id);
    if (q_row(&q)) {
        ret->successor = q_get_int(&q, 0);
        ret->successor_name = keep(c, q_get_str(&q, 1));
        ret->successor_from = q_get_int(&q, 2);
    }
    e = db_fail(c, q_end(&q));
    if (e)
        return e;
    q_begin(&q, c->db, SQL_org_history_of);
    q_int(&q, "org", org.id);
    return db_fail(c, q_all(&q, &org_event_desc, &ret->items, c->a));
}
