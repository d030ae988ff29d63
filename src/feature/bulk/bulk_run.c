/* Carrying a bulk operation out. Its firms stand in bulk_item as "todo" first; then some hundred at
 * a time are changed in one transaction each. What ends the program in between leaves whole chunks,
 * and the job goes on with what is still to do: no firm is changed twice, none is forgotten. */
#include "base/mem.h"
#include "core/app.h"
#include "core/crypto.h"
#include "core/decode.h"
#include "feature/bulk/bulk_plan.h"

enum { ADD_CHUNK = 5000, ADD_ROWS = 20, SPEC_DEPTH = 10 };

/* --- the record ------------------------------------------------------------------------------- */

enum err bulk_phone_put(struct ctx *c, struct bulk_row *b, struct str phone)
{
    struct crypto_place at = {"bulk_edit", "phone", b->id};
    if (!phone.n)
        return OK;
    enum err e = crypto_encrypt(c->app->crypto, &at, phone, c->a, &b->phone);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err phone_get(struct ctx *c, const struct bulk_row *b, struct bulk_plan *p)
{
    struct crypto_place at = {"bulk_edit", "phone", b->id};
    if (!b->phone.n)
        return OK;
    enum err e = crypto_decrypt(c->app->crypto, &at, b->phone, c->a, &p->edit.supervisor_phone);
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err bulk_load_plan(
    struct ctx *c, const struct bulk_row *b, struct bulk_ask *ret_ask, struct bulk_plan *ret)
{
    const struct jin *doc = NULL;
    desc_clear(&bulk_ask_desc, ret_ask);
    if (b->undo_of != NULL_INT) {
        *ret = (struct bulk_plan){.undo_of = b->undo_of, .title = b->title};
        return OK;
    }
    if (jin_parse(b->spec, SPEC_DEPTH, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    decode_json(c, &bulk_ask_desc, ret_ask, doc, S(""));
    jin_free(doc);
    enum err e = checked(c);
    if (!e && (str_eqz(ret_ask->set, "{}") || !ret_ask->set.n)) {
        *ret = (struct bulk_plan){.undo_of = 0}; /* the phone alone */
        desc_clear(&firm_edit_desc, &ret->edit);
    } else if (!e) {
        e = bulk_plan_read(c, ret_ask->set, ret);
    }
    return e ? e : phone_get(c, b, ret);
}

/* --- one chunk -------------------------------------------------------------------------------- */

static const char *const results[] = {"changed", "same", "refused", "absent"};

static enum err item_set(
    struct ctx *c, const struct bulk_row *b, const struct firm_row *old, struct bulk_fate *x)
{
    struct q q;
    bool done = x->result == BULK_CHANGED;
    bool phone = done && !str_eq(old->supervisor_phone, x->row.supervisor_phone);
    q_begin(&q, c->db, SQL_bulk_item_set);
    q_int(&q, "bulk", b->id);
    q_int(&q, "firm", old->id);
    q_str(&q, "result", str_z(results[x->result]));
    q_str(&q, "why", x->why);
    q_str(&q, "was", done ? bulk_side(c, old, &x->row, false) : STR_NULL);
    q_str(&q, "now", done ? bulk_side(c, old, &x->row, true) : STR_NULL);
    q_blob(&q, "phone_was", phone ? old->supervisor_phone : STR_NULL);
    q_blob(&q, "phone_now", phone ? x->row.supervisor_phone : STR_NULL);
    return db_fail(c, q_send(&q));
}

static enum err firm_one(struct ctx *c, const struct bulk_row *b, const struct bulk_plan *p,
    const struct firm_row *old, const struct bulk_item *it)
{
    static struct bulk_fate x; /* one writer */
    struct note n = {.label = p->undo_of > 0 ? "撤销批量修改" : "批量修改", .text = b->reason};
    enum err e = bulk_judge(c, p, old, it, &x);
    if (!e && x.result == BULK_CHANGED)
        e = firm_change_facts(c, old, &x.row, &n);
    return e ? e : item_set(c, b, old, &x);
}

static enum err absent_one(struct ctx *c, const struct bulk_row *b, int64_t firm)
{
    struct firm_row none;
    struct bulk_fate x = {.result = BULK_ABSENT, .why = S("没有这个单位，或不在您的管辖范围内")};
    desc_clear(&firm_row_desc, &none);
    none.id = firm;
    return item_set(c, b, &none, &x);
}

static enum err load_items(struct ctx *c, int64_t bulk, int64_t after, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_bulk_todo);
    q_int(&q, "bulk", bulk);
    q_int(&q, "after", after);
    q_int(&q, "limit", BULK_CHUNK);
    return db_fail(c, q_all(&q, &bulk_item_desc, ret, c->a));
}

static enum err load_firms(
    struct ctx *c, int64_t bulk, int64_t after, int64_t last, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_bulk_firms);
    q_int(&q, "bulk", bulk);
    q_int(&q, "after", after);
    q_int(&q, "last", last);
    return db_fail(c, q_all(&q, &firm_row_desc, ret, c->a));
}

/* What the operation that is taken back did to these firms, in place of the items. */
static enum err load_undone(
    struct ctx *c, int64_t bulk, int64_t after, int64_t last, struct vec *items)
{
    struct q q;
    struct vec done = {0};
    q_begin(&q, c->db, SQL_bulk_items_between);
    q_int(&q, "bulk", bulk);
    q_int(&q, "after", after);
    q_int(&q, "last", last);
    enum err e = db_fail(c, q_all(&q, &bulk_item_desc, &done, c->a));
    struct bulk_item *to = items->p;
    const struct bulk_item *from = done.p;
    for (size_t i = 0, k = 0; !e && i < items->n; i++) {
        while (k < done.n && from[k].firm < to[i].firm)
            k++;
        if (k < done.n && from[k].firm == to[i].firm)
            to[i] = from[k];
        to[i].version = NULL_INT;
    }
    return e;
}

enum err bulk_chunk(
    struct ctx *c, const struct bulk_row *b, const struct bulk_plan *p, int64_t *after, int *ret_n)
{
    struct vec items = {0}, firms = {0};
    enum err e = load_items(c, b->id, *after, &items);
    const struct bulk_item *it = items.p;
    *ret_n = (int)items.n;
    if (e || !items.n)
        return e;
    e = load_firms(c, b->id, *after, it[items.n - 1].firm, &firms);
    if (!e && p->undo_of > 0)
        e = load_undone(c, p->undo_of, *after, it[items.n - 1].firm, &items);
    const struct firm_row *f = firms.p;
    for (size_t i = 0, k = 0; !e && i < items.n; i++) {
        while (k < firms.n && f[k].id < it[i].firm)
            k++;
        bool there = k < firms.n && f[k].id == it[i].firm && scope_has(c, f[k].org_path);
        e = there ? firm_one(c, b, p, &f[k], &it[i]) : absent_one(c, b, it[i].firm);
    }
    if (!e)
        *after = it[items.n - 1].firm;
    return e;
}

static enum err counts(struct ctx *c, struct bulk_row *row)
{
    struct q q;
    q_begin(&q, c->db, SQL_bulk_counts);
    q_int(&q, "bulk", row->id);
    if (q_row(&q)) {
        row->total = q_get_int(&q, 0);
        row->changed = q_get_int(&q, 1);
        row->same = q_get_int(&q, 2);
        row->refused = q_get_int(&q, 3);
    }
    return db_fail(c, q_end(&q));
}

enum err bulk_need(struct ctx *c, int64_t id, struct bulk_row *ret)
{
    struct job_row job;
    struct q q;
    enum err e = rec_get(c, &kind_bulk_edit, id, ret);
    if (!e && !scope_has(c, ret->org_path))
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (e || ret->job == NULL_INT || ret->finished != NULL_INT)
        return e;
    desc_clear(&job_row_desc, &job);
    q_begin(&q, c->db, SQL_job_get);
    q_int(&q, "id", ret->job);
    e = db_fail(c, q_one(&q, &job_row_desc, &job, c->a));
    if (e || !(str_eqz(job.state, "cancelled") || str_eqz(job.state, "failed")))
        return e;
    ret->state = S("cancelled");
    return counts(c, ret);
}

enum err bulk_finish(struct ctx *c, int64_t id, const char *state)
{
    struct bulk_row old, row;
    struct note n = {.label = "批量修改完成"};
    enum err e = rec_get(c, &kind_bulk_edit, id, &old);
    if (e)
        return e;
    row = old;
    e = counts(c, &row);
    row.state = str_z(state);
    row.finished = c->now;
    row.version++;
    return e ? e : rec_update(c, &kind_bulk_edit, &old, &row, &n);
}

/* --- the job ---------------------------------------------------------------------------------- */

struct working {
    struct job *j;
    struct bulk_row b;
    struct bulk_ask ask;
    struct bulk_plan plan;
    struct bulk_ids ids;
    size_t from;
    int64_t after;
    int n;
    const char *state;
};

static enum err add_some(struct ctx *c, void *arg)
{
    static const char *const names[ADD_ROWS] = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7",
        "f8", "f9", "f10", "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19"};
    struct working *w = arg;
    size_t end = w->from + ADD_CHUNK < w->ids.n ? w->from + ADD_CHUNK : w->ids.n;
    enum err e = job_held(c, w->j->row.id);
    for (; !e && w->from < end; w->from += ADD_ROWS) {
        struct q q;
        q_begin(&q, c->db, SQL_bulk_item_add_20);
        q_int(&q, "bulk", w->b.id);
        for (size_t i = 0; i < ADD_ROWS; i++)
            q_int(&q, names[i], w->ids.p[w->from + i < end ? w->from + i : end - 1]);
        e = db_fail(c, q_send(&q));
    }
    if (w->from > end)
        w->from = end;
    return e;
}

static enum err add_undone(struct ctx *c, void *arg)
{
    struct working *w = arg;
    struct q q;
    q_begin(&q, c->db, SQL_bulk_item_undo);
    q_int(&q, "bulk", w->b.id);
    q_int(&q, "of", w->plan.undo_of);
    return db_fail(c, q_exec(&q));
}

static enum err set_running(struct ctx *c, void *arg)
{
    struct working *w = arg;
    struct bulk_row row = w->b;
    struct note quiet = {.silent = true};
    row.state = S("running");
    row.total = w->plan.undo_of > 0 ? w->b.total : (int64_t)w->ids.n;
    row.version++;
    enum err e = job_held(c, w->j->row.id);
    return e ? e : rec_update(c, &kind_bulk_edit, &w->b, &row, &quiet);
}

/* The firms are noted once and stay the same, whatever the filter would find later. */
static enum err gather(struct ctx *c, struct working *w)
{
    enum err e;
    if (w->plan.undo_of > 0)
        return app_write(c->app, c, add_undone, w);
    e = bulk_gather(c, &w->ask, &w->ids);
    while (!e && w->from < w->ids.n)
        e = app_write(c->app, c, add_some, w);
    return e;
}

static enum err change_some(struct ctx *c, void *arg)
{
    struct working *w = arg;
    enum err e = job_held(c, w->j->row.id);
    return e ? e : bulk_chunk(c, &w->b, &w->plan, &w->after, &w->n);
}

static enum err change_all(struct ctx *c, struct working *w)
{
    int64_t done = 0;
    enum err e = OK;
    do {
        e = app_write(c->app, c, change_some, w);
        done += w->n;
        if (!e)
            e = job_step(c, w->j, done, w->b.total > done ? w->b.total : done);
    } while (!e && w->n);
    return e;
}

static enum err finish(struct ctx *c, void *arg)
{
    struct working *w = arg;
    return bulk_finish(c, w->b.id, w->state);
}

static enum err work(struct ctx *c, struct working *w, int64_t id)
{
    enum err e = rec_get(c, &kind_bulk_edit, id, &w->b);
    if (!e)
        e = bulk_load_plan(c, &w->b, &w->ask, &w->plan);
    if (!e && str_eqz(w->b.state, "gathering")) {
        e = gather(c, w);
        if (!e)
            e = app_write(c->app, c, set_running, w);
        if (!e)
            e = rec_get(c, &kind_bulk_edit, id, &w->b);
    }
    if (!e)
        e = change_all(c, w);
    w->state = e ? "cancelled" : "done";
    if (e && job_held(c, w->j->row.id))
        return e; /* another program carries it on */
    struct ctx own = *c;
    own.err = OK;
    enum err end = app_write(c->app, &own, finish, w);
    return e ? e : end;
}

enum err job_bulk(struct ctx *c, struct job *j)
{
    const struct jin *doc = NULL;
    struct working *w = arena_new(c->a, struct working, 1);
    if (!w || jin_parse(j->row.input, 4, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    int64_t id = jin_int(jin_get(doc, "bulk"), 0);
    jin_free(doc);
    w->j = j;
    enum err e = work(c, w, id);
    mem_free(w->ids.p);
    j->result = arena_fmt(c->a, "{\"bulk\":%lld}", (long long)id);
    return e;
}
