/* The node thread: heartbeat, orphaned jobs, notices.
 *
 * Method. The thread waits on a connection of its own for notices of the other programs, and wakes
 * by itself every few seconds to write that it is alive. What a program had not finished when it
 * fell silent (setting node_silent_seconds) goes back to the queue; it may have been slow only, so
 * whoever runs a job asks in the writing transaction whether the job is still its own (job_held). A
 * connection that was lost may have missed notices: everything is read again. */
#include "core/node.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/app.h"
#include "core/job.h"
#include "core/standby.h"
#include "core/template.h"

enum {
    WAIT_MS = 1000,
    BEAT_MS = 2000,
    SILENT_S = 45, /* unless settings say otherwise */
    FORGET_MS = 24 * 3600 * 1000,
    LEASE_MS = 20000,
    TOPIC_MAX = 64,
};

struct node {
    struct app *app;
    pthread_t thread;
    struct db_conn *ear;
    _Atomic bool stopping;
    int64_t beat; /* when it was last said */
    int64_t look; /* when the standby was last looked at */
};

/* --- being alive ------------------------------------------------------------------------------ */

static enum err say_alive(struct ctx *c, void *arg)
{
    int64_t now = *(int64_t *)arg;
    struct q q;
    q_begin(&q, c->db, SQL_node_seen);
    q_str(&q, "id", str_z(c->app->node));
    q_int(&q, "seen", now);
    enum err e = q_exec(&q);
    int64_t silent = setting_int(c->app, "node_silent_seconds", SILENT_S);
    return e ? db_fail(c, e) : jobs_orphans(c, now - silent * 1000);
}

static enum err say_gone(struct ctx *c, void *arg)
{
    struct q q;
    (void)arg;
    q_begin(&q, c->db, SQL_node_gone);
    q_str(&q, "id", str_z(c->app->node));
    q_int(&q, "before", clock_real_ms() - FORGET_MS);
    return db_fail(c, q_exec(&q));
}

static void beat(struct node *n)
{
    int64_t now = clock_real_ms();
    if (now - n->beat < BEAT_MS && now >= n->beat)
        return;
    n->beat = now;
    if (app_write(n->app, NULL, say_alive, &now) == OK && n->app->serving)
        (void)!jobs_start(n->app);
}

static void watch(struct node *n)
{
    int64_t now = clock_real_ms();
    if (now - n->look < WAIT_MS && now >= n->look)
        return;
    n->look = now;
    standby_watch(n->app->standby);
}

/* --- hearing ---------------------------------------------------------------------------------- */

static enum err read_again(struct ctx *c, void *arg)
{
    (void)arg;
    return templates_reload(c->app, c->db);
}

static void heard(struct node *n, const char *topic)
{
    if (strcmp(topic, NOTICE_TEMPLATES) == 0 && app_read(n->app, read_again, NULL) != OK)
        fprintf(stderr, "definitions could not be read again\n");
}

/* A new connection, after which what may have been missed is read. */
static bool listen_again(struct node *n)
{
    if (n->ear)
        db_disconnect(n->ear);
    n->ear = NULL;
    if (db_connect(n->app->db, DB_UPKEEP, &n->ear) != OK)
        return false;
    if (db_listen(n->ear) == OK)
        return app_read(n->app, read_again, NULL) == OK;
    return false;
}

static void *node_run(void *arg)
{
    struct node *n = arg;
    bool listening = true;
    while (!atomic_load(&n->stopping)) {
        char topic[TOPIC_MAX];
        struct timespec pause = {0, WAIT_MS * 1000000L / 2};
        enum err e = listening ? db_wait_notice(n->ear, WAIT_MS, topic, sizeof topic) : ERR_BUSY;
        if (e == OK && topic[0])
            heard(n, topic);
        else if (e)
            listening = listen_again(n);
        if (!listening)
            nanosleep(&pause, NULL);
        beat(n);
        watch(n);
    }
    return NULL;
}

/* --- leading ---------------------------------------------------------------------------------- */

struct duty {
    const char *name;
    int64_t now;
    bool mine, others;
};

static enum err duty_look(struct ctx *c, void *arg)
{
    struct duty *d = arg;
    struct q q;
    q_begin(&q, c->db, SQL_lease_get);
    q_str(&q, "name", str_z(d->name));
    if (q_row(&q)) {
        bool own = str_eqz(q_get_str(&q, 0), c->app->node);
        int64_t left = q_get_int(&q, 1) - d->now;
        d->mine = own && left > LEASE_MS / 2;
        d->others = !own && left > 0;
    }
    return q_end(&q);
}

static enum err duty_take(struct ctx *c, void *arg)
{
    struct duty *d = arg;
    struct q q;
    q_begin(&q, c->db, SQL_lease_take);
    q_str(&q, "name", str_z(d->name));
    q_str(&q, "node", str_z(c->app->node));
    q_int(&q, "until", d->now + LEASE_MS);
    q_int(&q, "now", d->now);
    enum err e = q_exec(&q);
    d->mine = !e && q_changes(c->db) == 1;
    return db_fail(c, e);
}

bool node_leads(struct app *app, const char *duty)
{
    struct duty d = {.name = duty, .now = clock_real_ms()};
    if (!db_is_shared(app->db))
        return true;
    if (app_read(app, duty_look, &d) != OK || d.others)
        return false;
    if (!d.mine && app_write(app, NULL, duty_take, &d) != OK)
        return false;
    return d.mine;
}

/* --- start and stop --------------------------------------------------------------------------- */

static void name_self(struct app *app)
{
    unsigned char id[8];
    rand_bytes(id, sizeof id);
    hex_put(id, sizeof id, app->node);
    app->node[2 * sizeof id] = 0;
}

enum err node_start(struct app *app, struct node **ret)
{
    name_self(app);
    if (!db_is_shared(app->db))
        return OK;
    struct node *n = mem_alloc(sizeof *n);
    if (!n)
        return ERR_NOMEM;
    n->app = app;
    enum err e = db_connect(app->db, DB_UPKEEP, &n->ear);
    if (!e)
        e = db_listen(n->ear);
    if (!e) {
        beat(n);
        e = pthread_create(&n->thread, NULL, node_run, n) ? ERR_NOMEM : OK;
    }
    if (e) {
        if (n->ear)
            db_disconnect(n->ear);
        mem_free(n);
        return e;
    }
    *ret = n;
    return OK;
}

void node_stop(struct node *n)
{
    if (!n)
        return;
    atomic_store(&n->stopping, true);
    pthread_join(n->thread, NULL);
    if (app_write(n->app, NULL, say_gone, NULL))
        fprintf(stderr, "this program could not take its leave of the others\n");
    if (n->ear)
        db_disconnect(n->ear);
    mem_free(n);
}
