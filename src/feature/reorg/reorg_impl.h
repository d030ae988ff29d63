/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_REORG_IMPL_H
#define ZHIAN_FEATURE_REORG_IMPL_H

#include "core/moves.h"
#include "feature/org/org.h"
#include "feature/reorg/reorg.h"

enum { HURDLES_MAX = 20, TREE_DEPTH = 8 };

/* Reasons for which something cannot be done, in the order found. */
struct hurdles {
    struct org_hurdle rows[HURDLES_MAX];
    size_t n;
};
void hurdle(struct ctx *c, struct hurdles *h, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* hurdles_complain says them as complaints; the outcome of checked(). */
MUST_CHECK enum err hurdles_complain(struct ctx *c, const struct hurdles *h);
struct vec hurdles_list(struct ctx *c, const struct hurdles *h);

/* A change of the tree, judged against the tree as it stands. */
struct change_plan {
    struct org_change_ask ask;
    struct org_row org, target; /* target.id NULL_INT: none */
    struct str parts;           /* ids joined by ',' */
    struct str superior;        /* path above both: who may see and decide */
    struct org_numbers numbers;
    struct vec routes; /* struct org_route */
    struct hurdles hurdles;
};
MUST_CHECK enum err change_judge(
    struct ctx *c, const struct org_change_ask *ask, struct str parts, struct change_plan *ret);

/* picked: ids of a list of struct pick, joined by ','. */
struct str picked(struct ctx *c, const struct vec *list);

/* counters_move takes the counters of a path, and of all below it unless exact, below another
 * path, with every authority above either (writer, alone: after batch_settle). */
MUST_CHECK enum err counters_move(struct ctx *c, struct str from, struct str to, bool exact);

/* follow_some brings the next records of the kind-th sort (0 … follow_kinds() - 1) along with a
 * move of a path (org_follow.c). end: behind the range; org, target: of an authority that was
 * merged, and who took over. *ret_n: how many were rewritten; 0: none is left. Writer. */
struct follow {
    struct path_move move;
    struct str end;
    int64_t org, target;
};
size_t follow_kinds(void);
MUST_CHECK enum err follow_some(struct ctx *c, const struct follow *f, size_t kind, int64_t *ret_n);

/* campaigns_follow rewrites the scope of open surveys (writer). */
MUST_CHECK enum err campaigns_follow(struct ctx *c, const struct path_moves *m);

/* change_carry puts a planned change in force (writer, alone): tree, areas, officials' accounts,
 * views and counters at once, and notes which paths are on the move. */
MUST_CHECK enum err change_carry(struct ctx *c, struct org_change_row *row);

/* change_fail keeps a change that could not be put in force, with the reason. */
MUST_CHECK enum err change_fail(struct ctx *c, struct org_change_row *row, struct str why);

/* change_job queues the job of a change; the runner starts it after the commit. */
MUST_CHECK enum err change_job(
    struct ctx *c, const char *kind, int64_t change, struct str title, int64_t *ret_job);

/* JSON of a described struct, in the context's memory. */
struct str desc_text(struct ctx *c, const struct desc *d, const void *row);

#endif
