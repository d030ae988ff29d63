/* Paths on the move. */
#include "core/moves.h"

#include "db/db.h"

enum { MOVES_MAX = 20000 };

static size_t count_of(struct db_conn *db, enum err *e)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, db, SQL_path_move_count);
    *e = q_one_int(&q, &n);
    return n > 0 && n < MOVES_MAX ? (size_t)n : 0;
}

enum err moves_load(struct db_conn *db, struct arena *a, struct path_moves *ret)
{
    struct q q;
    enum err e;
    size_t max = count_of(db, &e), n = 0;
    *ret = (struct path_moves){NULL, 0};
    if (e || max == 0)
        return e;
    struct path_move *rows = arena_new(a, struct path_move, max);
    if (!rows)
        return ERR_NOMEM;
    q_begin(&q, db, SQL_path_move_all);
    while (n < max && q_row(&q)) {
        rows[n].from = arena_str(a, q_get_str(&q, 0));
        rows[n].to = arena_str(a, q_get_str(&q, 1));
        rows[n++].exact = q_get_int(&q, 2) == 1;
    }
    e = q_end(&q);
    *ret = (struct path_moves){rows, n};
    return e;
}

static const struct path_move *move_of(const struct path_moves *m, struct str path)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct path_move *x = &m->rows[i];
        if (x->exact ? str_eq(path, x->from) : str_starts(path, x->from))
            return x;
    }
    return NULL;
}

struct str moves_path(const struct path_moves *m, struct arena *a, struct str path)
{
    const struct path_move *x = move_of(m, path);
    if (!x)
        return path;
    struct str rest = str_sub(path, x->from.n, path.n);
    return arena_fmt(a, "%.*s%.*s", STR_ARG(x->to), STR_ARG(rest));
}

/* Whether head + rest begins with root. */
static bool joined_starts(struct str head, struct str rest, struct str root)
{
    if (root.n <= head.n)
        return str_starts(head, root);
    return str_starts(root, head) && str_starts(rest, str_sub(root, head.n, root.n));
}

bool moves_within(const struct path_moves *m, struct str path, struct str root)
{
    const struct path_move *x = move_of(m, path);
    if (root.n == 0)
        return false;
    if (!x)
        return str_starts(path, root);
    return joined_starts(x->to, str_sub(path, x->from.n, path.n), root);
}

/* A merged authority and all below it go to one place: where that lies in root as a whole, its own
 * row speaks for theirs. */
static bool spoken_for(const struct path_moves *m, const struct path_move *x, struct str root)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct path_move *o = &m->rows[i];
        bool over = o != x && o->exact && str_starts(x->from, o->from) && str_starts(x->to, o->to);
        if (over && str_starts(o->from, root) != str_starts(o->to, root))
            return true;
    }
    return false;
}

static bool seen_one(const struct path_moves *m, const struct path_move *x, struct arena *a,
    struct str root, struct move_seen *ret)
{
    bool was = str_starts(x->from, root), is = str_starts(x->to, root);
    *ret = (struct move_seen){.from = x->from, .hide = was};
    if (was != is)
        return !spoken_for(m, x, root);
    if (was || x->exact || !str_starts(root, x->to))
        return false;
    /* root lies below what moves: its part of the old subtree */
    struct str rest = str_sub(root, x->to.n, root.n);
    ret->from = arena_fmt(a, "%.*s%.*s", STR_ARG(x->from), STR_ARG(rest));
    return true;
}

/* Past every path below p: '.' becomes '/'. */
static struct str past(struct arena *a, struct str p)
{
    return arena_fmt(a, "%.*s/", (int)(p.n - 1), p.p);
}

const struct move_seen *moves_seen(
    const struct path_moves *m, struct arena *a, struct str root, size_t *ret_n)
{
    struct move_seen *out = m->n ? arena_new(a, struct move_seen, m->n) : NULL;
    *ret_n = 0;
    for (size_t i = 0; out && root.n && i < m->n; i++) {
        if (!seen_one(m, &m->rows[i], a, root, &out[*ret_n]))
            continue;
        out[*ret_n].end = past(a, out[*ret_n].from);
        (*ret_n)++;
    }
    return out;
}
