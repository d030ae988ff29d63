/* The search for duplicates over the whole ledger, as a job.
 *
 * Method. One walk over the firms makes of each a face (domain/twin.h) and up to five block keys.
 * The keys are sorted; those who share one are compared, everybody else is not. A credit code that
 * many entries share is a chain with many places of business and is only counted. */
#include <stdlib.h>

#include "base/mem.h"
#include "core/batch.h"
#include "core/job.h"
#include "feature/ledger/refdata.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum {
    PAGE = 5000,
    GROUP_MAX = 300, /* members of a block that are compared */
    CHAIN_MIN = 6,   /* entries of one code that count as a chain */
    FOUND_MAX = 50000,
    KEEP_AT_ONCE = 500,
    PAGE_MEMORY = 16 << 20,
    COUNTY_PATH = 15
};

struct one {
    int64_t id;
    char path[32];
    struct twin_face face;
};

struct entry {
    uint64_t key;
    uint32_t who;
    uint32_t block;
};

struct found {
    uint32_t a, b;
    struct twin_score s;
};

struct search {
    struct ctx *c;
    struct job *j;
    struct str scope;
    struct one *all;
    size_t n, room;
    struct entry *keys;
    size_t nkeys;
    struct found *found;
    size_t nfound;
    int64_t fresh, chains, cut, after;
    size_t kept;
    bool end;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool make_room(struct search *s)
{
    if (s->n + PAGE <= s->room)
        return true;
    size_t room = s->room ? s->room * 2 : 8 * (size_t)PAGE;
    struct one *all = mem_grow(s->all, room * sizeof *all);
    if (!all)
        return false;
    s->all = all;
    s->room = room;
    return true;
}

static void take(struct search *s, struct q *q)
{
    struct str path = q_get_str(q, 5);
    struct one *x = &s->all[s->n];
    s->after = q_get_int(q, 0);
    if (!str_starts(path, s->scope) || str_eqz(q_get_str(q, 6), "merged") ||
        path.n >= sizeof x->path)
        return;
    struct twin_facts f = {q_get_str(q, 2), q_get_str(q, 1), q_get_str(q, 3), q_get_str(q, 4),
        str_sub(path, 0, COUNTY_PATH)};
    x->id = s->after;
    memcpy(x->path, path.p, path.n);
    x->path[path.n] = 0;
    twin_face_make(&f, &ref_tables(s->c->app)->areas, &x->face);
    s->n++;
}

static enum err read_page(struct ctx *c, void *arg)
{
    struct search *s = arg;
    struct q q;
    int64_t rows = 0;
    if (!make_room(s))
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_twin_walk);
    q_int(&q, "after", s->after);
    q_int(&q, "limit", PAGE);
    for (; q_row(&q); rows++)
        take(s, &q);
    s->end = rows < PAGE;
    return db_fail(c, q_end(&q));
}

/* --- comparing -------------------------------------------------------------------------------- */

static int by_key(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->who < b->who ? -1 : a->who > b->who;
}

static enum err make_keys(struct search *s)
{
    uint64_t keys[TWIN_BLOCKS];
    s->keys = mem_alloc((s->n * TWIN_BLOCKS + 1) * sizeof *s->keys);
    s->found = mem_alloc(FOUND_MAX * sizeof *s->found);
    if (!s->keys || !s->found)
        return fail(s->c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < s->n; i++) {
        struct str county = str_sub(str_z(s->all[i].path), 0, COUNTY_PATH);
        twin_blocks(&s->all[i].face, county, keys);
        for (uint32_t k = 0; k < TWIN_BLOCKS; k++)
            if (keys[k])
                s->keys[s->nkeys++] = (struct entry){keys[k], (uint32_t)i, k};
    }
    qsort(s->keys, s->nkeys, sizeof *s->keys, by_key);
    return OK;
}

static void compare(struct search *s, uint32_t a, uint32_t b)
{
    struct twin_score score = twin_compare(&s->all[a].face, &s->all[b].face);
    if (score.score < TWIN_SUSPECT)
        return;
    if (s->nfound == FOUND_MAX)
        s->cut++;
    else
        s->found[s->nfound++] = (struct found){a, b, score};
}

static void compare_group(struct search *s, const struct entry *g, size_t n)
{
    if (n >= CHAIN_MIN && g->block == 0) {
        s->chains++;
        return;
    }
    s->cut += n > GROUP_MAX;
    n = n > GROUP_MAX ? GROUP_MAX : n;
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t k = i + 1; k < n; k++)
            compare(s, g[i].who, g[k].who);
}

static enum err compare_all(struct search *s)
{
    for (size_t i = 0, end; i < s->nkeys; i = end) {
        end = i + 1;
        while (end < s->nkeys && s->keys[end].key == s->keys[i].key)
            end++;
        if (end - i > 1)
            compare_group(s, s->keys + i, end - i);
    }
    return job_step(s->c, s->j, (int64_t)s->n, (int64_t)s->n);
}

static int by_pair(const void *x, const void *y)
{
    const struct found *a = x, *b = y;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

/* A pair that met in several blocks counts once. */
static void unique(struct search *s)
{
    size_t n = 0;
    qsort(s->found, s->nfound, sizeof *s->found, by_pair);
    for (size_t i = 0; i < s->nfound; i++)
        if (!n || by_pair(&s->found[n - 1], &s->found[i]) != 0)
            s->found[n++] = s->found[i];
    s->nfound = n;
}

/* --- keeping ---------------------------------------------------------------------------------- */

static enum err keep_some(struct ctx *c, void *arg)
{
    struct search *s = arg;
    enum err e = job_held(c, s->j->row.id);
    int64_t fresh = 0;
    size_t i = s->kept, end = i + KEEP_AT_ONCE < s->nfound ? i + KEEP_AT_ONCE : s->nfound;
    for (; !e && i < end; i++) {
        const struct one *a = &s->all[s->found[i].a], *b = &s->all[s->found[i].b];
        struct twin_pair p = {
            a->id, b->id, path_common(c, str_z(a->path), str_z(b->path)), s->found[i].s};
        bool is_new = false;
        e = twin_keep(c, &p, &is_new);
        fresh += is_new;
    }
    if (!e) {
        s->kept = end;
        s->fresh += fresh;
    }
    return e;
}

static enum err search_run(struct search *s)
{
    enum err e = OK;
    while (!e && !s->end) {
        e = read_page(s->c, s);
        if (!e)
            e = job_step(s->c, s->j, (int64_t)s->n, (int64_t)s->n + !s->end);
    }
    if (!e)
        e = make_keys(s);
    if (!e)
        e = compare_all(s);
    if (!e)
        unique(s);
    while (!e && s->kept < s->nfound)
        e = app_write(s->c->app, s->c, keep_some, s);
    return e;
}

enum err job_twins(struct ctx *c, struct job *j)
{
    struct search s = {.c = c, .j = j, .scope = j->row.org_path};
    const struct jin *in = NULL;
    if (j->row.input.n && jin_parse(j->row.input, 4, &in) == OK && jin_str(jin_get(in, "path")).n)
        s.scope = keep(c, jin_str(jin_get(in, "path")));
    jin_free(in);
    enum err e = search_run(&s);
    j->result =
        arena_fmt(c->a, "{\"firms\":%zu,\"pairs\":%zu,\"fresh\":%lld,\"chains\":%lld,\"cut\":%lld}",
            s.n, s.nfound, (long long)s.fresh, (long long)s.chains, (long long)s.cut);
    mem_free(s.all);
    mem_free(s.keys);
    mem_free(s.found);
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err op_twin_search(struct ctx *c, const struct twin_search *in, struct none *ret)
{
    struct str path = c->actor.org_path;
    struct q q;
    (void)ret;
    if (in->org != NULL_INT) {
        path = STR_NULL;
        q_begin(&q, c->db, SQL_org_path_of);
        q_int(&q, "id", in->org);
        if (q_row(&q))
            path = keep(c, q_get_str(&q, 0));
        enum err e = q_end(&q);
        if (e || !path.p || !scope_has(c, path))
            return fail(c, e ? e : ERR_NOT_FOUND, "org", NULL);
    }
    struct job_spec spec = {.kind = "twins",
        .title = S("查找疑似重复"),
        .input = arena_fmt(c->a, "{\"path\":\"%.*s\"}", STR_ARG(path))};
    return job_create(c, &spec, &c->reply.job);
}
