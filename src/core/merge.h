/* Taking records of one store over into another that is not empty, whichever back ends the two run
 * on.
 *
 * Method. Nothing of the source's journal, ids or keys can stand beside the target's: a record is
 * written again, as a new record of the target. What its columns mean to another store is said by
 * the rules of the schema (src/sql/merge.def): ids are mapped, paths and versions of templates
 * looked up, encrypted fields opened with the source's keys and closed with the target's, blind
 * indexes made again; all else stays as it is, so the facts of who and when do. An id is mapped
 * before any record is written, so records may name each other in any order.
 *
 * The engine knows tables and rules. What only the features know (paths, versions, ids that are
 * computed) they answer through callbacks; feature/merge says what is taken and in which order. */
#ifndef ZHIAN_CORE_MERGE_H
#define ZHIAN_CORE_MERGE_H

#include "core/record.h"

enum {
    MERGE_KINDS = 64,
    MERGE_STEPS = 24,
    MERGE_WHY = 400,
    MERGE_NEW = -1,  /* gets an id of its own (merge_number) */
    MERGE_LEFT = -2, /* stays behind, with every record that hangs on it */
};

/* ids of one kind: from[] rises; to[] is the id in the target, 0 (nobody: the system), MERGE_NEW or
 * MERGE_LEFT. */
struct merge_map {
    int64_t *from, *to;
    size_t n, room;
};

struct merge_step {
    size_t field;
    const struct sql_rule *rule;
};

/* A kind with its map and the columns that mean something else to the target. */
struct merge_table {
    const struct record_kind *kind;
    struct merge_map map;
    struct merge_step steps[MERGE_STEPS];
    size_t nsteps;
};

struct merge {
    struct app *source;   /* opened read-only */
    struct db_conn *from; /* its snapshot */
    struct ctx *c;        /* the target's, while rows are made; its arena is emptied row by row */
    struct arena rows;    /* the source's row in hand */
    struct merge_table tables[MERGE_KINDS];
    size_t ntables;
    /* The target's path for a source's; STR_NULL: it has none. */
    struct str (*path)(void *arg, struct str path);
    /* The target's number of a template's version; NULL_INT: it has none. */
    int64_t (*version)(void *arg, struct str name, int64_t version);
    /* The id of a record of a kind whose ids are computed, not mapped; NULL_INT: of no such kind.
     */
    int64_t (*computed)(void *arg, const char *kind, int64_t id);
    void *arg;
    char why[MERGE_WHY]; /* a Chinese sentence after a failure; may be empty */
};

/* merge_begin opens the snapshot of the source and reads the rules of its kinds; the callbacks are
 * set by the caller. merge_end may follow in any case. */
MUST_CHECK enum err merge_begin(struct merge *m, struct app *source);
void merge_end(struct merge *m);

/* merge_explain keeps the first sentence that says why. */
void merge_explain(struct merge *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* merge_table_of: NULL for a name that is no kind. */
struct merge_table *merge_table_of(struct merge *m, const char *kind);

/* merge_map_add: ids in rising order. ERR_NOMEM. merge_map_find: NULL when it was never added. */
MUST_CHECK enum err merge_map_add(struct merge_map *map, int64_t from, int64_t to);
int64_t *merge_map_find(const struct merge_map *map, int64_t from);

/* merge_ref: the id in the target of a source's record; what is not positive stays. ERR_CORRUPT:
 * the source has no such record. */
MUST_CHECK enum err merge_ref(struct merge *m, const char *kind, int64_t id, int64_t *ret_id);

/* merge_number gives every MERGE_NEW of a table its id (writer). */
MUST_CHECK enum err merge_number(struct ctx *c, struct merge_table *t);

/* merge_each calls fn for every row of a kind in the source, in the order of ids, until it fails.
 * The row's texts live until fn returns. */
MUST_CHECK enum err merge_each(
    struct merge *m, const struct record_kind *k, enum err (*fn)(void *arg, void *row), void *arg);

/* merge_row makes a source's row one of the target, on m->c. *ret_left: it hangs on something that
 * stays behind, and does so too. ERR_CORRUPT: an id, path or version that nothing stands for, an
 * encrypted field that cannot be opened (m->why says which). */
MUST_CHECK enum err merge_row(
    struct merge *m, const struct record_kind *k, void *row, bool *ret_left);

#endif
