/* Taking records over: maps of ids, rules of columns, walking the source. The method stands in
 * merge.h. */
#include "core/merge.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/crypto.h"

enum { PAGE = 5000, ROW_MEMORY = 64 << 20 };

void merge_explain(struct merge *m, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!m->why[0])
        vsnprintf(m->why, sizeof m->why, fmt, ap);
    va_end(ap);
}

/* --- maps ------------------------------------------------------------------------------------- */

static bool map_grow(struct merge_map *map)
{
    size_t room = map->room ? map->room * 2 : 64;
    int64_t *both = mem_alloc(2 * room * sizeof *both);
    if (!both)
        return false;
    if (map->n) {
        memcpy(both, map->from, map->n * sizeof *both);
        memcpy(both + room, map->to, map->n * sizeof *both);
    }
    mem_free(map->from);
    map->from = both;
    map->to = both + room;
    map->room = room;
    return true;
}

enum err merge_map_add(struct merge_map *map, int64_t from, int64_t to)
{
    if (map->n == map->room && !map_grow(map))
        return ERR_NOMEM;
    map->from[map->n] = from;
    map->to[map->n++] = to;
    return OK;
}

int64_t *merge_map_find(const struct merge_map *map, int64_t from)
{
    size_t low = 0, high = map->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (map->from[mid] < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low < map->n && map->from[low] == from ? &map->to[low] : NULL;
}

enum err merge_number(struct ctx *c, struct merge_table *t)
{
    for (size_t i = 0; i < t->map.n && !c->err; i++)
        if (t->map.to[i] == MERGE_NEW)
            t->map.to[i] = id_next(c);
    return c->err;
}

/* --- tables and their rules ------------------------------------------------------------------- */

struct merge_table *merge_table_of(struct merge *m, const char *kind)
{
    for (size_t i = 0; i < m->ntables; i++)
        if (strcmp(m->tables[i].kind->name, kind) == 0)
            return &m->tables[i];
    return NULL;
}

static bool changes(const struct sql_rule *r)
{
    return r->is != SQL_IS_BYTES && r->is != SQL_IS_JSON && r->is != SQL_IS_LEFT;
}

static enum err table_add(struct merge *m, const struct record_kind *k)
{
    if (m->ntables == MERGE_KINDS)
        return ERR_INTERNAL;
    struct merge_table *t = &m->tables[m->ntables++];
    *t = (struct merge_table){.kind = k};
    for (const struct sql_rule *r = sql_rules; r->table; r++) {
        if (strcmp(r->table, k->name) != 0 || !changes(r))
            continue;
        int field = desc_find(k->desc, str_z(r->column));
        if (field < 0 || t->nsteps == MERGE_STEPS)
            return ERR_INTERNAL;
        t->steps[t->nsteps++] = (struct merge_step){(size_t)field, r};
    }
    return OK;
}

enum err merge_begin(struct merge *m, struct app *source)
{
    *m = (struct merge){.source = source};
    arena_init(&m->rows, ROW_MEMORY);
    enum err e = db_connect(source->db, DB_STREAM, &m->from);
    if (!e)
        e = tx_begin(m->from);
    for (size_t i = 0; !e && i < source->kinds->n; i++)
        e = table_add(m, source->kinds->rows[i]);
    return e;
}

void merge_end(struct merge *m)
{
    if (m->from)
        tx_rollback(m->from);
    db_disconnect(m->from);
    for (size_t i = 0; i < m->ntables; i++)
        mem_free(m->tables[i].map.from);
    arena_free(&m->rows);
    m->from = NULL;
    m->ntables = 0;
}

/* --- walking ---------------------------------------------------------------------------------- */

struct walk {
    struct merge *m;
    const struct record_kind *k;
    enum err (*fn)(void *arg, void *row);
    void *arg;
    int64_t after, n;
};

static enum err walk_row(struct walk *w, struct q *q)
{
    struct merge *m = w->m;
    arena_reset(&m->rows);
    void *row = arena_alloc(&m->rows, w->k->desc->size);
    if (!row)
        return ERR_NOMEM;
    desc_clear(w->k->desc, row);
    q_read(q, w->k->desc, row, &m->rows);
    if (q->err)
        return q->err;
    w->after = *field_int(w->k->desc, row, 0);
    w->n++;
    return w->fn(w->arg, row);
}

static enum err walk_page(struct walk *w)
{
    struct q q;
    enum err e = OK;
    w->n = 0;
    q_begin(&q, w->m->from, w->k->scan);
    q_int(&q, "after", w->after);
    q_int(&q, "limit", PAGE);
    while (!e && q_row(&q))
        e = walk_row(w, &q);
    enum err end = q_end(&q);
    return e ? e : end;
}

enum err merge_each(
    struct merge *m, const struct record_kind *k, enum err (*fn)(void *arg, void *row), void *arg)
{
    struct walk w = {.m = m, .k = k, .fn = fn, .arg = arg, .after = -1, .n = PAGE};
    enum err e = OK;
    while (!e && w.n == PAGE)
        e = walk_page(&w);
    return e;
}

/* --- one row ---------------------------------------------------------------------------------- */

enum err merge_ref(struct merge *m, const char *kind, int64_t id, int64_t *ret_id)
{
    int64_t computed = NULL_INT;
    const struct merge_table *t = merge_table_of(m, kind);
    if (id <= 0) {
        *ret_id = id;
        return OK;
    }
    if (m->computed)
        computed = m->computed(m->arg, kind, id);
    const int64_t *to = t ? merge_map_find(&t->map, id) : NULL;
    if (computed == NULL_INT && !to) {
        merge_explain(m, "来源里没有 %s %lld，却有记录指向它；请先对来源运行 zhian verify 查明",
            kind, (long long)id);
        return ERR_CORRUPT;
    }
    *ret_id = computed != NULL_INT ? computed : *to;
    return OK;
}

struct making {
    struct merge *m;
    const struct record_kind *k;
    const void *old; /* as the source has it */
    void *row;
    int64_t id; /* in the target */
    bool left;
};

static int64_t *number_at(const struct making *x, size_t field)
{
    return field_int(x->k->desc, x->row, field);
}

static struct str text_of(const struct making *x, const char *column)
{
    int i = desc_find(x->k->desc, str_z(column));
    return *(const struct str *)((const char *)x->old + x->k->desc->fields[i].off);
}

static int64_t old_id(const struct making *x)
{
    return *(const int64_t *)((const char *)x->old + x->k->desc->fields[0].off);
}

static enum err odd(const struct making *x, const struct sql_rule *r, const char *what)
{
    merge_explain(x->m, "来源的 %s %lld 的 %s %s，没有并入；请先在来源里更正", x->k->name,
        (long long)old_id(x), r->column, what);
    return ERR_CORRUPT;
}

static enum err put_ref(struct making *x, const struct merge_step *s)
{
    int64_t *v = number_at(x, s->field);
    enum err e = merge_ref(x->m, s->rule->what, *v, v);
    if (!e && *v == MERGE_LEFT)
        x->left = true;
    return e;
}

static enum err put_version(struct making *x, const struct merge_step *s)
{
    const struct sql_rule *r = s->rule;
    int64_t *v = number_at(x, s->field);
    struct str name = r->what ? str_z(r->what) : text_of(x, r->by);
    if (*v == NULL_INT || *v <= 0 || !name.n)
        return OK;
    int64_t to = x->m->version(x->m->arg, name, *v);
    if (to == NULL_INT)
        return odd(x, r, "是来源里没有的模板版本");
    *v = to;
    return OK;
}

static enum err put_path(struct making *x, const struct merge_step *s)
{
    struct str *v = field_str(x->k->desc, x->row, s->field);
    if (!v->n)
        return OK;
    struct str to = x->m->path(x->m->arg, *v);
    if (!to.p)
        return odd(x, s->rule, "不是任何机构的路径");
    *v = s->rule->n ? str_sub(to, 0, (size_t)s->rule->n) : to;
    return OK;
}

static enum err open_secret(struct making *x, const char *column, struct str blob, struct str *ret)
{
    struct crypto_place at = {x->k->name, column, old_id(x)};
    enum err e = crypto_decrypt(x->m->source->crypto, &at, blob, x->m->c->a, ret);
    if (e == ERR_CORRUPT)
        merge_explain(x->m, "来源的 %s %lld 的 %s 解不开：密钥目录不是这个库的，或内容被改动",
            x->k->name, (long long)old_id(x), column);
    return e;
}

static enum err put_secret(struct making *x, const struct merge_step *s)
{
    struct str *v = field_str(x->k->desc, x->row, s->field), clear;
    struct crypto_place at = {x->k->name, s->rule->column, x->id};
    if (!v->p)
        return OK;
    enum err e = open_secret(x, s->rule->column, *v, &clear);
    return e ? e : crypto_encrypt(x->m->c->app->crypto, &at, clear, x->m->c->a, v);
}

static enum err put_index(struct making *x, const struct merge_step *s)
{
    struct str *v = field_str(x->k->desc, x->row, s->field), clear;
    struct str blob = text_of(x, s->rule->by);
    unsigned char index[CRYPTO_INDEX_LEN];
    if (!v->p || !blob.p)
        return OK;
    enum err e = open_secret(x, s->rule->by, blob, &clear);
    if (!e)
        e = crypto_index(x->m->c->app->crypto, str_z(s->rule->what), clear, index);
    if (!e)
        *v = arena_str(x->m->c->a, (struct str){(const char *)index, sizeof index});
    return e ? e : v->p ? OK : ERR_NOMEM;
}

/* A rule for one word of another column counts only where that word stands; a number no rule speaks
 * for means nothing here and must not be there. */
static bool speaks(const struct making *x, const struct sql_rule *r)
{
    return !r->word || str_eqz(text_of(x, r->by), r->word);
}

static bool nobody_speaks(const struct making *x, const struct merge_table *t, size_t i)
{
    const struct merge_step *s = &t->steps[i];
    if (!s->rule->word || s->rule->is != SQL_IS_REF || *number_at(x, s->field) <= 0)
        return false;
    for (size_t k = 0; k < t->nsteps; k++)
        if (t->steps[k].field == s->field && speaks(x, t->steps[k].rule))
            return false;
    return true;
}

static enum err step_do(struct making *x, const struct merge_table *t, size_t i)
{
    const struct merge_step *s = &t->steps[i];
    if (nobody_speaks(x, t, i))
        return odd(x, s->rule, "不知道指向哪一类记录");
    if (!speaks(x, s->rule))
        return OK;
    switch (s->rule->is) {
    case SQL_IS_REF:
        return put_ref(x, s);
    case SQL_IS_VERSION:
        return put_version(x, s);
    case SQL_IS_PATH:
        return put_path(x, s);
    case SQL_IS_SECRET:
        return put_secret(x, s);
    case SQL_IS_INDEX:
        return put_index(x, s);
    default:
        return OK;
    }
}

enum err merge_row(struct merge *m, const struct record_kind *k, void *row, bool *ret_left)
{
    struct making x = {.m = m, .k = k, .row = row};
    const struct merge_table *t = merge_table_of(m, k->name);
    void *old = arena_alloc(&m->rows, k->desc->size);
    if (!t || !old)
        return t ? ERR_NOMEM : ERR_INTERNAL;
    memcpy(old, row, k->desc->size);
    x.old = old;
    enum err e = merge_ref(m, k->name, old_id(&x), &x.id);
    x.left = x.id == MERGE_LEFT;
    for (size_t i = 0; !e && !x.left && i < t->nsteps; i++)
        e = step_do(&x, t, i);
    *number_at(&x, 0) = x.id;
    *ret_left = x.left;
    return e;
}
