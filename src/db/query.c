/* Statements: preparing once per connection, binding by name or by descriptor, reading rows.
 *
 * Method. A statement instance belongs to one q at a time; a second q on the same statement while
 * the first is open gets an instance of its own, so walking a tree with one statement is safe.
 * What a descriptor has in common with a statement's parameters or columns is worked out once and
 * kept with the statement as pairs (place, field); binding and reading then compare no names. */
#include "db/backend.h"

#include <stdlib.h>

#include "base/mem.h"

enum { MAPS = 4 };

/* places is parameter numbers (from 1) or columns (from 0); fields index the descriptor. */
struct pair {
    short place;
    short field;
};

struct map {
    const struct desc *d;
    struct pair *pairs;
    int n;
};

struct db_stmt {
    struct vstmt *v;
    const struct sql_stmt *info; /* NULL: composed text */
    struct db_stmt *next;        /* another instance of the same named statement */
    struct str text;             /* composed text, owned */
    uint64_t hash, tick;
    bool busy, stepped, temporary;
    int hint; /* parameters are mostly bound in order: where to look first */
    struct map bind[MAPS], read[MAPS];
    int next_bind, next_read;
};

/* --- instances -------------------------------------------------------------------------------- */

static void stmt_free(struct db_conn *c, struct db_stmt *s)
{
    if (!s)
        return;
    if (s->v)
        c->be->finalize(s->v);
    for (int i = 0; i < MAPS; i++) {
        mem_free(s->bind[i].pairs);
        mem_free(s->read[i].pairs);
    }
    mem_free((char *)(uintptr_t)s->text.p);
    mem_free(s);
}

static enum err stmt_prepare(struct db_conn *c, struct str sql, struct vstmt **ret)
{
    if (!sql.n || !memchr(sql.p, '@', sql.n))
        return c->be->prepare(c->v, sql, ret);
    struct buf text;
    buf_init(&text, 1 << 20);
    enum err e = dialect_expand(sql, c->be->dialect, &text);
    if (e == OK)
        e = c->be->prepare(c->v, buf_str(&text), ret);
    buf_free(&text);
    return e;
}

static enum err stmt_new(struct db_conn *c, struct str sql, struct db_stmt **ret)
{
    struct db_stmt *s = mem_alloc(sizeof *s);
    if (!s)
        return ERR_NOMEM;
    enum err e = stmt_prepare(c, sql, &s->v);
    if (e != OK) {
        mem_free(s);
        return e;
    }
    *ret = s;
    return OK;
}

static enum err named_get(struct db_conn *c, int id, struct db_stmt **ret)
{
    struct db_stmt *s = c->named[id];
    while (s && s->busy)
        s = s->next;
    if (!s) {
        enum err e = stmt_new(c, str_z(c->db->cat.stmts[id].text), &s);
        if (e != OK)
            return e;
        s->info = &c->db->cat.stmts[id];
        s->next = c->named[id];
        c->named[id] = s;
    }
    *ret = s;
    return OK;
}

static uint64_t text_hash(struct str s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

/* Where a new composed statement may live: a free place, else the least recently used idle one. */
static struct db_stmt **text_place(struct db_conn *c)
{
    struct db_stmt **best = NULL;
    for (int i = 0; i < DB_TEXT_CACHE; i++) {
        struct db_stmt **at = &c->text[i];
        if (!*at)
            return at;
        if (!(*at)->busy && (!best || (*at)->tick < (*best)->tick))
            best = at;
    }
    return best;
}

static enum err text_new(struct db_conn *c, struct str sql, uint64_t hash, struct db_stmt **ret)
{
    struct db_stmt *s = NULL;
    enum err e = stmt_new(c, sql, &s);
    if (e != OK)
        return e;
    char *copy = mem_alloc(sql.n + 1);
    if (!copy) {
        stmt_free(c, s);
        return ERR_NOMEM;
    }
    memcpy(copy, sql.p, sql.n);
    s->text = (struct str){copy, sql.n};
    s->hash = hash;
    struct db_stmt **place = text_place(c);
    s->temporary = !place;
    if (place) {
        stmt_free(c, *place);
        *place = s;
    }
    *ret = s;
    return OK;
}

static enum err text_get(struct db_conn *c, struct str sql, struct db_stmt **ret)
{
    uint64_t hash = text_hash(sql);
    for (int i = 0; i < DB_TEXT_CACHE; i++) {
        struct db_stmt *s = c->text[i];
        if (s && s->hash == hash && !s->busy && str_eq(s->text, sql)) {
            *ret = s;
            return OK;
        }
    }
    return text_new(c, sql, hash, ret);
}

void stmt_free_all(struct db_conn *c)
{
    for (int i = 0; i < c->db->cat.nstmts; i++) {
        struct db_stmt *s = c->named[i];
        while (s) {
            struct db_stmt *next = s->next;
            stmt_free(c, s);
            s = next;
        }
    }
    for (int i = 0; i < DB_TEXT_CACHE; i++)
        stmt_free(c, c->text[i]);
}

static void stmt_close(struct db_conn *c, struct db_stmt *s)
{
    c->be->reset(s->v);
    s->busy = s->stepped = false;
    c->open--;
    if (s->temporary)
        stmt_free(c, s);
}

bool stmt_settle(struct db_conn *c)
{
    bool leaked = c->open > 0;
    for (int i = 0; leaked && i < c->db->cat.nstmts; i++)
        for (struct db_stmt *s = c->named[i]; s; s = s->next)
            if (s->busy)
                stmt_close(c, s);
    for (int i = 0; leaked && i < DB_TEXT_CACHE; i++)
        if (c->text[i] && c->text[i]->busy)
            stmt_close(c, c->text[i]);
    c->open = 0;
    return leaked;
}

enum err db_check(struct db_conn *c)
{
    for (int i = 0; i < c->db->cat.nstmts; i++) {
        struct db_stmt *ignored = NULL;
        enum err e = named_get(c, i, &ignored);
        if (e != OK)
            return e;
    }
    return OK;
}

/* --- begin, step, end ------------------------------------------------------------------------- */

static void q_open(struct q *q, enum err e, struct db_stmt *s)
{
    q->err = e;
    if (e != OK)
        return;
    q->s = s;
    s->busy = true;
    s->stepped = false;
    s->hint = 0;
    s->tick = ++q->c->tick;
    q->c->open++;
}

void q_begin(struct q *q, struct db_conn *c, enum sql_id id)
{
    *q = (struct q){.c = c};
    struct db_stmt *s = NULL;
    enum err e = ERR_INTERNAL;
    if ((int)id >= 0 && (int)id < c->db->cat.nstmts) {
        bool refused = c->db->cat.stmts[id].write && !c->write;
        e = refused ? ERR_STATE : named_get(c, (int)id, &s);
    }
    q_open(q, e, s);
}

void q_begin_text(struct q *q, struct db_conn *c, struct str sql)
{
    *q = (struct q){.c = c};
    struct db_stmt *s = NULL;
    enum err e = text_get(c, sql, &s);
    q_open(q, e, s);
}

bool q_row(struct q *q)
{
    if (q->err != OK || q->done)
        return false;
    bool row = false;
    q->s->stepped = true;
    q->err = q->c->be->step(q->s->v, &row);
    q->done = !row;
    return row;
}

enum err q_end(struct q *q)
{
    if (!q->s)
        return q->err;
    bool write = q->s->info && q->s->info->write;
    while (write && q->s->stepped && q_row(q))
        ; /* a write with RETURNING is run to its end whatever the caller read */
    stmt_close(q->c, q->s);
    q->s = NULL;
    return q->err;
}

enum err q_exec(struct q *q)
{
    while (q_row(q))
        ;
    return q_end(q);
}

enum err q_send(struct q *q)
{
    if (q->err != OK || !q->c->be->send)
        return q_exec(q);
    q->err = q->c->be->send(q->s->v);
    q->done = true;
    return q_end(q);
}

/* --- binding ---------------------------------------------------------------------------------- */

static void latch(struct q *q, enum err e)
{
    if (q->err == OK)
        q->err = e;
}

/* The number of a parameter, 0 when there is none of that name (latched). */
static int param_at(struct q *q, const char *name)
{
    if (q->err != OK)
        return 0;
    const struct sql_stmt *info = q->s->info;
    int n = info ? info->nparams : 0;
    for (int i = 0; i < n; i++) {
        int k = (q->s->hint + i) % n;
        if (strcmp(info->params[k], name) != 0)
            continue;
        q->s->hint = k + 1;
        return k + 1;
    }
    latch(q, ERR_INTERNAL);
    return 0;
}

void q_int_at(struct q *q, int at, int64_t v)
{
    if (q->err == OK)
        latch(q, q->c->be->bind_int(q->s->v, at, v));
}

void q_str_at(struct q *q, int at, struct str v)
{
    if (q->err == OK)
        latch(q, q->c->be->bind_str(q->s->v, at, v));
}

void q_blob_at(struct q *q, int at, struct str v)
{
    if (q->err == OK)
        latch(q, q->c->be->bind_blob(q->s->v, at, v));
}

void q_int(struct q *q, const char *name, int64_t v)
{
    int at = param_at(q, name);
    if (at)
        q_int_at(q, at, v);
}

void q_str(struct q *q, const char *name, struct str v)
{
    int at = param_at(q, name);
    if (at)
        q_str_at(q, at, v);
}

void q_blob(struct q *q, const char *name, struct str v)
{
    int at = param_at(q, name);
    if (at)
        q_blob_at(q, at, v);
}

/* --- descriptors and statements --------------------------------------------------------------- */

/* The places of a statement: its parameters, or its columns. */
struct places {
    struct q *q;
    bool params;
    int n;
};

static struct places places_of(struct q *q, bool params)
{
    if (!params)
        return (struct places){q, false, q->c->be->cols(q->s->v)};
    return (struct places){q, true, q->s->info ? q->s->info->nparams : 0};
}

static const char *place_name(const struct places *p, int i)
{
    return p->params ? p->q->s->info->params[i] : p->q->c->be->col_name(p->q->s->v, i);
}

static bool field_bindable(const struct field *f, bool params)
{
    return f->type != FT_LIST && !(params && f->flags & F_SECRET);
}

static bool map_fill(struct map *m, const struct desc *d, const struct places *p)
{
    struct pair *pairs = mem_alloc((size_t)(p->n + 1) * sizeof *pairs);
    if (!pairs)
        return false;
    int n = 0;
    for (int i = 0; i < p->n; i++) {
        int f = desc_find(d, str_z(place_name(p, i)));
        if (f >= 0 && field_bindable(&d->fields[f], p->params))
            pairs[n++] = (struct pair){(short)(i + p->params), (short)f};
    }
    mem_free(m->pairs);
    *m = (struct map){d, pairs, n};
    return true;
}

static const struct map *map_get(struct q *q, const struct desc *d, bool params)
{
    struct db_stmt *s = q->s;
    struct map *maps = params ? s->bind : s->read;
    for (int i = 0; i < MAPS; i++)
        if (maps[i].d == d)
            return &maps[i];
    int *next = params ? &s->next_bind : &s->next_read;
    struct map *m = &maps[*next];
    struct places p = places_of(q, params);
    if (!map_fill(m, d, &p)) {
        latch(q, ERR_NOMEM);
        return NULL;
    }
    *next = (*next + 1) % MAPS;
    return m;
}

void q_bind(struct q *q, const struct desc *d, const void *s)
{
    const struct map *m = q->err == OK ? map_get(q, d, true) : NULL;
    if (!m)
        return;
    const struct db_backend *be = q->c->be;
    for (int i = 0; i < m->n; i++) {
        int at = m->pairs[i].place;
        const struct field *f = &d->fields[m->pairs[i].field];
        const char *member = (const char *)s + f->off;
        if (f->type == FT_BLOB)
            latch(q, be->bind_blob(q->s->v, at, *(const struct str *)member));
        else if (field_is_text(f->type))
            latch(q, be->bind_str(q->s->v, at, *(const struct str *)member));
        else
            latch(q, be->bind_int(q->s->v, at, *(const int64_t *)member));
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

int64_t q_get_int(struct q *q, int col)
{
    return q->c->be->get_int(q->s->v, col);
}

struct str q_get_str(struct q *q, int col)
{
    return q->c->be->get_str(q->s->v, col);
}

struct str q_get_blob(struct q *q, int col)
{
    return q->c->be->get_blob(q->s->v, col);
}

bool q_get_null(struct q *q, int col)
{
    return q->c->be->get_null(q->s->v, col);
}

int q_cols(struct q *q)
{
    return q->s ? q->c->be->cols(q->s->v) : 0;
}

const char *q_col_name(struct q *q, int col)
{
    return q->c->be->col_name(q->s->v, col);
}

static void read_text(struct q *q, struct str v, struct str *ret, struct arena *a)
{
    struct str copy = arena_str(a, v);
    if (v.p && !copy.p)
        latch(q, ERR_NOMEM);
    else
        *ret = copy;
}

void q_read(struct q *q, const struct desc *d, void *s, struct arena *a)
{
    const struct map *m = q->err == OK ? map_get(q, d, false) : NULL;
    if (!m)
        return;
    for (int i = 0; i < m->n; i++) {
        int col = m->pairs[i].place;
        size_t f = (size_t)m->pairs[i].field;
        if (d->fields[f].type == FT_BLOB)
            read_text(q, q_get_blob(q, col), field_str(d, s, f), a);
        else if (field_is_text(d->fields[f].type))
            read_text(q, q_get_str(q, col), field_str(d, s, f), a);
        else
            *field_int(d, s, f) = q_get_int(q, col);
    }
}

enum err q_one(struct q *q, const struct desc *d, void *s, struct arena *a)
{
    bool found = q_row(q);
    if (found)
        q_read(q, d, s, a);
    enum err e = q_end(q);
    if (e != OK)
        return e;
    return found ? OK : ERR_NOT_FOUND;
}

enum err q_one_int(struct q *q, int64_t *ret_v)
{
    bool found = q_row(q);
    int64_t v = found ? q_get_int(q, 0) : 0;
    enum err e = q_end(q);
    if (e != OK)
        return e;
    if (!found)
        return ERR_NOT_FOUND;
    *ret_v = v;
    return OK;
}

/* Doubles the array in its arena; the old one stays there until the arena is released. */
static bool all_grow(
    struct q *q, const struct desc *d, struct vec *v, size_t *room, struct arena *a)
{
    if (v->n < *room)
        return true;
    size_t bigger = *room ? *room * 2 : 16;
    char *p = arena_array(a, d->size, bigger);
    if (!p) {
        latch(q, ERR_NOMEM);
        return false;
    }
    if (v->n)
        memcpy(p, v->p, v->n * d->size);
    v->p = p;
    *room = bigger;
    return true;
}

enum err q_all(struct q *q, const struct desc *d, struct vec *ret, struct arena *a)
{
    struct vec v = {0};
    size_t room = 0;
    while (q_row(q) && all_grow(q, d, &v, &room, a)) {
        void *item = (char *)v.p + v.n * d->size;
        desc_clear(d, item);
        q_read(q, d, item, a);
        v.n++;
    }
    enum err e = q_end(q);
    if (e == OK)
        *ret = v;
    return e;
}
