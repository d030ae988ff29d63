/* Working days by the official calendar (R-104, PL-19). A day in the table is off or a make-up
 * workday; every other day works Monday to Friday. Past the last year published officially a
 * result is provisional: it must say so and be recomputed when that year is loaded.
 * Days are numbers since 1970-01-01 (base/civil.h). */
#ifndef ZHIAN_DOMAIN_WORKDAY_H
#define ZHIAN_DOMAIN_WORKDAY_H

#include "base/arena.h"
#include "base/err.h"

enum holiday_type { HOLIDAY_OFF, HOLIDAY_WORK };

struct holiday {
    int64_t day;
    enum holiday_type type;
    bool official; /* false: expected, not yet published */
    struct str name;
};

struct workday_calendar {
    const struct holiday *rows; /* ascending by day, no day twice */
    size_t n;
    int64_t last_official; /* last day of the last year with an official row; INT64_MIN if none */
};

/* workday_parse reads a calendar from CSV text (date,type,name,status; first line is the header;
 * type off|work, status official|provisional), in any order. ERR_INVALID on a bad or repeated line
 * (ret_line, from 1, may be NULL), ERR_NOMEM. Strings are copied into a. */
MUST_CHECK enum err workday_parse(
    struct str csv, struct arena *a, struct workday_calendar *ret, size_t *ret_line);

/* workday_find: the row of a day, or NULL. */
const struct holiday *workday_find(const struct workday_calendar *c, int64_t day);

bool workday_is(const struct workday_calendar *c, int64_t day);

/* workday_add: the n-th working day after start; the starting day is not counted. n <= 0 gives
 * start itself. ret_provisional (may be NULL) is set when the result lies past last_official. */
int64_t workday_add(
    const struct workday_calendar *c, int64_t start, int64_t n, bool *ret_provisional);

/* workday_between counts the working days in (from, to]; 0 when to <= from. */
int64_t workday_between(const struct workday_calendar *c, int64_t from, int64_t to);

#endif
