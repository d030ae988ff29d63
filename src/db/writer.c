/* Group commit, and the thread that keeps the log short beside it.
 *
 * Method. Jobs queue under one lock. The writer thread takes up to batch_max of them, runs each in
 * a savepoint of one transaction, commits, and tells them. While it waits for the disk the next
 * group gathers by itself, so a group is as large as the load. A job that is alone in its group
 * needs no savepoint, whose copies of every changed page are what a long write would pay for.
 *
 * The log is copied into the store by the upkeep thread with a connection of its own, never
 * waiting for anybody, each time LOG_STEP pages more stand in it, and at the latest a second after
 * a commit. A log that is written all the time is never copied to its very end, and one that
 * somebody always reads cannot start over; past LOG_HIGH pages upkeep therefore holds the writer
 * between two groups while it copies the short rest and, for a moment, waits for readers. Where
 * a reader stayed in the way it looks again RETRY_MS later, and holds again HOLD_MS later. */
#include "db/writer.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "db/backend.h"

enum {
    BATCH_MAX = 256,
    QUEUE_MAX = 65536,
    LOG_STEP = 4000,
    LOG_HIGH = 32000,
    RETRY_MS = 100,
    IDLE_MS = 1000,
    HOLD_MS = 1000,
    BEGIN_MS = 3000,
    AGAIN_MS = 200,
};

struct writer {
    struct db_conn *c;  /* the writer thread's */
    struct db_conn *up; /* the upkeep thread's */
    struct writer_hooks hooks;
    int batch_max;
    enum err *results; /* of the jobs of the group being run */
    bool away;         /* the last group found no server to begin at */
    pthread_t thread, upkeep;

    pthread_mutex_t lock; /* everything below */
    pthread_cond_t work;  /* to the writer: jobs, stop, hold ended */
    pthread_cond_t idle;  /* to upkeep: pages in the log, writer between groups, stop */
    struct write_job *head, **tail;
    int64_t queued;
    struct writer_stats stats;
    struct db_log log;
    int left; /* pages that the last copying could not copy, for a reader stood in the way */
    bool stopping, upkeep_stopping, busy, hold;
};

/* --- a group ---------------------------------------------------------------------------------- */

static bool in_tx(struct writer *w)
{
    return w->c->be->in_tx(w->c->v);
}

static enum err job_finish(struct writer *w, enum err e)
{
    if (stmt_settle(w->c) && e == OK)
        e = ERR_INTERNAL; /* the job left a statement open */
    if (e == OK)
        e = tx_release(w->c);
    if (e == OK)
        return OK;
    tx_undo(w->c);
    if (w->hooks.undone)
        w->hooks.undone(w->hooks.arg);
    return e;
}

/* The only job of its group: the transaction is its savepoint. */
static enum err job_alone(struct writer *w, struct write_job *job, enum err *group)
{
    if (w->hooks.saved)
        w->hooks.saved(w->hooks.arg);
    enum err e = job->run(w->c, job->arg);
    if (stmt_settle(w->c) && e == OK)
        e = ERR_INTERNAL; /* the job left a statement open */
    if (e != OK && w->hooks.undone)
        w->hooks.undone(w->hooks.arg);
    *group = e;
    return e;
}

/* Runs one job in its savepoint. A failure that took the transaction with it ends the group. */
static enum err job_run(struct writer *w, struct write_job *job, enum err *group)
{
    enum err e = tx_save(w->c);
    if (e != OK) {
        *group = e;
        return e;
    }
    if (w->hooks.saved)
        w->hooks.saved(w->hooks.arg);
    e = job_finish(w, job->run(w->c, job->arg));
    if (!in_tx(w))
        *group = e != OK ? e : ERR_DB;
    return e;
}

static enum err group_jobs(struct writer *w, struct write_job *jobs)
{
    enum err e = w->hooks.begin ? w->hooks.begin(w->c, w->hooks.arg) : OK;
    int i = 0;
    for (struct write_job *job = jobs; job; job = job->next) {
        bool alone = job == jobs && !job->next;
        w->results[i++] = e != OK ? OK : (alone ? job_alone : job_run)(w, job, &e);
    }
    if (e == OK && w->hooks.end)
        e = w->hooks.end(w->c, w->hooks.arg);
    if (stmt_settle(w->c) && e == OK)
        e = ERR_INTERNAL;
    return e;
}

/* A server that was just lost may be replaced in a moment, and nothing is begun yet: the group
 * waits for a while. The groups after one that waited in vain do not wait again. */
static enum err group_begin(struct writer *w)
{
    int64_t end = clock_steady_ms() + BEGIN_MS;
    enum err e = tx_begin(w->c);
    while (e == ERR_BUSY && !w->away && clock_steady_ms() < end) {
        nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000L}, NULL);
        e = tx_begin(w->c);
    }
    w->away = e == ERR_BUSY;
    return e;
}

/* The first jobs of the queue leave it, as long as they may be written together with the n already
 * taken. Called with the lock held. */
static struct write_job *jobs_take(struct writer *w, int n, bool alone)
{
    struct write_job *first = w->head;
    struct write_job **end = &w->head;
    int more = 0;
    while (*end && n + more < w->batch_max && !(n + more && (alone || (*end)->alone))) {
        alone = (*end)->alone;
        end = &(*end)->next;
        more++;
    }
    if (!more)
        return NULL;
    struct write_job *rest = *end;
    *end = NULL;
    w->head = rest;
    if (!rest)
        w->tail = &w->head;
    w->queued -= more;
    w->stats.jobs += more;
    return first;
}

/* Where another node was writing, tx_begin waited for it: who came meanwhile joins the group. */
static void group_join(struct writer *w, struct write_job *jobs)
{
    int n = 1;
    struct write_job *last = jobs;
    for (; last->next; last = last->next)
        n++;
    pthread_mutex_lock(&w->lock);
    last->next = jobs_take(w, n, jobs->alone);
    pthread_mutex_unlock(&w->lock);
}

static enum err group_commit(struct writer *w, struct write_job *jobs)
{
    enum err e = group_begin(w);
    if (e != OK) {
        for (int i = 0; i < w->batch_max; i++)
            w->results[i] = OK; /* none ran: all get e */
        return e;
    }
    group_join(w, jobs);
    e = group_jobs(w, jobs);
    if (e == OK)
        e = tx_commit(w->c);
    else
        tx_rollback(w->c);
    if (w->hooks.closed)
        w->hooks.closed(e, w->hooks.arg);
    return e;
}

static int64_t group_tell(struct writer *w, struct write_job *jobs, enum err e)
{
    int64_t failed = 0;
    int i = 0;
    while (jobs) {
        struct write_job *next = jobs->next; /* done may free the job */
        enum err own = w->results[i] != OK ? w->results[i] : e;
        failed += own != OK;
        jobs->done(own, jobs->arg);
        jobs = next;
        i++;
    }
    return failed;
}

/* --- the writer thread ------------------------------------------------------------------------ */

/* Takes the next group; NULL when it is time to stop. Called and returns with the lock held. */
static struct write_job *group_take(struct writer *w)
{
    w->busy = false;
    if (w->hold)
        pthread_cond_signal(&w->idle);
    while (w->hold || (!w->head && !w->stopping))
        pthread_cond_wait(&w->work, &w->lock);
    struct write_job *first = jobs_take(w, 0, false);
    w->busy = first != NULL;
    w->stats.batches += first != NULL;
    return first;
}

/* After a commit: the log is this long now. Shorter than what was copied means it started over. */
static void log_note(struct writer *w, int pages)
{
    if (pages < w->log.copied)
        w->log.copied = 0;
    w->log.pages = pages;
    if (pages > w->log.copied)
        pthread_cond_signal(&w->idle);
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;
    pthread_mutex_lock(&w->lock);
    struct write_job *jobs = group_take(w);
    while (jobs) {
        pthread_mutex_unlock(&w->lock);
        enum err e = group_commit(w, jobs);
        int64_t failed = group_tell(w, jobs, e);
        int pages = w->c->be->log(w->c->v).pages;
        pthread_mutex_lock(&w->lock);
        w->stats.failed += failed;
        log_note(w, pages);
        jobs = group_take(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- the upkeep thread ------------------------------------------------------------------------ */

/* Whether it is `at` now (monotonic ms); else waits for word from the writer, at most until then.
 */
static bool upkeep_until(struct writer *w, int64_t at)
{
    struct timespec t = {at / 1000, at % 1000 * 1000000};
    return clock_steady_ms() >= at || pthread_cond_timedwait(&w->idle, &w->lock, &t) == ETIMEDOUT;
}

/* Waits until the log is worth copying; false to stop. stuck: the last try was in vain, so the
 * next one comes later, however long the log grows. */
static bool upkeep_wait(struct writer *w, bool stuck)
{
    int64_t at = stuck ? clock_steady_ms() + RETRY_MS : 0;
    while (!w->upkeep_stopping) {
        int due = w->log.pages - w->log.copied;
        if (due >= LOG_STEP && !stuck)
            return true;
        if (due > 0 && !at)
            at = clock_steady_ms() + IDLE_MS;
        if (!at)
            pthread_cond_wait(&w->idle, &w->lock);
        else if (upkeep_until(w, at))
            return true;
    }
    return false;
}

/* Copies the log as far as how says; false when that was in vain: a full disk, or a reader in the
 * way. Called and returns with the lock held. */
static bool upkeep_copy(struct writer *w, enum log_copy how)
{
    int before = w->log.copied;
    pthread_mutex_unlock(&w->lock);
    struct db_log log = {0, 0};
    enum err e = w->up->be->checkpoint(w->up->v, how, &log);
    pthread_mutex_lock(&w->lock);
    w->left = e == OK ? log.pages - log.copied : INT_MAX;
    if (e != OK || (log.copied == before && log.copied < log.pages))
        return false;
    if (log.copied <= w->log.pages) /* else the log started over meanwhile */
        w->log.copied = log.copied;
    return true;
}

/* A long log, and no reader in the way who has been looking at the store for long. */
static bool is_finishable(const struct writer *w)
{
    return w->log.pages >= LOG_HIGH && w->left <= LOG_STEP;
}

/* Copies the rest while the writer stands between two groups, so that the log starts over. */
static bool upkeep_finish(struct writer *w)
{
    w->hold = true;
    while (w->busy)
        pthread_cond_wait(&w->idle, &w->lock);
    bool done = upkeep_copy(w, LOG_RESTART);
    w->hold = false;
    pthread_cond_signal(&w->work);
    return done;
}

static void *upkeep_main(void *arg)
{
    struct writer *w = arg;
    bool stuck = false;
    int64_t hold_from = 0;
    pthread_mutex_lock(&w->lock);
    while (upkeep_wait(w, stuck)) {
        stuck = !upkeep_copy(w, LOG_COPY);
        if (!is_finishable(w) || clock_steady_ms() < hold_from)
            continue;
        stuck = !upkeep_finish(w);
        if (stuck)
            hold_from = clock_steady_ms() + HOLD_MS;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- the outside ------------------------------------------------------------------------------ */

enum err writer_put(struct writer *w, struct write_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool refused = w->stopping || w->queued >= QUEUE_MAX;
    if (!refused) {
        *w->tail = job;
        w->tail = &job->next;
        w->queued++;
        if (w->queued > w->stats.queue_peak)
            w->stats.queue_peak = w->queued;
        if (!w->busy)
            pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return refused ? ERR_BUSY : OK;
}

struct waiting {
    enum err (*run)(struct db_conn *c, void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    enum err e;
};

static enum err waiting_run(struct db_conn *c, void *arg)
{
    struct waiting *k = arg;
    return k->run(c, k->arg);
}

static void waiting_done(enum err e, void *arg)
{
    struct waiting *k = arg;
    pthread_mutex_lock(&k->lock);
    k->e = e;
    k->done = true;
    pthread_cond_signal(&k->told);
    pthread_mutex_unlock(&k->lock);
}

enum err writer_do(struct writer *w, enum err (*run)(struct db_conn *c, void *arg), void *arg)
{
    struct waiting k = {.run = run, .arg = arg};
    struct write_job job = {.run = waiting_run, .done = waiting_done, .arg = &k};
    pthread_mutex_init(&k.lock, NULL);
    pthread_cond_init(&k.told, NULL);
    enum err e = writer_put(w, &job);
    if (e == OK) {
        pthread_mutex_lock(&k.lock);
        while (!k.done)
            pthread_cond_wait(&k.told, &k.lock);
        e = k.e;
        pthread_mutex_unlock(&k.lock);
    }
    pthread_cond_destroy(&k.told);
    pthread_mutex_destroy(&k.lock);
    return e;
}

void writer_stats(struct writer *w, struct writer_stats *ret)
{
    pthread_mutex_lock(&w->lock);
    *ret = w->stats;
    pthread_mutex_unlock(&w->lock);
}

static void writer_free(struct writer *w)
{
    db_disconnect(w->up);
    db_disconnect(w->c);
    pthread_cond_destroy(&w->idle);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    mem_free(w->results);
    mem_free(w);
}

static struct writer *writer_new(const struct writer_hooks *hooks, int batch_max)
{
    struct writer *w = mem_alloc(sizeof *w);
    if (!w)
        return NULL;
    if (hooks)
        w->hooks = *hooks;
    w->batch_max = batch_max > 0 ? batch_max : BATCH_MAX;
    w->tail = &w->head;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->results = mem_alloc((size_t)w->batch_max * sizeof *w->results);
    if (!w->results) {
        writer_free(w);
        return NULL;
    }
    return w;
}

static void upkeep_stop(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->upkeep_stopping = true;
    pthread_cond_signal(&w->idle);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->upkeep, NULL);
}

static enum err threads_start(struct writer *w)
{
    if (pthread_create(&w->upkeep, NULL, upkeep_main, w) != 0)
        return ERR_NOMEM;
    if (pthread_create(&w->thread, NULL, writer_main, w) == 0)
        return OK;
    upkeep_stop(w);
    return ERR_NOMEM;
}

enum err writer_start(
    struct db *db, const struct writer_hooks *hooks, int batch_max, struct writer **ret)
{
    struct writer *w = writer_new(hooks, batch_max);
    if (!w)
        return ERR_NOMEM;
    enum err e = db_connect(db, DB_WRITE, &w->c);
    if (e == OK)
        e = db_connect(db, DB_UPKEEP, &w->up);
    if (e == OK)
        e = threads_start(w);
    if (e != OK) {
        writer_free(w);
        return e;
    }
    *ret = w;
    return OK;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    upkeep_stop(w);
    struct db_log ignored;
    enum err e = w->up->be->checkpoint(w->up->v, LOG_EMPTY, &ignored);
    (void)e; /* a reader in the way or a full disk: the log keeps what is not copied */
    writer_free(w);
}
