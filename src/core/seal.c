/* The sealer thread. */
#include "core/seal.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "core/app.h"
#include "core/crypto.h"
#include "core/merkle.h"
#include "core/meta.h"
#include "core/node.h"
#include "core/record.h"
#include "core/template.h"

DESC(seal_row, SEAL_ROW_FIELDS)

enum { EVERY_S = 5, BATCH_MAX = 50000, CANON_MAX = 1 << 20 };

struct sealer {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

struct sealing {
    struct seal_head head;
    struct digest hash;
    struct crypto_sig sig;
    bool more;
};

static enum err last_head(struct ctx *c, struct sealing *s)
{
    struct seal_row row;
    struct str store;
    struct q q;
    desc_clear(&seal_row_desc, &row);
    q_begin(&q, c->db, SQL_seal_last);
    enum err e = q_one(&q, &seal_row_desc, &row, c->a);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (e == OK && row.head.n != SM3_LEN)
        return ERR_CORRUPT;
    if (e == OK) {
        s->head.no = row.id + 1;
        s->head.first_seq = row.last_seq + 1;
        memcpy(s->head.prev.b, row.head.p, SM3_LEN);
        return OK;
    }
    e = meta_get(c, "store_id", &store);
    if (e)
        return e;
    s->head.no = 1;
    s->head.first_seq = 1;
    s->head.prev = seal_genesis(store);
    return OK;
}

/* Adds the leaves of journal rows after `after` to the tree. */
static enum err add_leaves(struct ctx *c, struct sealing *s, struct merkle *m)
{
    struct arena a;
    struct buf b;
    struct q q;
    arena_init(&a, 8 << 20);
    buf_init(&b, CANON_MAX);
    q_begin(&q, c->db, SQL_journal_range);
    q_int(&q, "after", s->head.first_seq - 1);
    q_int(&q, "limit", BATCH_MAX);
    while (!b.err && q_row(&q)) {
        struct journal_row row;
        arena_reset(&a);
        buf_reset(&b);
        desc_clear(&journal_row_desc, &row);
        q_read(&q, &journal_row_desc, &row, &a);
        desc_canon(&journal_row_desc, &row, &b);
        if (b.err || a.failed)
            break; /* a leaf cut short must never be sealed */
        struct digest leaf = merkle_leaf(buf_str(&b));
        merkle_add(m, &leaf);
        s->head.last_seq = row.id;
    }
    enum err e = q_end(&q);
    if (!e)
        e = a.failed ? ERR_NOMEM : b.err;
    buf_free(&b);
    arena_free(&a);
    return e;
}

static enum err prepare(struct ctx *c, void *arg)
{
    struct sealing *s = arg;
    struct merkle m;
    enum err e = last_head(c, s);
    if (e)
        return e;
    merkle_start(&m);
    e = add_leaves(c, s, &m);
    s->head.count = m.n;
    if (e || m.n == 0)
        return e;
    s->more = m.n == BATCH_MAX;
    s->head.root = merkle_root(&m);
    s->head.sealed_at = c->now;
    s->hash = seal_head_hash(&s->head);
    return crypto_sm2_sign(c->app->crypto, (struct str){(const char *)s->hash.b, SM3_LEN}, &s->sig);
}

static struct str bytes(const void *p, size_t n)
{
    return (struct str){p, n};
}

static enum err store(struct ctx *c, void *arg)
{
    struct sealing *s = arg;
    struct q q;
    char key[16];
    int n = snprintf(key, sizeof key, "%u", s->sig.key);
    q_begin(&q, c->db, SQL_seal_add);
    q_int(&q, "id", s->head.no);
    q_int(&q, "first_seq", s->head.first_seq);
    q_int(&q, "last_seq", s->head.last_seq);
    q_int(&q, "count", s->head.count);
    q_int(&q, "at", s->head.sealed_at);
    q_blob(&q, "root", bytes(s->head.root.b, SM3_LEN));
    q_blob(&q, "prev", bytes(s->head.prev.b, SM3_LEN));
    q_blob(&q, "head", bytes(s->hash.b, SM3_LEN));
    q_str(&q, "key_id", (struct str){key, (size_t)n});
    q_blob(&q, "sig", bytes(s->sig.b, s->sig.n));
    return db_fail(c, q_exec(&q));
}

enum err seal_now(struct app *app)
{
    struct sealing s;
    enum err e;
    do {
        s = (struct sealing){0};
        e = app_read(app, prepare, &s);
        if (!e && s.head.count)
            e = app_write(app, NULL, store, &s);
        if (e == ERR_CONFLICT)
            e = OK; /* another program has sealed these rows */
    } while (!e && s.more);
    return e;
}

static bool sleep_on(struct sealer *s)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += setting_int(s->app, "seal_interval_seconds", EVERY_S);
    pthread_mutex_lock(&s->lock);
    if (!s->stopping)
        pthread_cond_timedwait(&s->wake, &s->lock, &t);
    bool go = !s->stopping;
    pthread_mutex_unlock(&s->lock);
    return go;
}

static void *sealer_run(void *arg)
{
    struct sealer *s = arg;
    bool told = false;
    while (sleep_on(s)) {
        enum err e = node_leads(s->app, "seal") ? seal_now(s->app) : OK;
        if (e && !told)
            fprintf(stderr, "sealing failed: %s\n", err_name(e));
        told = e != OK;
    }
    return NULL;
}

enum err sealer_start(struct app *app, struct sealer **ret)
{
    struct sealer *s = mem_alloc(sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->app = app;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    if (pthread_create(&s->thread, NULL, sealer_run, s)) {
        mem_free(s);
        return ERR_NOMEM;
    }
    *ret = s;
    return OK;
}

void sealer_stop(struct sealer *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    if (seal_now(s->app))
        fprintf(stderr, "the last rows stay unsealed until the next start\n");
    mem_free(s);
}
