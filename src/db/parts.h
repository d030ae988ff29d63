/* Tables in parts. A back end may keep a table that grows by the day as parts by ranges of one of
 * its numbers, so that old parts can be given up, verified or put elsewhere as a whole. Which
 * tables those are stands in the schema (src/sql/schema/0008_months.sql); what the months are, in
 * core/months.c. A store that is one file keeps its tables whole: there all of this succeeds and
 * does nothing.
 *
 * Two kinds of tables. With a rest (TABLE_rest): parts have both ends, and a row that falls into no
 * part lies in the rest until its part is made. Open: parts follow each other without a gap, and
 * the newest has no end.
 *
 * What changes something runs in a write transaction. Readers are made to wait for milliseconds at
 * most: when one of them holds a table for longer, the call fails with ERR_BUSY and may be tried
 * again later. */
#ifndef ZHIAN_DB_PARTS_H
#define ZHIAN_DB_PARTS_H

#include "db/db.h"

enum { DB_PART_NAME = 64 };

/* The part TABLE_name: rows whose key is in [from, to). Words of ours, never a user's. */
struct db_part {
    const char *table, *key, *name;
    int64_t from, to;
};

/* db_has_parts: whether the store keeps tables in parts at all. */
bool db_has_parts(const struct db *db);

/* db_part_there: whether the part is there (true where there are none). */
MUST_CHECK enum err db_part_there(struct db_conn *c, const struct db_part *p, bool *ret);

/* db_part_make makes a part of a table with a rest, and moves the rows that lie in the rest into
 * it. Nothing happens when it is there. */
MUST_CHECK enum err db_part_make(struct db_conn *c, const struct db_part *p);

/* db_part_rest: the lowest key that lies in the rest of p->table; NULL_INT when it is empty. */
MUST_CHECK enum err db_part_rest(struct db_conn *c, const struct db_part *p, int64_t *ret_key);

/* db_part_newest: the newest part of an open table: its name, and how many keys it spans so far.
 * "" and 0 where there are none. */
MUST_CHECK enum err db_part_newest(
    struct db_conn *c, const struct db_part *p, char name[DB_PART_NAME], int64_t *ret_span);

/* db_part_turn gives the newest part of an open table its end and makes p->name the newest: it
 * begins at p->from, or behind the last row if that is later; p->to is not looked at. The rows of
 * the part that ends are read once, as proof of its end, while readers of the table wait. A part
 * that is empty and need not end before p->from is only given the name. */
MUST_CHECK enum err db_part_turn(struct db_conn *c, const struct db_part *p);

/* db_part_drop drops a part with all its rows, unread. Rows of the range that lie in the rest stay.
 * Nothing happens when it is not there. */
MUST_CHECK enum err db_part_drop(struct db_conn *c, const struct db_part *p);

#endif
