/* What is wrong with a table of a SQLite store besides what its rows say. For sqlite.c only. */
#ifndef ZHIAN_DB_SQLITE_FLAWS_H
#define ZHIAN_DB_SQLITE_FLAWS_H

#include "db/db.h"

struct sqlite3;

/* sqlite_flaws compares the indexes of a table with its rows, as of one moment, and looks at its
 * pages; a table without an index is not looked at. Takes a table's name of the schema. Returns
 * SQLite's code: of reading, not of what was found. */
int sqlite_flaws(struct sqlite3 *h, const char *table, db_flaw_fn *found, void *arg);

#endif
