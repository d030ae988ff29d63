/* Paths on the move. When an authority gets another path, thousands of firms carry the old one for
 * as long as it takes to rewrite them (feature/reorg). The change counts from its first commit all
 * the same: a path under `from` counts as the one under `to` that takes its place, wherever scope
 * is asked (scope_has, the list engine, the search) and wherever counters are added to. Nobody sees
 * half of a move. The rows stand in path_move, which is empty but for that time. */
#ifndef ZHIAN_CORE_MOVES_H
#define ZHIAN_CORE_MOVES_H

#include "base/arena.h"
#include "base/err.h"

struct db_conn;

struct path_move {
    struct str from, to;
    bool exact; /* the path itself, nothing below it */
};

struct path_moves {
    const struct path_move *rows; /* longer `from` first */
    size_t n;
};

/* moves_load reads what is on the move. ERR_NOMEM or an error of the database. */
MUST_CHECK enum err moves_load(struct db_conn *db, struct arena *a, struct path_moves *ret);

/* moves_path: the path that `path` counts as; path itself when it is not on the move. */
struct str moves_path(const struct path_moves *m, struct arena *a, struct str path);

/* moves_within: whether path counts as standing in the subtree of root. */
bool moves_within(const struct path_moves *m, struct str path, struct str root);

/* moves_seen: how what is on the move concerns who may see the subtree of root: stored paths to be
 * shown beside it, or hidden in it. The array lives in a; *ret_n 0: not at all. */
struct move_seen {
    struct str from, end; /* paths from <= p < end */
    bool hide;
};
const struct move_seen *moves_seen(
    const struct path_moves *m, struct arena *a, struct str root, size_t *ret_n);

#endif
