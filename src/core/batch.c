/* Numbers and counters of a group commit.
 *
 * Counters: deltas of the running job are staged in a list; when the next job starts (or the batch
 * ends) they are merged into a hash table keyed by (table, level, key, path); the table is written
 * by one upsert per entry before the commit. */
#include "core/batch.h"

#include "core/app.h"
#include "core/node.h"
#include "core/template.h"
#include "base/mem.h"

enum { ID_BLOCK = 4096, SLOTS = 1 << 14, STAGE_CAP = 64 << 20 };

struct entry {
    const struct counter_def *d;
    int64_t level, key;
    struct str path;
    int64_t v[COUNTER_COLS];
    struct entry *next; /* in the slot, or in the stage list */
    struct entry *more; /* of the batch */
};

struct batch {
    struct app *app;
    int64_t seq, seq_saved;       /* last journal number used; at the job's start */
    int64_t id, id_end, id_block; /* next id, end of the block; block taken in this job */
    struct arena a;               /* this batch */
    struct entry *stage;
    struct entry *slots[SLOTS];
    struct entry *all;       /* everything in the slots */
    bool at_once;            /* this job's counts are written as they come */
    struct db_conn *db;      /* the writer's */
    struct path_moves moves; /* in a: counts go to where these paths go */
    bool moving;             /* there are such paths */
    bool templates_changed;  /* read the definitions again once the group is over */
};

static uint64_t mix(const struct entry *e)
{
    uint64_t h = 1469598103934665603u ^ (uint64_t)(uintptr_t)e->d;
    h = (h ^ (uint64_t)e->key) * 1099511628211u;
    for (size_t i = 0; i < e->path.n; i++)
        h = (h ^ (unsigned char)e->path.p[i]) * 1099511628211u;
    return h;
}

static struct entry **slot_of(struct batch *b, const struct entry *e)
{
    return &b->slots[mix(e) % SLOTS];
}

static void merge_one(struct batch *b, struct entry *e)
{
    struct entry **slot = slot_of(b, e);
    for (struct entry *x = *slot; x; x = x->next) {
        if (x->d != e->d || x->key != e->key || !str_eq(x->path, e->path))
            continue;
        for (int i = 0; i < COUNTER_COLS; i++)
            x->v[i] += e->v[i];
        return;
    }
    e->next = *slot;
    *slot = e;
    e->more = b->all;
    b->all = e;
}

static void merge(struct batch *b)
{
    struct entry *e = b->stage;
    b->stage = NULL;
    while (e) {
        struct entry *next = e->next;
        merge_one(b, e);
        e = next;
    }
}

static bool all_zero(const struct entry *e)
{
    for (int i = 0; i < COUNTER_COLS; i++)
        if (e->v[i])
            return false;
    return true;
}

static enum err entry_write(struct db_conn *db, const struct entry *e)
{
    struct q q;
    if (all_zero(e))
        return OK;
    q_begin(&q, db, e->d->upsert);
    q_int(&q, "level", e->level);
    q_str(&q, "path", e->path);
    if (e->d->key)
        q_int(&q, e->d->key, e->key);
    for (int i = 0; e->d->cols[i]; i++)
        q_int(&q, e->d->cols[i], e->v[i]);
    return q_send(&q);
}

static void forget(struct batch *b)
{
    for (struct entry *x = b->all; x; x = x->more)
        *slot_of(b, x) = NULL;
    b->all = NULL;
    b->stage = NULL;
}

static enum err flush(struct batch *b, struct db_conn *db)
{
    enum err e = OK;
    for (const struct entry *x = b->all; x && !e; x = x->more)
        e = entry_write(db, x);
    return e;
}

/* The last journal number. It is looked for from the last one known here on, which spares looking
 * into the parts of all earlier months; when that one was never committed, from the beginning. */
static enum err last_of(struct batch *b, struct q *q, int64_t *ret)
{
    if (q_row(q)) {
        *ret = q_get_int(q, 0);
        b->moving = q_get_int(q, 1) > 0;
    }
    return q_end(q);
}

static enum err last_seq(struct batch *b, struct db_conn *db)
{
    struct q q;
    int64_t last = NULL_INT;
    q_begin(&q, db, SQL_journal_last_from);
    q_int(&q, "from", b->seq);
    enum err e = last_of(b, &q, &last);
    if (!e && last == NULL_INT) {
        q_begin(&q, db, SQL_journal_last);
        e = last_of(b, &q, &last);
    }
    if (!e)
        b->seq = last;
    return e;
}

static enum err on_begin(struct db_conn *db, void *arg)
{
    struct batch *b = arg;
    b->db = db;
    arena_reset(&b->a);
    b->moves = (struct path_moves){NULL, 0};
    enum err e = last_seq(b, db);
    if (!e && b->moving)
        e = moves_load(db, &b->a, &b->moves);
    if (e || !b->app->on_batch)
        return e;
    struct arena a;
    struct ctx c;
    arena_init(&a, 16 << 20);
    app_ctx(b->app, &c, &a, db);
    c.batch = b;
    c.op = S("batch");
    e = b->app->on_batch(&c);
    arena_free(&a);
    return e;
}

static void on_saved(void *arg)
{
    struct batch *b = arg;
    merge(b);
    b->seq_saved = b->seq;
    b->id_block = 0;
    b->at_once = false;
}

static void on_undone(void *arg)
{
    struct batch *b = arg;
    b->stage = NULL;
    b->seq = b->seq_saved;
    if (b->id_block)
        b->id = b->id_end = 0; /* the block was taken inside the undone job */
}

static enum err on_end(struct db_conn *db, void *arg)
{
    merge(arg);
    return flush(arg, db);
}

static void on_closed(enum err e, void *arg)
{
    struct batch *b = arg;
    forget(b);
    if (e)
        b->id = b->id_end = 0;
    if (b->templates_changed && templates_reload(b->app, b->db) == OK)
        b->templates_changed = false; /* else after the next group */
}

enum err batch_settle(struct ctx *c)
{
    merge(c->batch);
    enum err e = flush(c->batch, c->db);
    forget(c->batch);
    return db_fail(c, e);
}

enum err batch_moves_changed(struct ctx *c)
{
    return db_fail(c, moves_load(c->db, &c->batch->a, &c->batch->moves));
}

void batch_templates_changed(struct ctx *c)
{
    c->batch->templates_changed = true;
    db_notify(c->db, NOTICE_TEMPLATES);
}

enum err batch_open(struct app *app, struct batch **ret)
{
    struct batch *b = mem_alloc(sizeof *b);
    if (!b)
        return ERR_NOMEM;
    b->app = app;
    arena_init(&b->a, STAGE_CAP);
    *ret = b;
    return OK;
}

void batch_close(struct batch *b)
{
    if (b)
        arena_free(&b->a);
    mem_free(b);
}

struct writer_hooks batch_hooks(struct batch *b)
{
    return (struct writer_hooks){on_begin, on_end, on_closed, on_undone, on_saved, b};
}

int64_t journal_seq(struct ctx *c)
{
    return ++c->batch->seq;
}

static enum err take_block(struct ctx *c, struct batch *b)
{
    struct q q;
    int64_t end;
    q_begin(&q, c->db, SQL_seq_take);
    q_str(&q, "name", S("id"));
    q_int(&q, "count", ID_BLOCK);
    enum err e = q_one_int(&q, &end);
    if (e)
        return db_fail(c, e);
    if (c->app->store_no && end > (int64_t)1 << STORE_NO_SHIFT)
        return fail(c, ERR_STATE, NULL, "这个库的编号已经用完");
    b->id_end = end;
    b->id = end - ID_BLOCK;
    b->id_block = 1;
    return OK;
}

int64_t id_next(struct ctx *c)
{
    struct batch *b = c->batch;
    if (b->id == b->id_end && take_block(c, b))
        return 0;
    return b->id++ + (c->app->store_no << STORE_NO_SHIFT);
}

void count_at_once(struct ctx *c)
{
    c->batch->at_once = true;
}

static void count_write(
    struct ctx *c, const struct counter_def *d, int64_t key, struct str path, const int64_t *deltas)
{
    int levels = path_level(path);
    for (int level = 1; level <= levels && !c->err; level++) {
        struct entry e = {.d = d, .level = level, .key = key};
        e.path = str_sub(path, 0, (size_t)level * 5);
        for (int i = 0; d->cols[i]; i++)
            e.v[i] = deltas[i];
        (void)!db_fail(c, entry_write(c->db, &e));
    }
}

void count_add(
    struct ctx *c, const struct counter_def *d, int64_t key, struct str path, const int64_t *deltas)
{
    struct batch *b = c->batch;
    path = moves_path(&b->moves, &b->a, path);
    if (b->at_once) {
        count_write(c, d, key, path, deltas);
        return;
    }
    struct str kept = arena_str(&b->a, path);
    int levels = path_level(path);
    for (int level = 1; level <= levels; level++) {
        struct entry *e = arena_new(&b->a, struct entry, 1);
        if (!e || !kept.p) {
            fail(c, ERR_NOMEM, NULL, NULL);
            return;
        }
        *e = (struct entry){.d = d, .level = level, .key = d->key ? key : 0, .next = b->stage};
        e->path = str_sub(kept, 0, (size_t)level * 5);
        for (int i = 0; d->cols[i]; i++)
            e->v[i] = deltas[i];
        b->stage = e;
    }
}
