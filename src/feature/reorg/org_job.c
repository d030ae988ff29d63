/* Carrying a change out: it is put in force in one commit (org_carry.c), then firms and accounts
 * are brought to their new paths some hundred at a time, so that other work goes on between. Each
 * group leaves the range it is read from: after a restart the job goes on with what is left. */
#include "base/jsonin.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/job.h"
#include "feature/account/account.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"
#include "feature/reorg/reorg_impl.h"

int reorg_batch = 200;

struct work {
    struct job *j;
    struct org_change_row row;
    int64_t firms, accounts, records, total;
    struct str from, to;
    bool exact;
    size_t kind; /* of the records that follow */
    int64_t n;   /* rewritten by the last write */
};

/* --- in force -----------------------------------------------------------------------------------
 */

static struct org_change_ask ask_of(const struct org_change_row *r)
{
    struct org_change_ask a = {.kind = r->kind,
        .org = r->org,
        .target = r->target,
        .name = r->target_name,
        .areas = r->areas,
        .day = r->day};
    return a;
}

/* Firms that go elsewhere. */
static int64_t firms_going(const struct change_plan *p)
{
    const struct org_route *r = p->routes.p;
    int64_t sum = 0;
    for (size_t i = 0; i < p->routes.n; i++)
        sum += r[i].firms;
    return sum;
}

/* What has come in between the filing and the day: the plan itself stands among what is pending. */
static enum err judge_again(struct ctx *c, struct org_change_row *row, struct str *ret_why)
{
    struct org_change_ask ask = ask_of(row);
    struct change_plan *p = arena_new(c->a, struct change_plan, 1);
    int64_t others = 0;
    struct q q;
    if (!p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_org_change_moving);
    q_int(&q, "id", row->id);
    enum err e = db_fail(c, q_one_int(&q, &others));
    if (!e && others > 0)
        return fail(c, ERR_BUSY, NULL, "另一项机构调整正在执行，完成后自动继续");
    if (!e)
        e = change_judge(c, &ask, row->parts, p);
    for (size_t i = 0; !e && i < p->hurdles.n; i++) {
        bool own = str_eqz(p->hurdles.rows[i].field, "pending") || /* itself */
                   str_eqz(p->hurdles.rows[i].field, "day");
        if (!own && !ret_why->p)
            *ret_why = p->hurdles.rows[i].text;
    }
    if (!e)
        row->result = arena_fmt(c->a, "{\"firms\":%lld}", (long long)firms_going(p));
    return e;
}

static enum err put_in_force(struct ctx *c, void *arg)
{
    struct work *w = arg;
    struct str why = STR_NULL;
    enum err e = rec_get(c, &kind_org_change, w->row.id, &w->row);
    if (e || !str_eqz(w->row.state, "planned"))
        return e;
    e = judge_again(c, &w->row, &why);
    if (e)
        return e;
    return why.p ? change_fail(c, &w->row, why) : change_carry(c, &w->row);
}

/* --- firms and accounts -------------------------------------------------------------------------
 */

static enum err route_of(struct ctx *c, struct str path, struct firm_route *ret)
{
    if (ret->path.p && str_eq(ret->path, path))
        return OK;
    *ret = (struct firm_route){.path = path};
    for (size_t n = 5; n <= path.n && ret->ups < 8; n += 5) {
        struct q q;
        q_begin(&q, c->db, SQL_org_at_path);
        q_str(&q, "path", str_sub(path, 0, n));
        if (q_row(&q)) {
            ret->up[ret->ups].org = ret->org = q_get_int(&q, 0);
            ret->up[ret->ups++].level = q_get_int(&q, 1);
        }
        enum err e = q_end(&q);
        if (e)
            return db_fail(c, e);
    }
    return OK;
}

static struct str range_end(struct ctx *c, const struct work *w)
{
    return w->exact ? arena_fmt(c->a, "%.*s0", STR_ARG(w->from)) : scope_end(c->a, w->from);
}

static void range(struct q *q, struct ctx *c, const struct work *w)
{
    q_str(q, "path", w->from);
    q_str(q, "end", range_end(c, w));
    q_int(q, "limit", reorg_batch);
}

static struct str moved(struct ctx *c, const struct work *w, struct str path)
{
    struct path_move m = {w->from, w->to, w->exact};
    return moves_path(&(struct path_moves){&m, 1}, c->a, path);
}

static enum err firms_some(struct ctx *c, void *arg)
{
    struct work *w = arg;
    struct vec rows = {0};
    struct firm_route to = {.path = STR_NULL};
    struct note n = {.label = "随机构调整转入", .text = w->row.reason};
    struct q q;
    enum err e = job_held(c, w->j->row.id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_reorg_firms);
    range(&q, c, w);
    e = db_fail(c, q_all(&q, &firm_row_desc, &rows, c->a));
    const struct firm_row *f = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        e = route_of(c, moved(c, w, f[i].org_path), &to);
        if (!e)
            e = firm_relocate(c, &f[i], &to, &n);
    }
    w->n = (int64_t)rows.n;
    return e;
}

static enum err accounts_some(struct ctx *c, void *arg)
{
    struct work *w = arg;
    struct vec rows = {0};
    struct note n = {.label = "随机构调整", .silent = true};
    struct q q;
    enum err e = job_held(c, w->j->row.id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_reorg_accounts);
    range(&q, c, w);
    e = db_fail(c, q_all(&q, &account_row_desc, &rows, c->a));
    const struct account_row *a = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct account_row row = a[i];
        row.org_path = moved(c, w, row.org_path);
        row.version++;
        e = rec_update(c, &kind_account, &a[i], &row, &n);
    }
    w->n = (int64_t)rows.n;
    return e;
}

static enum err records_some(struct ctx *c, void *arg)
{
    struct work *w = arg;
    struct follow f = {
        .move = {w->from, w->to, w->exact}, .org = w->row.org, .target = w->row.target};
    f.end = range_end(c, w);
    enum err e = job_held(c, w->j->row.id);
    return e ? e : follow_some(c, &f, w->kind, &w->n);
}

/* A change in force is finished whatever happens: a wish to cancel comes too late. */
static enum err step(struct ctx *c, struct work *w)
{
    enum err e = job_step(c, w->j, w->firms + w->accounts, w->total);
    if (e == ERR_CANCELLED && job_held(c, w->j->row.id) == OK) {
        c->err = OK;
        c->err_message = STR_NULL;
        e = OK;
    }
    return e;
}

static enum err all_of(
    struct ctx *c, struct work *w, enum err (*some)(struct ctx *, void *), int64_t *sum)
{
    enum err e;
    do {
        struct arena a, *was = c->a;
        arena_init(&a, 64 << 20);
        c->a = &a;
        e = app_write(c->app, c, some, w);
        c->a = was;
        if (e)
            c->err_message = keep(c, c->err_message);
        arena_free(&a);
        if (e)
            return e;
        *sum += w->n;
        e = step(c, w);
    } while (!e && w->n > 0);
    return e;
}

/* --- towns of a split ---------------------------------------------------------------------------
 */

struct town {
    struct work *w;
    struct org_row from, to;
    struct str code;
};

enum { TOWN_BATCH = 20 };

/* Firms go one by one: their days are counted again under the new authority. */
static enum err town_some(struct ctx *c, void *arg)
{
    struct town *t = arg;
    struct vec rows = {0};
    struct note n = {.label = "随机构拆分转入", .text = t->w->row.reason};
    struct q q;
    enum err e = job_held(c, t->w->j->row.id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_reorg_town_firms);
    q_str(&q, "path", t->from.path);
    q_str(&q, "town", t->code);
    q_int(&q, "limit", TOWN_BATCH);
    e = db_fail(c, q_all(&q, &firm_row_desc, &rows, c->a));
    const struct firm_row *f = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct firm_row row = f[i];
        row.org = t->to.id;
        row.org_path = t->to.path;
        e = firm_change(c, &f[i], &row, &n);
    }
    t->w->n = (int64_t)rows.n;
    return e;
}

static enum err towns_all(struct ctx *c, struct work *w)
{
    struct town t = {.w = w};
    struct str rest = w->row.areas;
    enum err e = org_get(c, w->row.org, &t.from);
    if (!e)
        e = org_get(c, w->row.target, &t.to);
    while (!e && rest.n) {
        t.code = str_cut(rest, ',', &rest);
        do {
            e = app_write(c->app, c, town_some, &t);
            w->firms += e ? 0 : w->n;
            if (!e)
                e = step(c, w);
        } while (!e && w->n > 0);
    }
    return e;
}

/* --- the job ------------------------------------------------------------------------------------
 */

static enum err moves_of(struct ctx *c, int64_t change, struct vec *ret)
{
    struct q q;
    struct path_move *rows = arena_new(c->a, struct path_move, 10000);
    size_t n = 0;
    if (!rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_path_move_of);
    q_int(&q, "change", change);
    while (n < 10000 && q_row(&q)) {
        rows[n].from = keep(c, q_get_str(&q, 0));
        rows[n].to = keep(c, q_get_str(&q, 1));
        rows[n++].exact = q_get_int(&q, 2) == 1;
    }
    *ret = (struct vec){rows, n};
    return db_fail(c, q_end(&q));
}

/* What was counted by SQL under an old path meanwhile (a day that was opened) follows. */
static enum err settle(struct ctx *c, int64_t change)
{
    struct vec moves = {0};
    enum err e = batch_settle(c);
    if (!e)
        e = moves_of(c, change, &moves);
    const struct path_move *m = moves.p;
    for (size_t i = 0; !e && i < moves.n; i++)
        e = counters_move(c, m[i].from, m[i].to, m[i].exact);
    return e;
}

static enum err scopes_follow(struct ctx *c, int64_t change)
{
    struct vec moves = {0};
    enum err e = moves_of(c, change, &moves);
    return e ? e : campaigns_follow(c, &(struct path_moves){moves.p, moves.n});
}

static enum err over(struct ctx *c, void *arg)
{
    struct work *w = arg;
    struct org_change_row old, row;
    struct note n = {.label = "机构调整完成"};
    struct q q;
    enum err e = rec_get(c, &kind_org_change, w->row.id, &old);
    if (!e)
        e = job_held(c, w->j->row.id);
    if (!e)
        e = settle(c, w->row.id);
    if (!e)
        e = scopes_follow(c, w->row.id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_path_move_drop);
    q_int(&q, "change", old.id);
    e = q_exec(&q);
    if (e)
        return db_fail(c, e);
    row = old;
    row.state = S("done");
    row.done_at = c->now;
    row.version++;
    e = rec_update(c, &kind_org_change, &old, &row, &n);
    return e ? e : batch_moves_changed(c);
}

static enum err bring_all(struct ctx *c, struct work *w)
{
    struct vec moves = {0};
    enum err e = moves_of(c, w->row.id, &moves);
    const struct path_move *m = moves.p;
    for (size_t i = 0; !e && i < moves.n; i++) {
        w->from = m[i].from;
        w->to = m[i].to;
        w->exact = m[i].exact;
        e = all_of(c, w, firms_some, &w->firms);
        if (!e)
            e = all_of(c, w, accounts_some, &w->accounts);
        for (w->kind = 0; !e && w->kind < follow_kinds(); w->kind++)
            e = all_of(c, w, records_some, &w->records);
    }
    if (!e && str_eqz(w->row.kind, "split") && w->row.areas.n)
        e = towns_all(c, w);
    return e;
}

static int64_t change_of(struct ctx *c, const struct job *j)
{
    const struct jin *doc = NULL;
    int64_t id = 0;
    (void)c;
    if (jin_parse(j->row.input, 8, &doc) == OK)
        id = jin_int(jin_get(doc, "change"), 0);
    jin_free(doc);
    return id;
}

static int64_t expected(const struct org_change_row *row)
{
    const struct jin *doc = NULL;
    int64_t n = 0;
    if (jin_parse(row->preview, 8, &doc) == OK)
        n = jin_int(jin_get(doc, "firms"), 0) + jin_int(jin_get(doc, "firm_accounts"), 0);
    jin_free(doc);
    return n;
}

enum err job_org_change(struct ctx *c, struct job *j)
{
    struct work w = {.j = j};
    enum err e = rec_get(c, &kind_org_change, change_of(c, j), &w.row);
    if (!e && str_eqz(w.row.state, "planned"))
        e = app_write_alone(c->app, c, put_in_force, &w);
    if (e)
        return e;
    if (str_eqz(w.row.state, "failed")) {
        c->err = OK;
        return fail(c, ERR_STATE, NULL, w.row.message.p);
    }
    if (!str_eqz(w.row.state, "moving"))
        return OK;
    w.total = expected(&w.row);
    e = bring_all(c, &w);
    if (!e)
        e = app_write_alone(c->app, c, over, &w);
    if (!e)
        j->result = w.row.result;
    return e;
}

/* --- once a minute ------------------------------------------------------------------------------
 */

static bool alive(struct ctx *c, int64_t job)
{
    struct q q;
    int64_t n = 0;
    if (job == NULL_INT)
        return false;
    q_begin(&q, c->db, SQL_job_alive);
    q_int(&q, "id", job);
    return q_one_int(&q, &n) == OK && n > 0;
}

static enum err start_org(struct ctx *c, int64_t id)
{
    struct org_change_row old, row;
    struct note n = {.label = "机构调整", .silent = true};
    enum err e = rec_get(c, &kind_org_change, id, &old);
    if (e || alive(c, old.job))
        return e;
    row = old;
    e = change_job(
        c, "org_change", id, arena_fmt(c->a, "机构调整 %.*s", STR_ARG(old.org_name)), &row.job);
    return e ? e : rec_update(c, &kind_org_change, &old, &row, &n);
}

static enum err start_area(struct ctx *c, int64_t id)
{
    struct area_change_row old, row;
    struct note n = {.label = "区划变更", .silent = true};
    enum err e = rec_get(c, &kind_area_change, id, &old);
    if (e || alive(c, old.job))
        return e;
    row = old;
    e = change_job(
        c, "area_change", id, arena_fmt(c->a, "区划变更 %.*s", STR_ARG(old.name)), &row.job);
    return e ? e : rec_update(c, &kind_area_change, &old, &row, &n);
}

static enum err start_due(
    struct ctx *c, enum sql_id which, enum err (*start)(struct ctx *c, int64_t id))
{
    int64_t ids[20];
    size_t n = 0;
    struct q q;
    q_begin(&q, c->db, which);
    q_int(&q, "today", c->today);
    while (n < 20 && q_row(&q))
        ids[n++] = q_get_int(&q, 0);
    enum err e = db_fail(c, q_end(&q));
    for (size_t i = 0; !e && i < n; i++)
        e = start(c, ids[i]);
    return e;
}

enum err reorg_tick(struct ctx *c)
{
    enum err e = start_due(c, SQL_org_changes_due, start_org);
    return e ? e : start_due(c, SQL_area_changes_due, start_area);
}
