/* Counters by path, moved by SQL.
 *
 * A counter of a path holds the sum of all below it. Taking a subtree elsewhere therefore: adds its
 * rows under the new path, adds its top row to every authority above the new place, takes it from
 * every one above the old place, and drops the old rows. What is above both keeps its sum. */
#include "core/batch.h"
#include "feature/reorg/reorg_impl.h"

struct counter_moves {
    enum sql_id rows, up, drop;
};

static const struct counter_moves tables[] = {
    {SQL_move_firm_count, SQL_move_firm_count_up, SQL_move_firm_count_drop},
    {SQL_move_duty_stock, SQL_move_duty_stock_up, SQL_move_duty_stock_drop},
    {SQL_move_duty_count, SQL_move_duty_count_up, SQL_move_duty_count_drop},
    {SQL_move_post_gap_count, SQL_move_post_gap_count_up, SQL_move_post_gap_count_drop},
    {SQL_move_campaign_count, SQL_move_campaign_count_up, SQL_move_campaign_count_drop},
    {SQL_move_tell_stock, SQL_move_tell_stock_up, SQL_move_tell_stock_drop},
    {SQL_move_tell_count, SQL_move_tell_count_up, SQL_move_tell_count_drop},
};

/* One subtree on its way. */
struct way {
    struct str from, end, to;
    int last; /* deepest level that is asked */
};

static enum err up(struct ctx *c, enum sql_id id, const struct way *w, struct str above, int sign)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "sign", sign);
    q_int(&q, "level", path_level(w->from));
    q_str(&q, "from", w->from);
    q_int(&q, "to_level", path_level(above));
    q_str(&q, "to", above);
    return db_fail(c, q_exec(&q));
}

/* Every authority above `path` and not above the other end. */
static enum err above(
    struct ctx *c, enum sql_id id, const struct way *w, struct str path, struct str other, int sign)
{
    enum err e = OK;
    for (size_t n = 5; !e && n < path.n; n += 5) {
        struct str one = str_sub(path, 0, n);
        if (n >= other.n || !str_starts(other, one))
            e = up(c, id, w, one, sign);
    }
    return e;
}

static enum err rows(struct ctx *c, enum sql_id id, const struct way *w, int level)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "level", level);
    q_str(&q, "from", w->from);
    q_str(&q, "end", w->end);
    q_str(&q, "to", w->to);
    q_int(&q, "cut", (int64_t)w->from.n + 1);
    q_int(&q, "deeper", path_level(w->to) - path_level(w->from));
    return db_fail(c, q_exec(&q));
}

static enum err drop(struct ctx *c, enum sql_id id, const struct way *w, int level)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "level", level);
    q_str(&q, "from", w->from);
    q_str(&q, "end", w->end);
    return db_fail(c, q_exec(&q));
}

static enum err table_move(struct ctx *c, const struct counter_moves *t, const struct way *w)
{
    enum err e = above(c, t->up, w, w->from, w->to, -1);
    if (!e)
        e = above(c, t->up, w, w->to, w->from, 1);
    for (int level = path_level(w->from); !e && level <= w->last; level++) {
        e = rows(c, t->rows, w, level);
        if (!e)
            e = drop(c, t->drop, w, level);
    }
    return e;
}

enum err counters_move(struct ctx *c, struct str from, struct str to, bool exact)
{
    struct way w = {.from = from, .to = to, .last = exact ? path_level(from) : TREE_DEPTH};
    enum err e = OK;
    /* nothing lies between a path and the path with a digit behind it */
    w.end = exact ? arena_fmt(c->a, "%.*s0", STR_ARG(from)) : scope_end(c->a, from);
    for (size_t i = 0; !e && i < sizeof tables / sizeof *tables; i++)
        e = table_move(c, &tables[i], &w);
    return e;
}
