/* Moving house: copying, comparing, the mark. The method stands in move.h. */
#include "core/move.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/meta.h"

enum { CHUNK = 4000, TELL_ROWS = 500, ROW_MEMORY = 512 << 20, KEY_MEMORY = 1 << 20 };

static void explain(struct move *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void explain(struct move *m, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!m->why[0])
        vsnprintf(m->why, sizeof m->why, fmt, ap);
    va_end(ap);
}

static void tell(struct move *m, enum move_phase phase)
{
    if (m->o.progress)
        m->o.progress(m->o.arg, phase, m->done, m->total);
}

static void step(struct move *m, enum move_phase phase)
{
    if (++m->done % TELL_ROWS == 0)
        tell(m, phase);
}

/* --- facts and ends --------------------------------------------------------------------------- */

/* A fact of the store as NUL-terminated text; ERR_NOT_FOUND. */
static enum err fact_get(struct db_conn *c, const char *key, char out[MOVE_ID])
{
    struct q q;
    q_begin(&q, c, SQL_meta_get);
    q_str(&q, "key", str_z(key));
    bool found = q_row(&q);
    if (found)
        snprintf(out, MOVE_ID, "%.*s", STR_ARG(q_get_str(&q, 0)));
    enum err e = q_end(&q);
    return e ? e : found ? OK : ERR_NOT_FOUND;
}

static enum err mark_put(struct move *m)
{
    struct q q;
    q_begin(&q, m->to, SQL_meta_put);
    q_str(&q, "key", S(META_MOVING));
    q_str(&q, "value", str_z(m->store));
    return q_exec(&q);
}

static enum err mark_drop(struct move *m)
{
    struct q q;
    q_begin(&q, m->to, SQL_meta_drop);
    q_str(&q, "key", S(META_MOVING));
    return q_exec(&q);
}

static enum err heads_read(struct db_conn *c, struct move_heads *ret)
{
    struct q q;
    *ret = (struct move_heads){0};
    q_begin(&q, c, SQL_journal_last);
    enum err e = q_one_int(&q, &ret->journal);
    if (e)
        return e;
    q_begin(&q, c, SQL_seal_last);
    if (q_row(&q)) {
        struct str head = q_get_blob(&q, 7);
        ret->seal = q_get_int(&q, 0);
        if (head.n == SM3_LEN)
            memcpy(ret->head, head.p, SM3_LEN);
    }
    return q_end(&q);
}

static enum err seen_read(struct db_conn *c, int64_t *ret)
{
    struct q q;
    q_begin(&q, c, SQL_node_newest);
    return q_one_int(&q, ret);
}

static bool heads_same(const struct move_heads *a, const struct move_heads *b)
{
    return a->journal == b->journal && a->seal == b->seal && memcmp(a->head, b->head, SM3_LEN) == 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static struct move_value value_read(struct q *q, char type, int col)
{
    struct move_value v = {0};
    if (type == 'i')
        v.i = q_get_int(q, col);
    else
        v.s = type == 't' ? q_get_str(q, col) : q_get_blob(q, col);
    return v;
}

static void value_bind(struct q *q, char type, int at, const struct move_value *v)
{
    if (type == 'i')
        q_int_at(q, at, v->i);
    else if (type == 't')
        q_str_at(q, at, v->s);
    else
        q_blob_at(q, at, v->s);
}

static bool value_same(const struct move_value *a, const struct move_value *b)
{
    return a->i == b->i && !a->s.p == !b->s.p && str_eq(a->s, b->s);
}

/* --- walking a table -------------------------------------------------------------------------- */

/* Remembers the current row's key; at: where its columns stand in the row. */
static enum err key_take(struct move *m, const struct sql_table *t, struct q *q, const int *at)
{
    arena_reset(&m->key_text);
    for (int k = 0; k < t->nkeys; k++) {
        m->key[k] = value_read(q, t->types[t->keys[k]], at[k]);
        m->key[k].s = arena_str(&m->key_text, m->key[k].s);
    }
    m->behind = true;
    return m->key_text.failed ? ERR_NOMEM : OK;
}

/* The mark of the target is no row of the table it stands in: both walks begin behind it. */
static void key_start(struct move *m, const struct sql_table *t)
{
    m->behind = strcmp(t->name, "meta") == 0;
    m->key[0].s = S(META_MOVING);
}

/* The last row that the target has of the table. */
static enum err key_resume(struct move *m, const struct sql_table *t)
{
    static const int at[MOVE_KEYS] = {0, 1, 2, 3};
    struct q q;
    enum err e = OK;
    m->behind = false;
    q_begin_text(&q, m->to, str_z(t->last));
    if (q_row(&q))
        e = key_take(m, t, &q, at);
    enum err end = q_end(&q);
    return e ? e : end;
}

/* Opens the next stretch of a table behind the key. */
static void page_open(
    struct move *m, struct db_conn *c, const struct sql_table *t, int64_t limit, struct q *q)
{
    int at = 1;
    q_begin_text(q, c, str_z(m->behind ? t->next : t->first));
    for (int k = 0; m->behind && k < t->nkeys; k++)
        value_bind(q, t->types[t->keys[k]], at++, &m->key[k]);
    q_int_at(q, at, limit);
}

static enum err count_rows(struct db_conn *c, int64_t *ret_n)
{
    int64_t sum = 0;
    for (const struct sql_table *t = sql_tables; t->name; t++) {
        struct q q;
        int64_t n = 0;
        q_begin_text(&q, c, str_z(t->count));
        enum err e = q_one_int(&q, &n);
        if (e)
            return e;
        sum += n;
    }
    *ret_n = sum;
    return OK;
}

static enum err any_row(struct move *m, bool *ret_any)
{
    *ret_any = false;
    m->behind = false;
    for (const struct sql_table *t = sql_tables; t->name && !*ret_any; t++) {
        struct q q;
        page_open(m, m->to, t, 1, &q);
        *ret_any = q_row(&q);
        enum err e = q_end(&q);
        if (e)
            return e;
    }
    return OK;
}

/* --- copying ---------------------------------------------------------------------------------- */

/* Rows gathered for one statement. */
struct load {
    struct move *m;
    const struct sql_table *t;
    struct move_value *v;
    int n;
};

static enum err load_put(struct load *l, int from, int n)
{
    struct q q;
    int cols = l->t->ncols;
    q_begin_text(&q, l->m->to, str_z(n == 1 ? l->t->put : l->t->puts));
    for (int i = 0; i < n * cols; i++)
        value_bind(&q, l->t->types[i % cols], i + 1, &l->v[from * cols + i]);
    return q_exec(&q);
}

static enum err load_start(struct load *l)
{
    arena_reset(&l->m->rows);
    l->n = 0;
    l->v = arena_new(&l->m->rows, struct move_value, (size_t)(l->t->rows * l->t->ncols));
    return l->v ? OK : ERR_NOMEM;
}

static enum err load_flush(struct load *l)
{
    enum err e = OK;
    if (l->n == l->t->rows)
        e = load_put(l, 0, l->n);
    else
        for (int i = 0; i < l->n && !e; i++)
            e = load_put(l, i, 1);
    l->m->added += e ? 0 : l->n;
    return e ? e : load_start(l);
}

static enum err load_row(struct load *l, struct q *q)
{
    struct arena *a = &l->m->rows;
    struct move_value *row = &l->v[l->n * l->t->ncols];
    for (int i = 0; i < l->t->ncols; i++) {
        row[i] = value_read(q, l->t->types[i], i);
        row[i].s = arena_str(a, row[i].s);
    }
    step(l->m, MOVE_COPY);
    if (a->failed)
        return ERR_NOMEM;
    return ++l->n == l->t->rows ? load_flush(l) : OK;
}

static enum err page_copy(struct move *m, const struct sql_table *t, int64_t *ret_n)
{
    struct load l = {.m = m, .t = t};
    struct q q;
    int64_t n = 0;
    enum err e = load_start(&l);
    if (e)
        return e;
    page_open(m, m->from, t, CHUNK, &q);
    while (!e && q_row(&q)) {
        e = load_row(&l, &q);
        if (!e && ++n == CHUNK)
            e = key_take(m, t, &q, t->keys);
    }
    enum err end = q_end(&q);
    if (!e)
        e = end;
    *ret_n = n;
    return e ? e : load_flush(&l);
}

/* One stretch, one commit. */
static enum err page_commit(struct move *m, const struct sql_table *t, int64_t *ret_n)
{
    enum err e = tx_begin(m->to);
    if (!e)
        e = page_copy(m, t, ret_n);
    if (!e)
        e = tx_commit(m->to);
    if (e)
        tx_rollback(m->to);
    return e;
}

static void stopped(struct move *m, const struct sql_table *t, enum err e)
{
    const char *said = db_message(m->to);
    if (!*said)
        said = db_message(m->from);
    explain(m, "表 %s 没有搬完：%s（%.*s）；排除原因后再运行同一命令%s", t->name, err_text(e),
        (int)strcspn(said, "\n"), said, m->o.live ? "" : "，会接着搬");
}

static enum err table_copy(struct move *m, const struct sql_table *t)
{
    int64_t n = CHUNK;
    enum err e = key_resume(m, t);
    while (!e && n == CHUNK)
        e = page_commit(m, t, &n);
    if (e)
        stopped(m, t, e);
    return e;
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool row_same(const struct sql_table *t, struct q *a, struct q *b)
{
    for (int i = 0; i < t->ncols; i++) {
        struct move_value x = value_read(a, t->types[i], i), y = value_read(b, t->types[i], i);
        if (!value_same(&x, &y))
            return false;
    }
    return true;
}

static enum err page_compare(
    struct move *m, const struct sql_table *t, bool *ret_same, int64_t *ret_n)
{
    struct q a, b;
    enum err e = OK;
    bool same = true, more = true;
    *ret_n = 0;
    page_open(m, m->from, t, CHUNK, &a);
    page_open(m, m->to, t, CHUNK, &b);
    while (!e && same && more) {
        more = q_row(&a);
        same = q_row(&b) == more && (!more || row_same(t, &a, &b));
        if (!more || !same)
            break;
        step(m, MOVE_COMPARE);
        if (++*ret_n == CHUNK)
            e = key_take(m, t, &a, t->keys);
    }
    enum err end_a = q_end(&a), end_b = q_end(&b);
    *ret_same = same;
    return e ? e : end_a ? end_a : end_b;
}

static enum err table_compare(struct move *m, const struct sql_table *t, bool *ret_same)
{
    int64_t n = CHUNK;
    enum err e = OK;
    *ret_same = true;
    key_start(m, t);
    while (!e && *ret_same && n == CHUNK)
        e = page_compare(m, t, ret_same, &n);
    return e;
}

static enum err table_clear(struct move *m, const struct sql_table *t)
{
    struct q q;
    enum err e = tx_begin(m->to);
    if (e)
        return e;
    q_begin_text(&q, m->to, str_z(t->clear));
    e = q_exec(&q);
    if (!e)
        e = mark_put(m);
    if (!e)
        e = tx_commit(m->to);
    if (e)
        tx_rollback(m->to);
    return e;
}

/* The source was written to between two runs: what was derived goes first, so that a cut cannot
 * leave it behind, then the table is copied anew. */
static enum err table_again(struct move *m, const struct sql_table *t)
{
    int64_t done = m->done;
    bool same = false;
    enum err e = m->o.forget ? m->o.forget(m->to, m->o.arg) : OK;
    m->again++;
    if (!e)
        e = table_clear(m, t);
    if (!e)
        e = table_copy(m, t);
    m->done = done;
    if (!e)
        e = table_compare(m, t, &same);
    if (!e && !same) {
        explain(m, "表 %s 搬过去以后与来源不一致，没有完成搬迁", t->name);
        e = ERR_CORRUPT;
    }
    return e;
}

static enum err compare_all(struct move *m)
{
    m->done = 0;
    for (const struct sql_table *t = sql_tables; t->name; t++) {
        int64_t done = m->done;
        bool same = false;
        enum err e = table_compare(m, t, &same);
        if (!e && !same) {
            m->done = done;
            e = table_again(m, t);
        }
        if (e)
            return e;
    }
    tell(m, MOVE_COMPARE);
    return OK;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What stands in the target without a mark: nothing, this very store, or something else. */
static enum err judge_unmarked(struct move *m)
{
    char id[MOVE_ID] = "";
    bool any = false;
    enum err e = any_row(m, &any);
    if (e || !any)
        return e;
    e = fact_get(m->to, "store_id", id);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (strcmp(id, m->store) != 0) {
        explain(m, "目标库里已经有别的数据，没有改动它；请换一个空的目标");
        return ERR_CONFLICT;
    }
    struct move_heads there;
    e = heads_read(m->to, &there);
    m->whole = !e && heads_same(&there, &m->heads);
    if (e || m->whole)
        return e;
    explain(m, "目标库是同一个库的另一份，内容已经不同（%s），没有改动它；请换一个空的目标",
        there.journal > m->heads.journal ? "它写入过新的内容" : "来源写入过新的内容");
    return ERR_CONFLICT;
}

static enum err judge(struct move *m)
{
    char whose[MOVE_ID];
    enum err e = fact_get(m->to, META_MOVING, whose);
    if (e == ERR_NOT_FOUND)
        return judge_unmarked(m);
    if (e)
        return e;
    m->resumed = true;
    if (strcmp(whose, m->store) == 0)
        return OK;
    explain(m, "目标库里是另一个库没有搬完的一部分，没有改动它；请换一个空的目标");
    return ERR_CONFLICT;
}

enum err move_begin(struct move *m, const struct move_options *o)
{
    *m = (struct move){.o = *o};
    arena_init(&m->rows, ROW_MEMORY);
    arena_init(&m->key_text, KEY_MEMORY);
    for (const struct sql_table *t = sql_tables; t->name; t++)
        m->tables++;
    enum err e = db_connect(o->from, DB_STREAM, &m->from);
    if (!e)
        e = tx_begin(m->from);
    if (!e)
        e = heads_read(m->from, &m->heads);
    if (!e)
        e = seen_read(m->from, &m->seen);
    if (!e)
        e = fact_get(m->from, "store_id", m->store);
    if (!e)
        e = db_connect(o->to, DB_MIGRATE, &m->to);
    return e ? e : judge(m);
}

enum err move_rows(struct move *m)
{
    enum err e = mark_put(m);
    if (!e)
        e = count_rows(m->from, &m->total);
    if (!e && m->resumed)
        e = count_rows(m->to, &m->done);
    m->done -= m->resumed; /* the mark */
    if (!e && m->o.lay)
        e = m->o.lay(m->from, m->to, m->o.arg);
    for (const struct sql_table *t = sql_tables; t->name && !e; t++)
        e = table_copy(m, t);
    tell(m, MOVE_COPY);
    if (!e)
        e = compare_all(m);
    return !e && m->o.derive ? m->o.derive(m->to, m->o.arg) : e;
}

enum err move_still(struct move *m)
{
    struct move_heads now;
    int64_t seen = 0;
    struct db_conn *c = NULL; /* one that does not see the snapshot */
    if (m->o.live)
        return OK;
    enum err e = db_connect(m->o.from, DB_READ, &c);
    if (!e)
        e = heads_read(c, &now);
    if (!e)
        e = seen_read(c, &seen);
    db_disconnect(c);
    if (e || (heads_same(&now, &m->heads) && seen <= m->seen))
        return e;
    explain(m, "搬迁期间来源%s；请停止来源的服务，再运行同一命令，会接着搬完",
        seen > m->seen ? "还在提供服务" : "又写入了内容");
    return ERR_BUSY;
}

enum err move_end(struct move *m)
{
    struct move_heads there;
    enum err e = heads_read(m->to, &there);
    if (e)
        return e;
    if (!heads_same(&there, &m->heads)) {
        explain(m, "两边的批次头不一致，没有完成搬迁");
        return ERR_CORRUPT;
    }
    e = move_still(m);
    return e ? e : mark_drop(m);
}

void move_close(struct move *m)
{
    if (m->from)
        tx_rollback(m->from);
    db_disconnect(m->from);
    db_disconnect(m->to);
    arena_free(&m->rows);
    arena_free(&m->key_text);
    m->from = m->to = NULL;
}
