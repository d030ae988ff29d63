/* Moving house: every row of one store into another database, whichever back ends the two run on.
 *
 * Method. The source is read in one snapshot, table by table in the order of the primary key; the
 * target takes a few thousand rows a commit. What the target holds of a table is therefore always a
 * beginning of it, and a move that was cut off goes on behind the last row that is there. When all
 * rows are over, both stores are read side by side and every value compared; a table that differs,
 * as the source was written to between two runs, is emptied and copied anew. So the end is the same
 * whatever happened on the way. A mark among the facts of the target (META_MOVING) says whose half
 * it is, keeps every other command away, and goes last. Tables and statements are generated from
 * the schema (sql_tables); what a back end derives in a way of its own is made anew by `derive`. */
#ifndef ZHIAN_CORE_MOVE_H
#define ZHIAN_CORE_MOVE_H

#include "base/arena.h"
#include "base/hash.h"
#include "db/db.h"

enum move_phase { MOVE_COPY, MOVE_COMPARE };

struct move_options {
    struct db *from; /* read only */
    struct db *to;
    bool live; /* a backup: the source may be served and written to, the snapshot is what counts */
    /* forget drops, derive makes what is not moved but made from the moved rows; each commits on
     * its own. derive goes on where it was cut off. */
    enum err (*forget)(struct db_conn *to, void *arg);
    enum err (*derive)(struct db_conn *to, void *arg);
    void (*progress)(void *arg, enum move_phase phase, int64_t done, int64_t total);
    void *arg;
    /* lay makes room in the target for the source's rows before they come (may be NULL). */
    enum err (*lay)(struct db_conn *from, struct db_conn *to, void *arg);
};

/* The ends of the journal and of the chain of seals. */
struct move_heads {
    int64_t journal; /* last row; 0: none */
    int64_t seal;    /* last batch; 0: none */
    unsigned char head[SM3_LEN];
};

enum { MOVE_KEYS = 4, MOVE_WHY = 400, MOVE_ID = 64 };

/* A value of a row; which member counts is said by the column's type. */
struct move_value {
    int64_t i;
    struct str s;
};

struct move {
    struct move_options o;
    struct db_conn *from, *to;
    char store[MOVE_ID]; /* id of the store that is moved */
    struct move_heads heads;
    int64_t seen;  /* when a program that serves the source last said so; 0: never */
    bool resumed;  /* the target holds a beginning */
    bool whole;    /* the target is this very store already: nothing to do */
    int64_t total; /* rows of the source */
    int64_t done;  /* of the current phase */
    int64_t added; /* rows written by this run */
    int tables;    /* how many there are */
    int again;     /* tables copied anew */
    struct arena rows;
    struct arena key_text;
    struct move_value key[MOVE_KEYS]; /* the row behind which the walk goes on */
    bool behind;
    char why[MOVE_WHY]; /* a Chinese sentence after a failure; may be empty */
};

/* move_begin opens the snapshot and judges the target without writing to it. ERR_CONFLICT: it holds
 * something else (or another's half). move_close may follow in any case. */
MUST_CHECK enum err move_begin(struct move *m, const struct move_options *o);

/* move_rows copies what is missing, compares everything and derives. ERR_CORRUPT: a table differs
 * after it was copied anew. */
MUST_CHECK enum err move_rows(struct move *m);

/* move_still: ERR_BUSY when the source was written to since the snapshot, or is served (a store in
 * a file does not tell): run the move again. Never with `live`. */
MUST_CHECK enum err move_still(struct move *m);

/* move_end takes the mark away: the target is whole. Errors of move_still; ERR_CORRUPT: the heads
 * differ. */
MUST_CHECK enum err move_end(struct move *m);

void move_close(struct move *m);

#endif
