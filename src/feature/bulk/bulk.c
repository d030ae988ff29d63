/* The operations: what may be changed, preview, run, look, take back. */
#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/template.h"
#include "feature/bulk/bulk_plan.h"
#include "feature/ops.h"

enum {
    INLINE_MAX = 200,
    PREVIEW_MAX = 5000,
    SAMPLE_MAX = 20,
    REFUSALS_MAX = 50,
    HOUR_MS = 3600000
};
enum { SPEC_MAX = 256 << 10, TELL_MAX = 256 << 10, ONE_MEMORY = 4 << 20 };

enum err op_bulk_fields(struct ctx *c, const struct none *in, struct bulk_fields *ret)
{
    const struct jin *rules = jin_get(template_body(c->app, "bulk_fields", NULL), "fields");
    struct bulk_field *items = arena_new(c->a, struct bulk_field, jin_len(rules) + 1);
    size_t n = 0;
    (void)in;
    if (!items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t k = 0; k < jin_len(rules); k++) {
        static const char *const types[] = {
            "int", "bool", "text", "money", "day", "time", "code", "codes", "json", "text", "json"};
        struct str name = jin_str(jin_get(jin_at(rules, k), "field"));
        const struct jin *rule = bulk_rule(c, name);
        if (!rule)
            continue;
        const struct field *f = &firm_edit_desc.fields[desc_find(&firm_edit_desc, name)];
        const struct field *g = &firm_row_desc.fields[desc_find(&firm_row_desc, name)];
        struct bulk_field *it = &items[n++];
        desc_clear(&bulk_field_desc, it);
        it->field = keep(c, name);
        it->label = str_z(f->label);
        it->type = str_z(types[f->type]);
        it->codes = f->codes ? str_z(f->codes) : STR_NULL;
        it->how = keep(c, jin_str(jin_get(rule, "how")));
        it->group = keep(c, jin_str(jin_get(rule, "group")));
        it->note = keep(c, jin_str(jin_get(rule, "note")));
        it->clear = !(g->flags & F_OUT) && !str_eqz(it->how, "add") && !str_eqz(name, "town");
    }
    ret->items = (struct vec){items, n};
    return OK;
}

/* --- preview ---------------------------------------------------------------------------------- */

struct looking {
    struct ctx *c;
    const struct bulk_ask *in;
    struct bulk_plan plan;
    struct bulk_preview *ret;
    struct buf sample, refusals;
    struct jw ws, wr;
    int samples;
};

static void tell_firm(struct jw *w, int64_t id, struct str name)
{
    jw_obj(w);
    jw_key(w, "firm");
    jw_int(w, id);
    jw_key(w, "name");
    jw_str(w, name);
}

static void tell_refusal(struct looking *x, int64_t id, struct str name, struct str why)
{
    if (x->ret->refused++ >= REFUSALS_MAX)
        return;
    tell_firm(&x->wr, id, name);
    jw_key(&x->wr, "why");
    jw_str(&x->wr, why);
    jw_end_obj(&x->wr);
}

static void tell_fate(
    struct looking *x, struct ctx *one, const struct firm_row *old, const struct bulk_fate *fate)
{
    if (fate->result == BULK_REFUSED)
        tell_refusal(x, old->id, old->name, fate->why);
    x->ret->same += fate->result == BULK_SAME;
    if (fate->result != BULK_CHANGED)
        return;
    x->ret->changed++;
    if (x->samples++ >= SAMPLE_MAX)
        return;
    tell_firm(&x->ws, old->id, old->name);
    jw_key(&x->ws, "changes");
    jw_raw(&x->ws, bulk_diff(one, old, &fate->row));
    jw_end_obj(&x->ws);
}

static int64_t seen_version(const struct bulk_ask *in, int64_t firm)
{
    const struct bulk_pick *p = in->picks.p;
    for (size_t i = 0; in->all != 1 && i < in->picks.n; i++)
        if (p[i].firm == firm)
            return p[i].version;
    return NULL_INT;
}

/* One firm in memory of its own. */
static enum err look_at(struct looking *x, struct arena *a, int64_t id)
{
    struct ctx one = *x->c;
    struct firm_row old;
    struct bulk_fate *fate;
    struct bulk_item it = {.firm = id, .version = seen_version(x->in, id)};
    arena_reset(a);
    one.a = a;
    fate = arena_new(a, struct bulk_fate, 1);
    enum err e = fate ? firm_need(&one, id, &old) : ERR_NOMEM;
    if (e == ERR_NOT_FOUND) {
        tell_refusal(x, id, STR_NULL, S("没有这个单位，或不在您的管辖范围内"));
        return OK;
    }
    if (!e)
        e = bulk_judge(&one, &x->plan, &old, &it, fate);
    if (!e)
        tell_fate(x, &one, &old, fate);
    return e ? fail(x->c, e, NULL, NULL) : OK;
}

static enum err look_all(struct looking *x, const struct bulk_ids *ids)
{
    struct arena a;
    enum err e = OK;
    size_t n = ids->n < PREVIEW_MAX ? ids->n : PREVIEW_MAX;
    arena_init(&a, ONE_MEMORY);
    for (size_t i = 0; !e && i < n; i++)
        e = look_at(x, &a, ids->p[i]);
    arena_free(&a);
    x->ret->total = (int64_t)ids->n;
    x->ret->looked = (int64_t)n;
    return e;
}

static enum err asked(struct ctx *c, const struct bulk_ask *in)
{
    if (in->all != 1 && !in->picks.n)
        complain(c, S("picks"), "required", "请先选择单位");
    return checked(c);
}

enum err op_bulk_preview(struct ctx *c, const struct bulk_ask *in, struct bulk_preview *ret)
{
    struct looking x = {.c = c, .in = in, .ret = ret};
    struct bulk_ids ids = {0};
    enum err e = asked(c, in);
    if (!e)
        e = bulk_plan_read(c, in->set, &x.plan);
    if (!e)
        e = bulk_gather(c, in, &ids);
    ret->changed = ret->same = ret->refused = 0;
    buf_init(&x.sample, TELL_MAX);
    buf_init(&x.refusals, TELL_MAX);
    jw_init(&x.ws, &x.sample);
    jw_init(&x.wr, &x.refusals);
    jw_arr(&x.ws);
    jw_arr(&x.wr);
    if (!e)
        e = look_all(&x, &ids);
    jw_end_arr(&x.ws);
    jw_end_arr(&x.wr);
    ret->sample = keep(c, buf_str(&x.sample));
    ret->refusals = keep(c, buf_str(&x.refusals));
    buf_free(&x.sample);
    buf_free(&x.refusals);
    mem_free(ids.p);
    return e;
}

/* --- running ---------------------------------------------------------------------------------- */

static int64_t undo_until(struct ctx *c, const struct bulk_row *b)
{
    int64_t hours = jin_int(jin_get(template_body(c->app, "bulk_fields", NULL), "undo_hours"), 24);
    return b->at + hours * HOUR_MS;
}

static bool own(struct ctx *c, const struct bulk_row *b)
{
    return b->account == c->actor.account || str_eqz(c->actor.role, "manager");
}

static bool undoable(struct ctx *c, const struct bulk_row *b)
{
    bool over = str_eqz(b->state, "done") || str_eqz(b->state, "cancelled");
    return over && b->changed > 0 && b->undo_of == NULL_INT && b->undone_by == NULL_INT &&
           c->now <= undo_until(c, b) && own(c, b) && can(c, PERM_FIRM_WRITE);
}

static void view_of(struct ctx *c, const struct bulk_row *b, struct bulk_view *ret)
{
    desc_clear(&bulk_view_desc, ret);
    ret->id = b->id;
    ret->state = b->state;
    ret->title = b->title;
    ret->reason = b->reason;
    ret->by_name = b->by_name;
    ret->at = b->at;
    ret->finished = b->finished;
    ret->total = b->total;
    ret->changed = b->changed;
    ret->same = b->same;
    ret->refused = b->refused;
    ret->undo_of = b->undo_of;
    ret->undone_by = b->undone_by;
    ret->job = b->job;
    ret->can_undo = undoable(c, b);
    ret->undo_until = undo_until(c, b);
}

struct starting {
    const struct bulk_ask *in;
    struct bulk_plan plan;
    struct bulk_ids ids;
    struct str spec, reason;
    int64_t undo_of;
    struct bulk_row b;
    bool is_job;
};

static enum err record_add(struct ctx *c, struct starting *s)
{
    struct bulk_row *b = &s->b;
    struct note n = {.label = s->undo_of ? "撤销批量修改" : "批量修改", .text = s->plan.title};
    desc_clear(&bulk_row_desc, b);
    b->id = id_next(c);
    b->org = c->actor.org;
    b->org_path = c->actor.org_path;
    b->account = c->actor.account;
    b->by_name = c->actor.name;
    b->at = c->now;
    b->state = s->is_job ? S("gathering") : S("running");
    b->title = s->plan.title;
    b->spec = s->spec;
    b->reason = s->reason;
    b->total = (int64_t)s->ids.n;
    b->changed = b->same = b->refused = 0;
    b->undo_of = s->undo_of ? s->undo_of : NULL_INT;
    b->version = 1;
    enum err e = s->undo_of ? OK : bulk_phone_put(c, b, s->plan.edit.supervisor_phone);
    if (!e && s->is_job) {
        struct job_spec job = {
            .kind = "bulk", .title = arena_fmt(c->a, "%s：%.*s", n.label, STR_ARG(b->title))};
        job.input = arena_fmt(c->a, "{\"bulk\":%lld}", (long long)b->id);
        e = job_create(c, &job, &b->job);
    }
    return e ? e : rec_insert(c, &kind_bulk_edit, b, &n);
}

static enum err items_add(struct ctx *c, struct starting *s)
{
    struct q q;
    enum err e = OK;
    if (s->undo_of) {
        q_begin(&q, c->db, SQL_bulk_item_undo);
        q_int(&q, "bulk", s->b.id);
        q_int(&q, "of", s->undo_of);
        return db_fail(c, q_exec(&q));
    }
    for (size_t i = 0; !e && i < s->ids.n; i++) {
        q_begin(&q, c->db, SQL_bulk_item_add);
        q_int(&q, "bulk", s->b.id);
        q_int(&q, "firm", s->ids.p[i]);
        q_int(&q, "version", seen_version(s->in, s->ids.p[i]));
        e = db_fail(c, q_send(&q));
    }
    return e;
}

static enum err mark_undone(struct ctx *c, struct starting *s)
{
    struct bulk_row old, row;
    struct note n = {.label = "被撤销"};
    enum err e = rec_get(c, &kind_bulk_edit, s->undo_of, &old);
    if (!e)
        e = bulk_need(c, s->undo_of, &row);
    if (e)
        return e;
    if (!undoable(c, &row))
        return fail(c, ERR_STATE, NULL, "这次批量修改已撤销或已不能撤销，请刷新查看");
    row.undone_by = s->b.id;
    row.version++;
    return rec_update(c, &kind_bulk_edit, &old, &row, &n);
}

/* Runs on the writer: all of a small operation, the start of a large one. */
static enum err start(struct ctx *c, void *arg)
{
    struct starting *s = arg;
    int64_t after = -1;
    int n = 1;
    enum err e = record_add(c, s);
    if (!e && s->undo_of)
        e = mark_undone(c, s);
    if (e || s->is_job)
        return e;
    e = items_add(c, s);
    while (!e && n)
        e = bulk_chunk(c, &s->b, &s->plan, &after, &n);
    return e ? e : bulk_finish(c, s->b.id, "done");
}

static enum err go(struct ctx *c, struct starting *s, size_t n, struct bulk_view *ret)
{
    struct bulk_row b;
    s->is_job = n > INLINE_MAX;
    enum err e = app_write(c->app, c, start, s);
    if (e)
        return e;
    int64_t id = s->b.id;
    if (s->is_job)
        job_kick(c->app, s->b.job);
    e = rec_get(c, &kind_bulk_edit, id, &b);
    if (!e)
        view_of(c, &b, ret);
    return e;
}

static struct str spec_of(struct ctx *c, const struct bulk_ask *in, struct str set)
{
    struct buf b;
    struct jw w;
    struct bulk_ask x = *in;
    x.set = set;
    if (in->all == 1)
        x.picks = (struct vec){0};
    buf_init(&b, SPEC_MAX);
    jw_init(&w, &b);
    desc_json(&bulk_ask_desc, &x, &w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err expected(struct ctx *c, const struct bulk_ask *in, size_t n)
{
    if (n == 0)
        return fail(c, ERR_INVALID, "picks", "没有符合条件的单位");
    if (in->expect != NULL_INT && in->expect != (int64_t)n)
        return failf(c, ERR_CONFLICT, "expect",
            "预览时有 %lld 家，现在有 %zu 家符合条件，请重新预览后再执行", (long long)in->expect,
            n);
    return OK;
}

enum err op_bulk_run(struct ctx *c, const struct bulk_ask *in, struct bulk_view *ret)
{
    struct starting s = {.in = in, .reason = in->reason};
    enum err e = asked(c, in);
    if (!e && !in->reason.n)
        complain(c, S("reason"), "required", "请填写修改理由，它写入每家单位的变更史");
    if (!e)
        e = bulk_plan_read(c, in->set, &s.plan);
    if (!e)
        e = bulk_gather(c, in, &s.ids);
    if (!e)
        e = expected(c, in, s.ids.n);
    s.spec = e ? STR_NULL : spec_of(c, in, s.plan.set);
    if (!e && !s.spec.p)
        e = fail(c, ERR_TOO_LARGE, NULL, NULL);
    if (!e)
        e = go(c, &s, s.ids.n, ret);
    mem_free(s.ids.p);
    return e;
}

enum err op_bulk_get(struct ctx *c, const struct bulk_ref *in, struct bulk_view *ret)
{
    struct bulk_row b;
    enum err e = bulk_need(c, in->bulk, &b);
    if (!e)
        view_of(c, &b, ret);
    return e;
}

enum err op_bulk_undo(struct ctx *c, const struct bulk_ref *in, struct bulk_view *ret)
{
    struct bulk_row b;
    struct starting s = {.undo_of = in->bulk};
    enum err e = bulk_need(c, in->bulk, &b);
    if (e)
        return e;
    if (!own(c, &b))
        return fail(c, ERR_FORBIDDEN, NULL, "只能撤销本人或下级办理的批量修改");
    if (b.undone_by != NULL_INT || b.undo_of != NULL_INT)
        return fail(c, ERR_STATE, NULL, "这次批量修改已经撤销，或它本身就是一次撤销");
    if (c->now > undo_until(c, &b))
        return fail(c, ERR_STATE, NULL, "已超过可以撤销的时间；需要改回的，请重新批量修改");
    if (!undoable(c, &b))
        return fail(c, ERR_STATE, NULL, "这次批量修改还在进行，或没有改动任何单位");
    s.spec = S("{}");
    s.reason = arena_fmt(c->a, "撤销：%.*s", STR_ARG(b.title));
    s.plan = (struct bulk_plan){.undo_of = b.id, .title = b.title};
    s.ids.n = (size_t)b.changed;
    return go(c, &s, (size_t)b.changed, ret);
}

/* --- lists ------------------------------------------------------------------------------------ */

#define COL(name_, type_, flags_, label_, codes_, expr_)                                           \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = (expr_)                                                         \
    }

static const struct list_col bulk_cols[] = {
    COL(id, INT, LC_ALWAYS | LC_SORT, "编号", NULL, "b.id"),
    COL(at, TIME, LC_DEFAULT | LC_FILTER, "时间", NULL, "b.at"),
    COL(title, STR, LC_DEFAULT, "修改内容", NULL, "b.title"),
    COL(by_name, STR, LC_DEFAULT | LC_FILTER | LC_PART, "经办人", NULL, "b.by_name"),
    COL(org_name, STR, LC_DEFAULT, "机构", NULL, PART_list_bulk_org_name),
    COL(state, CODE, LC_DEFAULT | LC_FILTER, "状态", "bulk_state", "b.state"),
    COL(total, INT, LC_DEFAULT, "单位数", NULL, "b.total"),
    COL(changed, INT, LC_DEFAULT, "已修改", NULL, "b.changed"),
    COL(same, INT, 0, "无变化", NULL, "b.same"),
    COL(refused, INT, LC_DEFAULT, "未修改", NULL, "b.refused"),
    COL(reason, STR, LC_DEFAULT, "理由", NULL, "b.reason"),
    COL(undo_of, INT, LC_DEFAULT, "撤销的操作", NULL, "b.undo_of"),
    COL(undone_by, INT, LC_DEFAULT, "撤销操作", NULL, "b.undone_by"),
    COL(job, INT, 0, "后台任务", NULL, "b.job"),
};

static const struct list_def bulk_list_def = {.name = "bulk",
    .from = "bulk_edit b",
    .id = "b.id",
    .scope = "b.org_path",
    .default_sort = "-id",
    .cols = bulk_cols,
    .n = sizeof bulk_cols / sizeof *bulk_cols};

enum err op_bulk_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &bulk_list_def, .lq = in};
    return list_page(&r, ret);
}

static const struct list_col item_cols[] = {
    COL(id, INT, LC_ALWAYS | LC_SORT, "单位编号", NULL, "i.firm"),
    COL(name, STR, LC_DEFAULT, "单位名称", NULL, "f.name"),
    COL(uscc, STR, LC_DEFAULT, "统一社会信用代码", NULL, "f.uscc"),
    COL(result, CODE, LC_DEFAULT | LC_FILTER, "结果", "bulk_result", "i.result"),
    COL(why, STR, LC_DEFAULT | LC_FILTER, "说明", NULL, "i.why"),
    COL(was, JSON, LC_DEFAULT, "原值", NULL, "i.was"),
    COL(now, JSON, LC_DEFAULT, "现值", NULL, "i.now"),
};

static const struct list_def item_list_def = {.name = "bulk_item",
    .from = PART_list_bulk_from,
    .id = "i.firm",
    .scope = "b.org_path",
    .default_sort = "id",
    .cols = item_cols,
    .n = sizeof item_cols / sizeof *item_cols};

static enum err of_bulk(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)c;
    list_where(s, "i.bulk = ");
    list_int(s, *(const int64_t *)arg);
    return OK;
}

enum err op_bulk_items(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_query lq = *in;
    struct bulk_row b;
    int64_t id = 0;
    struct str value = list_filter_take(c, &lq, "bulk");
    if (!value.p || !str_int(value, &id))
        return fail(c, ERR_INVALID, "bulk", "请指明是哪一次批量操作");
    enum err e = bulk_need(c, id, &b);
    struct list_run r = {.c = c, .def = &item_list_def, .lq = &lq, .extra = of_bulk, .arg = &id};
    return e ? e : list_page(&r, ret);
}
