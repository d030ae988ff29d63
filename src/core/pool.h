/* A fixed pool of threads, each with a reader connection of its own, and a bounded queue. */
#ifndef ZHIAN_CORE_POOL_H
#define ZHIAN_CORE_POOL_H

#include "db/db.h"

struct pool;

struct task {
    void (*run)(struct db_conn *reader, void *arg);
    void *arg;
    struct task *next;
};

MUST_CHECK enum err pool_start(struct db *db, int threads, int queue_max, struct pool **ret);
/* pool_put: ERR_BUSY when the queue is full or the pool is stopping. The task must live until run.
 */
MUST_CHECK enum err pool_put(struct pool *p, struct task *t);
/* pool_stop finishes what is queued and joins. */
void pool_stop(struct pool *p);

#endif
