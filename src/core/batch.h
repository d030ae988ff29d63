/* What one group commit shares: numbers for journal rows and ids, and counters added up in memory
 * and written once per batch. Touched on the writer thread only. A job that is undone gives its
 * journal numbers back and its counts are forgotten. What a job adds is not visible to queries of
 * the same batch: work that reads counters runs in app.on_batch, before the first job. */
#ifndef ZHIAN_CORE_BATCH_H
#define ZHIAN_CORE_BATCH_H

#include "core/ctx.h"
#include "db/writer.h"

enum { COUNTER_COLS = 14 };

/* A table of counters with the key (level, [day or pattern,] path). */
struct counter_def {
    enum sql_id upsert;
    const char *key; /* name of the middle key's parameter ("day"), or NULL */
    const char *cols[COUNTER_COLS + 1];
};

MUST_CHECK enum err batch_open(struct app *app, struct batch **ret);
void batch_close(struct batch *b);
struct writer_hooks batch_hooks(struct batch *b);

/* journal_seq: the next journal number. id_next: a new id (0 after a failure, which latches in c).
 */
int64_t journal_seq(struct ctx *c);
int64_t id_next(struct ctx *c);

/* batch_templates_changed: the definitions in memory are read again after this group's commit and
 * before its answers are released, so a publication that is undone never counts. */
void batch_templates_changed(struct ctx *c);

/* batch_settle writes what was counted so far in this group, so that what follows may read and move
 * counters by SQL. Only for a write that is alone in its group (app_write_alone): what fails then
 * undoes the whole group. batch_moves_changed reads the paths on the move again after a write of
 * path_move. */
MUST_CHECK enum err batch_settle(struct ctx *c);
MUST_CHECK enum err batch_moves_changed(struct ctx *c);

/* count_add adds deltas (one per column of d) to every level of path: "0001.0004." adds to
 * "0001." (level 1) and "0001.0004." (level 2). A path on the move counts where it goes. key is the
 * middle key, ignored without one. */
void count_add(struct ctx *c, const struct counter_def *d, int64_t key, struct str path,
    const int64_t *deltas);

/* count_at_once: from now to the end of this job counts are written as they come, instead of being
 * kept for the batch: for a job that counts more than memory should hold. */
void count_at_once(struct ctx *c);

#endif
