/* Worker threads over a bounded queue. */
#include "core/pool.h"

#include <pthread.h>

#include "base/mem.h"

struct pool {
    struct db *db;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct task *head, **tail;
    int queued, max, threads;
    bool stopping;
    pthread_t ids[];
};

static struct task *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->head && !p->stopping)
        pthread_cond_wait(&p->more, &p->lock);
    struct task *t = p->head;
    if (t) {
        p->head = t->next;
        if (!p->head)
            p->tail = &p->head;
        p->queued--;
    }
    pthread_mutex_unlock(&p->lock);
    return t;
}

static void *work(void *arg)
{
    struct pool *p = arg;
    struct db_conn *reader = NULL;
    enum err e = db_connect(p->db, DB_STREAM, &reader);
    for (struct task *t = take(p); t; t = take(p)) {
        if (!reader)
            e = db_connect(p->db, DB_STREAM, &reader);
        t->run(e ? NULL : reader, t->arg);
    }
    if (reader)
        db_disconnect(reader);
    return NULL;
}

enum err pool_start(struct db *db, int threads, int queue_max, struct pool **ret)
{
    struct pool *p = mem_alloc(sizeof *p + (size_t)threads * sizeof(pthread_t));
    if (!p)
        return ERR_NOMEM;
    p->db = db;
    p->max = queue_max;
    p->tail = &p->head;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&p->ids[i], NULL, work, p)) {
            pool_stop(p);
            return ERR_NOMEM;
        }
        p->threads++;
    }
    *ret = p;
    return OK;
}

enum err pool_put(struct pool *p, struct task *t)
{
    t->next = NULL;
    pthread_mutex_lock(&p->lock);
    bool room = !p->stopping && p->queued < p->max;
    if (room) {
        *p->tail = t;
        p->tail = &t->next;
        p->queued++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room ? OK : ERR_BUSY;
}

void pool_stop(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads; i++)
        pthread_join(p->ids[i], NULL);
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    mem_free(p);
}
