/* Group commit: one writer thread takes every queued write, runs them in one transaction with a
 * savepoint each, commits once, and only then releases the answers. What fails is undone alone;
 * when the commit itself fails (disk full), every write of the group is told so.
 *
 * A write's function runs on the writer thread with the writer's connection; it must not block, and
 * it ends every statement it begins (one left open fails the job with ERR_INTERNAL). No deadline on
 * that connection: SQLite rolls the whole transaction back when a write is interrupted. */
#ifndef ZHIAN_DB_WRITER_H
#define ZHIAN_DB_WRITER_H

#include "db/db.h"

struct write_job {
    enum err (*run)(struct db_conn *c, void *arg); /* inside a savepoint, or alone */
    void (*done)(enum err e, void *arg);           /* after the commit; e = run's or the commit's */
    void *arg;
    bool alone;             /* a long write: it gets a group of its own, which spares memory */
    struct write_job *next; /* owned by the queue */
};

/* Hooks of a batch, for coalesced counters and journal sequence numbers: begin runs before the
 * first job, end before the commit (its failure fails the batch), closed after with the outcome and
 * before any done. All may be NULL; all run on the writer thread. */
struct writer_hooks {
    enum err (*begin)(struct db_conn *c, void *arg);
    enum err (*end)(struct db_conn *c, void *arg);
    void (*closed)(enum err e, void *arg);
    /* undone is called after a job's savepoint was rolled back. */
    void (*undone)(void *arg);
    /* saved is called before each job, after its savepoint was set. */
    void (*saved)(void *arg);
    void *arg;
};

struct writer;

struct writer_stats {
    int64_t jobs, batches; /* taken from the queue */
    int64_t failed;        /* jobs told an error */
    int64_t queue_peak;
};

/* writer_start opens the write connection and starts the thread (and a checkpoint thread).
 * batch_max: most jobs in one commit (default 256 when 0). */
MUST_CHECK enum err writer_start(
    struct db *db, const struct writer_hooks *hooks, int batch_max, struct writer **ret);

/* writer_put queues a job; the job and arg must live until done is called. ERR_BUSY when the queue
 * is full or stopping: done is then not called. Thread-safe. */
MUST_CHECK enum err writer_put(struct writer *w, struct write_job *job);

/* writer_do queues and waits: for the command line, jobs and tests. Not from the writer thread. */
MUST_CHECK enum err writer_do(
    struct writer *w, enum err (*run)(struct db_conn *c, void *arg), void *arg);

void writer_stats(struct writer *w, struct writer_stats *ret);

/* writer_stop finishes what is queued, checkpoints and joins the threads. */
void writer_stop(struct writer *w);

#endif
