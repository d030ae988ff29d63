/* Jobs on the work pool. */
#include "core/job.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/pool.h"
#include "core/session.h"

DESC(job_row, JOB_ROW_FIELDS)

enum { JOB_MEMORY = 256 << 20, TELL_EVERY = 250 };

static enum err read_row(struct ctx *c, int64_t id, struct job_row *ret)
{
    struct q q;
    desc_clear(&job_row_desc, ret);
    q_begin(&q, c->db, SQL_job_get);
    q_int(&q, "id", id);
    return db_fail(c, q_one(&q, &job_row_desc, ret, c->a));
}

enum err job_load(struct ctx *c, int64_t id, struct job_row *ret)
{
    enum err e = read_row(c, id, ret);
    if (!e && c->actor.account && ret->account != c->actor.account)
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    return e;
}

enum err job_create(struct ctx *c, const struct job_spec *spec, int64_t *ret_id)
{
    struct q q;
    *ret_id = id_next(c);
    q_begin(&q, c->db, SQL_job_add);
    q_int(&q, "id", *ret_id);
    q_str(&q, "kind", str_z(spec->kind));
    q_str(&q, "state", S("queued"));
    q_int(&q, "account", c->actor.account);
    q_str(&q, "org_path", c->actor.org_path);
    q_int(&q, "firm", spec->firm ? spec->firm : NULL_INT);
    q_str(&q, "title", spec->title);
    q_str(&q, "input", spec->input.p ? spec->input : S("{}"));
    q_int(&q, "created", c->now);
    return db_fail(c, q_exec(&q));
}

enum err job_requeue(struct ctx *c, int64_t id, struct str input)
{
    struct q q;
    q_begin(&q, c->db, SQL_job_input);
    q_int(&q, "id", id);
    q_str(&q, "input", input);
    enum err e = q_exec(&q);
    if (!e && q_changes(c->db) == 0)
        return fail(c, ERR_STATE, NULL, "这项任务已在进行、已结束或已取消，请刷新查看");
    return db_fail(c, e);
}

struct state_change {
    int64_t id;
    struct str state, result, message;
    int64_t started, finished;
};

static enum err write_state(struct ctx *c, void *arg)
{
    struct state_change *s = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_state);
    q_int(&q, "id", s->id);
    q_str(&q, "state", s->state);
    q_str(&q, "result", s->result);
    q_str(&q, "message", s->message);
    q_int(&q, "started", s->started);
    q_int(&q, "finished", s->finished);
    return db_fail(c, q_exec(&q));
}

struct progress {
    int64_t id, done, total;
};

static enum err write_progress(struct ctx *c, void *arg)
{
    struct progress *p = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_progress);
    q_int(&q, "id", p->id);
    q_int(&q, "done", p->done);
    q_int(&q, "total", p->total);
    return db_fail(c, q_exec(&q));
}

enum err job_held(struct ctx *c, int64_t id)
{
    struct q q;
    int64_t mine = 0;
    q_begin(&q, c->db, SQL_job_held);
    q_int(&q, "id", id);
    q_str(&q, "node", str_z(c->app->node));
    enum err e = q_one_int(&q, &mine);
    if (e)
        return db_fail(c, e);
    return mine ? OK : fail(c, ERR_CANCELLED, NULL, "任务已由另一个服务程序接手");
}

static enum err cancelled(struct ctx *c, int64_t id)
{
    struct job_row now;
    enum err e = read_row(c, id, &now);
    if (e)
        return e;
    return now.cancel == 1 ? fail(c, ERR_CANCELLED, NULL, "已按要求取消") : OK;
}

enum err job_step(struct ctx *c, struct job *j, int64_t done, int64_t total)
{
    int64_t now = clock_steady_ms();
    j->row.done = done;
    j->row.total = total;
    if (now - j->told < TELL_EVERY && done != total)
        return OK;
    j->told = now;
    if (j->progress)
        j->progress(j->progress_arg, done, total);
    if (!c->app->writer)
        return OK; /* a job without a row: a check on the command line */
    struct progress p = {j->row.id, done, total};
    enum err e = app_write(c->app, NULL, write_progress, &p);
    if (!e)
        e = job_held(c, j->row.id);
    return e ? fail(c, e, NULL, NULL) : cancelled(c, j->row.id);
}

static const struct job_kind *kind_of(const struct app *app, struct str name)
{
    for (const struct job_kind *k = app->jobs; k && k->name; k++)
        if (str_eqz(name, k->name))
            return k;
    return NULL;
}

static void settle(struct ctx *c, struct job *j, enum err e)
{
    struct state_change s = {.id = j->row.id, .result = j->result, .started = NULL_INT};
    s.finished = app_now(c->app);
    s.state = e == ERR_CANCELLED ? S("cancelled") : e ? S("failed") : S("done");
    if (!e && j->next_state) {
        s.state = str_z(j->next_state);
        s.finished = NULL_INT;
    }
    if (e)
        s.message = c->err_message.p ? c->err_message : str_z(err_text(e));
    if (job_held(c, j->row.id) == ERR_CANCELLED)
        return; /* somebody else's by now */
    if (app_write(c->app, NULL, write_state, &s))
        fprintf(stderr, "job %lld: the outcome could not be written\n", (long long)j->row.id);
}

static enum err act_as_owner(struct ctx *c, const struct job_row *row)
{
    if (row->account == 0)
        return OK;
    return actor_load(c, row->account, &c->actor);
}

struct take {
    int64_t id;
    bool mine;
};

static enum err take(struct ctx *c, void *arg)
{
    struct take *t = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_take);
    q_int(&q, "id", t->id);
    q_int(&q, "started", c->now);
    q_str(&q, "node", str_z(c->app->node));
    enum err e = q_exec(&q);
    t->mine = !e && q_changes(c->db) == 1;
    return db_fail(c, e);
}

static enum err run_one(struct ctx *c, struct job *j)
{
    const struct job_kind *kind = kind_of(c->app, j->row.kind);
    if (!kind)
        return fail(c, ERR_INTERNAL, NULL, "没有这种后台任务");
    enum err e = act_as_owner(c, &j->row);
    c->source = SRC_JOB;
    c->op = str_z(kind->name);
    return e ? fail(c, e, NULL, "发起人的账号已停用，任务没有执行") : kind->run(c, j);
}

/* Without memory neither a finding nor a success counts. */
static enum err outcome(struct ctx *c, enum err e)
{
    if (!mem_refused() && !c->a->failed)
        return e;
    if (e && err_status(e) >= 500)
        return e;
    c->err_message = STR_NULL;
    return ERR_NOMEM;
}

static enum err run_by_id(struct app *app, struct db_conn *reader, int64_t id, struct job *j)
{
    struct arena a;
    struct ctx c;
    arena_init(&a, JOB_MEMORY);
    app_ctx(app, &c, &a, reader);
    struct take t = {.id = id};
    enum err e = read_row(&c, id, &j->row);
    if (!e)
        e = app_write(app, NULL, take, &t);
    if (!e && t.mine)
        e = read_row(&c, id, &j->row); /* as it was given last */
    if (!e && t.mine) {
        (void)mem_refused();
        e = run_one(&c, j);
        e = outcome(&c, e);
        settle(&c, j, e);
    }
    arena_free(&a);
    return e;
}

struct kick {
    struct task task;
    struct app *app;
    int64_t id;
};

static void kicked(struct db_conn *reader, void *arg)
{
    struct kick *k = arg;
    struct job j = {0};
    if (reader && run_by_id(k->app, reader, k->id, &j))
        fprintf(stderr, "job %lld ended early\n", (long long)k->id);
    mem_free(k);
}

void job_kick(struct app *app, int64_t id)
{
    struct kick *k = mem_alloc(sizeof *k);
    if (!k)
        return;
    *k = (struct kick){.app = app, .id = id};
    k->task = (struct task){.run = kicked, .arg = k};
    if (!app->work || pool_put(app->work, &k->task))
        mem_free(k);
}

enum err job_run_here(struct app *app, int64_t id,
    void (*progress)(void *arg, int64_t done, int64_t total), void *arg)
{
    struct db_conn *reader;
    struct job j = {.progress = progress, .progress_arg = arg};
    enum err e = db_connect(app->db, DB_STREAM, &reader);
    if (e)
        return e;
    e = run_by_id(app, reader, id, &j);
    db_disconnect(reader);
    return e;
}

static enum err requeue_running(struct ctx *c, void *arg)
{
    struct vec *ids = arg;
    for (size_t i = 0; i < ids->n; i++) {
        struct state_change s = {
            .id = ((int64_t *)ids->p)[i], .state = S("queued"), .started = NULL_INT};
        s.finished = NULL_INT;
        enum err e = write_state(c, &s);
        if (e)
            return e;
    }
    return OK;
}

enum { RESUME_MAX = 1000 };

struct resume {
    int64_t running[RESUME_MAX];
    size_t n;
};

static enum err find_running(struct ctx *c, void *arg)
{
    struct resume *r = arg;
    struct q q;
    q_begin(&q, c->db, SQL_job_running);
    while (r->n < RESUME_MAX && q_row(&q))
        r->running[r->n++] = q_get_int(&q, 0);
    return q_end(&q);
}

enum err jobs_orphans(struct ctx *c, int64_t since)
{
    struct q q;
    q_begin(&q, c->db, SQL_jobs_orphaned);
    q_int(&q, "since", since);
    return db_fail(c, q_exec(&q));
}

static enum err kick_queued(struct ctx *c, void *arg)
{
    struct q q;
    (void)arg;
    q_begin(&q, c->db, SQL_job_queued);
    while (q_row(&q))
        job_kick(c->app, q_get_int(&q, 0));
    return q_end(&q);
}

enum err jobs_start(struct app *app)
{
    return app_read(app, kick_queued, NULL);
}

enum err jobs_resume(struct app *app)
{
    static struct resume r;
    r.n = 0;
    if (db_is_shared(app->db))
        return jobs_start(app); /* what runs may be another program's: core/node.c looks */
    enum err e = app_read(app, find_running, &r);
    struct vec ids = {r.running, r.n};
    if (!e && r.n)
        e = app_write(app, NULL, requeue_running, &ids);
    return e ? e : jobs_start(app);
}

struct str job_file(struct ctx *c, int64_t id, const char *suffix)
{
    return arena_fmt(c->a, "%s/jobs/%lld.%s", c->app->dir, (long long)id, suffix);
}
