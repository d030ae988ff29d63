/* Years of records: the tables that grow by the day, divided by the month.
 *
 * A table of month_tables has a key that grows with the day, so a month of it is a range of keys.
 * The journal grows by its number; its month is the one in which a row was written. On a back end
 * that keeps tables in parts (db/parts.h) each month is a part; everywhere a month can be verified
 * and, for records, given up as a whole (core/retire.h). */
#ifndef ZHIAN_CORE_MONTHS_H
#define ZHIAN_CORE_MONTHS_H

#include "core/ctx.h"

struct db;
struct record_kind;

/* A table by days: the first key of a day is (day - base) << shift. To add one: a row in its
 * feature's table (app_options.months), and its parts in a new schema step. */
struct month_table {
    const char *table, *key;
    int kind; /* of its records, which may be retired; 0: derived numbers, kept for ever */
    int64_t base;
    int shift;
    enum sql_id ends;                 /* its lowest and highest key */
    const struct month_rows *records; /* NULL unless kind is set */
};

/* How the records of a range [:from, :to) are counted (rows, characters of their texts), and taken
 * away: step gives the last key of the first :limit rows, sweep removes the range. */
struct month_rows {
    enum sql_id count, step, sweep;
};

/* A month is year * 12 + month - 1. */
int64_t month_of(int64_t day);
int64_t month_first_day(int64_t month);

/* month_text writes "2026-11" with that sign between; month_read reads it with '-', false on
 * anything else. */
enum { MONTH_TEXT = 16 };
void month_text(int64_t month, char sign, char out[MONTH_TEXT]);
bool month_read(struct str s, int64_t *ret);

/* The first key of a month, and the month of a key. */
int64_t month_key(const struct month_table *t, int64_t month);
int64_t month_of_key(const struct month_table *t, int64_t key);

/* month_table_of: the table of a record kind, or NULL. */
const struct month_table *month_table_of(const struct app *app, int64_t kind);

/* months_keep makes the parts of this month and of those ahead (setting months_ahead, 3 unless
 * set), those of months whose rows lie in a table's rest, and begins a new part of the journal with
 * the month, or when the newest has grown large. For any program at any time: on start and every
 * minute. Costs two looks at a catalogue when nothing is to be done, nothing where tables are kept
 * whole. ERR_BUSY: somebody reads a table for long; nobody is hindered, try again. */
MUST_CHECK enum err months_keep(struct app *app);

/* months_make makes the parts of the days from … to, ahead of a mass of rows. */
MUST_CHECK enum err months_make(struct app *app, int64_t from, int64_t to);

/* months_lay makes in `to` the parts that the rows of `from` need, before they are moved there.
 * tables ends with a NULL name. */
MUST_CHECK enum err months_lay(
    struct db_conn *from, struct db_conn *to, const struct month_table *tables);

/* months_journal: the journal rows written in a month: numbers [*ret_from, *ret_to); equal when
 * there are none. */
MUST_CHECK enum err months_journal(
    struct db_conn *db, int64_t month, int64_t *ret_from, int64_t *ret_to);

#endif
