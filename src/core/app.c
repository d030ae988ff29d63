/* Opening, running and closing the program. */
#include "core/app.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/batch.h"
#include "core/crypto.h"
#include "core/job.h"
#include "core/meta.h"
#include "core/months.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/seal.h"
#include "core/session.h"
#include "core/standby.h"
#include "core/template.h"

enum { READ_MEMORY = 64 << 20, SLOW_THREADS = 2, WORK_THREADS = 2, QUEUE = 1000 };

static void say(const struct app_options *o, const char *text)
{
    if (o->why && o->why_size && !o->why[0])
        snprintf(o->why, o->why_size, "%s", text);
}

int64_t app_now(const struct app *app)
{
    return app->fixed_now != NULL_INT ? app->fixed_now : clock_real_ms();
}

void app_ctx(struct app *app, struct ctx *c, struct arena *a, struct db_conn *db)
{
    *c = (struct ctx){.app = app, .a = a, .db = db, .source = SRC_JOB};
    c->actor = actor_system(a);
    c->now = app_now(app);
    c->today = civil_today(c->now);
    c->if_match = NULL_INT;
    c->reply.version = NULL_INT;
}

enum err app_read(struct app *app, enum err (*fn)(struct ctx *c, void *arg), void *arg)
{
    struct db_conn *db;
    struct arena a;
    struct ctx c;
    enum err e = db_connect(app->db, DB_READ, &db);
    if (e)
        return e;
    arena_init(&a, READ_MEMORY);
    app_ctx(app, &c, &a, db);
    e = fn(&c, arg);
    arena_free(&a);
    db_disconnect(db);
    return e;
}

struct waiting;

struct relay {
    struct app *app;
    struct ctx *like;
    enum err (*fn)(struct ctx *c, void *arg);
    void *arg;
    struct waiting *wait; /* of app_write_alone */
};

/* What fn left in the context counts too: a sum that could not be counted, a text that could not
 * be kept (it would be stored as absent). */
static enum err relay_outcome(struct ctx *c, enum err e)
{
    c->a->failed |= mem_refused();
    if (!e)
        e = c->err;
    return c->a->failed && (!e || err_status(e) < 500) ? ERR_NOMEM : e;
}

static enum err relay_as(struct relay *r, struct db_conn *db)
{
    struct db_conn *was = r->like->db;
    bool failed = r->like->err; /* noting a failure is a write of its own */
    r->like->db = db;
    r->like->batch = r->app->batch;
    enum err e = r->fn(r->like, r->arg);
    if (!failed)
        e = relay_outcome(r->like, e);
    r->like->db = was;
    r->like->batch = NULL;
    return e;
}

/* Runs on the writer: the caller's context with the writer's connection, or the system's own. */
static enum err relay_run(struct db_conn *db, void *arg)
{
    struct relay *r = arg;
    (void)mem_refused();
    if (r->like)
        return relay_as(r, db);
    struct arena a;
    struct ctx c;
    arena_init(&a, READ_MEMORY);
    app_ctx(r->app, &c, &a, db);
    c.batch = r->app->batch;
    c.op = S("system");
    enum err e = relay_outcome(&c, r->fn(&c, r->arg));
    arena_free(&a);
    return e;
}

enum err app_write(
    struct app *app, struct ctx *like, enum err (*fn)(struct ctx *c, void *arg), void *arg)
{
    struct relay r = {app, like, fn, arg, NULL};
    if (!app->writer)
        return ERR_STATE;
    enum err e = writer_do(app->writer, relay_run, &r);
    return e && like && !like->err ? fail(like, e, NULL, NULL) : e;
}

/* Who waits for a write that is alone in its group. */
struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool over;
    enum err err;
};

static void wait_over(enum err e, void *arg)
{
    struct relay *r = arg;
    struct waiting *w = r->wait;
    pthread_mutex_lock(&w->lock);
    w->err = e;
    w->over = true;
    pthread_cond_signal(&w->told);
    pthread_mutex_unlock(&w->lock);
}

enum err app_write_alone(
    struct app *app, struct ctx *like, enum err (*fn)(struct ctx *c, void *arg), void *arg)
{
    struct waiting w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, OK};
    struct relay r = {app, like, fn, arg, &w};
    struct write_job job = {.run = relay_run, .done = wait_over, .arg = &r, .alone = true};
    enum err e = app->writer ? writer_put(app->writer, &job) : ERR_STATE;
    if (e)
        return like && !like->err ? fail(like, e, NULL, NULL) : e;
    pthread_mutex_lock(&w.lock);
    while (!w.over)
        pthread_cond_wait(&w.told, &w.lock);
    pthread_mutex_unlock(&w.lock);
    return w.err && like && !like->err ? fail(like, w.err, NULL, NULL) : w.err;
}

struct later {
    struct relay relay;
    struct write_job job;
    int64_t arg;
};

static void later_done(enum err e, void *arg)
{
    (void)e;
    mem_free(arg);
}

static enum err later_run(struct db_conn *db, void *arg)
{
    struct later *l = arg;
    l->relay.arg = &l->arg;
    return relay_run(db, &l->relay);
}

void app_later(struct app *app, enum err (*fn)(struct ctx *c, void *arg), int64_t arg)
{
    struct later *l = mem_alloc(sizeof *l);
    if (!l)
        return;
    l->arg = arg;
    l->relay = (struct relay){app, NULL, fn, NULL, NULL};
    l->job = (struct write_job){.run = later_run, .done = later_done, .arg = l};
    if (!app->writer || writer_put(app->writer, &l->job))
        mem_free(l);
}

/* --- opening ------------------------------------------------------------------------------------
 */

static enum err make_dirs(const struct app_options *o)
{
    static const char *const names[] = {"", "/files", "/tmp", "/jobs"};
    char path[4096];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", o->dir, names[i]);
        if (mkdir(path, 0700) && errno != EEXIST) {
            say(o, errno == ENOSPC ? "磁盘空间不足，无法建立数据目录"
                                   : "无法建立数据目录，请检查路径和权限");
            return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
        }
    }
    return OK;
}

static enum err open_db(struct app *app, const struct app_options *o)
{
    char target[4200];
    snprintf(target, sizeof target, "sqlite:%s/zhian.db", o->dir);
    struct db_options d = {.target = o->db ? o->db : target,
        .create = o->create,
        .fresh = o->create,
        .read_only = o->read_only,
        .why = o->why,
        .why_size = o->why_size};
    return db_open(&d, &app->db);
}

/* The clock may be set from outside only where nothing real is recorded. */
static enum err open_clock(struct app *app, const struct app_options *o)
{
    const char *text = getenv("ZHIAN_NOW");
    app->fixed_now = NULL_INT;
    if (!text || !*text)
        return OK;
    if (!app->demo && !app->test) {
        say(o, "ZHIAN_NOW 只能用于演示库或测试库，本库不允许更改时钟");
        return ERR_FORBIDDEN;
    }
    if (!civil_parse_time(str_z(text), &app->fixed_now)) {
        say(o, "ZHIAN_NOW 写法不对，应如 2026-11-02T09:00:00+08:00");
        return ERR_INVALID;
    }
    return OK;
}

static enum err new_store(struct ctx *c, void *arg)
{
    const struct app_options *o = arg;
    unsigned char id[16];
    char hex[32], no[24];
    rand_bytes(id, sizeof id);
    hex_put(id, sizeof id, hex);
    snprintf(no, sizeof no, "%lld", (long long)o->store_no);
    enum err e = meta_put(c, "store_id", (struct str){hex, sizeof hex});
    if (!e)
        e = meta_put(c, "kind", o->demo ? S("demo") : o->test ? S("test") : S("production"));
    if (!e)
        e = meta_put(c, "store_no", str_z(no));
    return e;
}

/* Half a store must not be taken for a whole one. */
static enum err refuse_half(struct ctx *c, const struct app_options *o)
{
    struct str from;
    enum err e = o->moving ? ERR_NOT_FOUND : meta_get(c, META_MOVING, &from);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    say(o, "这个库还没有搬完，不能使用；请把原来的 zhian move 命令再运行一次，直到完成");
    return ERR_STATE;
}

static enum err read_kind(struct ctx *c, void *arg)
{
    struct str kind, no;
    int64_t n = 0;
    enum err e = refuse_half(c, arg);
    if (!e)
        e = meta_get(c, "kind", &kind);
    if (!e)
        e = meta_get(c, "store_no", &no);
    if (e)
        return e;
    c->app->demo = str_eqz(kind, "demo");
    c->app->test = str_eqz(kind, "test");
    c->app->store_no = str_int(no, &n) ? n : 0;
    return OK;
}

static enum err open_writer(struct app *app)
{
    enum err e = batch_open(app, &app->batch);
    if (e)
        return e;
    struct writer_hooks hooks = batch_hooks(app->batch);
    return writer_start(app->db, &hooks, 0, &app->writer);
}

static enum err open_keys(struct app *app, const struct app_options *o)
{
    struct crypto_options k = {o->dir, o->create, app_now(app), o->why, o->why_size};
    return crypto_open(&k, &app->crypto);
}

static enum err load_templates(struct ctx *c, void *arg)
{
    (void)arg;
    return templates_open(c->app, c->db);
}

static enum err open_service(struct app *app, const struct app_options *o)
{
    enum err e = standby_new(app, o->standby, &app->standby);
    if (e == ERR_UNSUPPORTED)
        say(o, "只有几个服务程序共用的数据库（postgresql://…）才能另设备库");
    if (!e)
        e = node_start(app, &app->nodes);
    if (!e)
        e = pool_start(app->db, SLOW_THREADS, QUEUE, &app->slow);
    if (!e)
        e = pool_start(app->db, WORK_THREADS, QUEUE, &app->work);
    if (!e && o->serve)
        e = sealer_start(app, &app->sealer);
    if (!e && o->serve)
        e = jobs_resume(app);
    return e;
}

static enum err open_all(struct app *app, const struct app_options *o)
{
    enum err e = o->create ? make_dirs(o) : OK;
    if (!e)
        e = open_db(app, o);
    if (e)
        return e;
    app->fixed_now = NULL_INT;
    if (!o->read_only)
        e = open_writer(app);
    if (!e && o->create)
        e = app_write(app, NULL, new_store, (void *)(uintptr_t)o);
    if (!e)
        e = app_read(app, read_kind, (void *)(uintptr_t)o);
    if (!e)
        e = open_clock(app, o);
    if (!e)
        e = open_keys(app, o);
    if (!e)
        e = app_read(app, load_templates, NULL);
    app->before_close = o->before_close;
    if (!e && !o->read_only)
        (void)!months_keep(app); /* a row without its part finds its place all the same */
    if (!e && o->after_open)
        e = o->after_open(app);
    app->on_batch = o->on_batch;
    if (!e && !o->read_only)
        e = open_service(app, o);
    return e;
}

enum err app_open(const struct app_options *o, struct app **ret)
{
    struct app *app = mem_alloc(sizeof *app);
    if (!app)
        return ERR_NOMEM;
    app->ops = *o->ops;
    app->kinds = o->kinds;
    app->jobs = o->jobs;
    app->months = o->months;
    app->dir = o->dir;
    app->serving = o->serve;
    app->fixed_now = NULL_INT;
    if (o->why && o->why_size)
        o->why[0] = 0;
    enum err e = open_all(app, o);
    if (e) {
        say(o, err_text(e));
        app_close(app);
        return e;
    }
    app->started = app_now(app);
    *ret = app;
    return OK;
}

void app_close(struct app *app)
{
    if (!app)
        return;
    pool_stop(app->work);
    pool_stop(app->slow);
    sealer_stop(app->sealer);
    node_stop(app->nodes);
    standby_close(app->standby);
    if (app->writer)
        writer_stop(app->writer);
    batch_close(app->batch);
    if (app->before_close)
        app->before_close(app);
    templates_close(app);
    crypto_close(app->crypto);
    if (app->db)
        db_close(app->db);
    mem_free(app);
}
