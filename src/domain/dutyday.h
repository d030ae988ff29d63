/* The duty calendar: on which days a firm owes a daily check, and what became of each
 * (R-004, R-040…, PL-44, PL-48). Late, missing, excused and not owed are four facts. */
#ifndef ZHIAN_DOMAIN_DUTYDAY_H
#define ZHIAN_DOMAIN_DUTYDAY_H

#include "domain/workday.h"

enum {
    DUTY_FIRST_DAY = 19482, /* 2023-05-05: both orders in force */
    DUTY_MISSING_AFTER = 2, /* default N of R-042; the value in force is a setting */
    DUTY_EVERY_DAY = 0x7F,  /* week mask: bit 0 = Monday … bit 6 = Sunday */
};

/* One recorded stop (停产停业), both ends included; to = NULL_INT (INT64_MIN): still open. */
struct duty_pause {
    int64_t from;
    int64_t to;
};

struct duty_plan {
    int64_t from;      /* first day owed; INT64_MIN = never (not admitted, out of scope) */
    int64_t until;     /* last day owed; INT64_MAX = no end (注销, 吊销, 迁出 set it) */
    unsigned week;     /* operating weekdays of the firm */
    bool holidays_off; /* the firm rests on official days off and works make-up days */
    const struct duty_pause *pauses;
    size_t npauses;
};

enum duty {
    DUTY_NONE,    /* not owed: outside the plan, a rest day */
    DUTY_DUE,     /* owed */
    DUTY_EXCUSED, /* would be owed, but a recorded stop covers it */
};

/* duty_on: the duty of one day. c may be NULL when holidays_off is false. */
enum duty duty_on(const struct duty_plan *p, const struct workday_calendar *c, int64_t day);

/* duty_count: how many days of [from, to] are owed. */
int64_t duty_count(
    const struct duty_plan *p, const struct workday_calendar *c, int64_t from, int64_t to);

/* duty_pauses_valid: every from <= to, no two overlap (in any order), at most one open. Overlaps
 * are refused. ret_at (may be NULL): the index of the first offender. */
bool duty_pauses_valid(const struct duty_pause *pauses, size_t n, size_t *ret_at);

enum duty_status {
    DAY_NOT_OWED,
    DAY_NOT_YET, /* owed on a day to come */
    DAY_DUE,     /* owed today, or within N days after, and nothing filed yet */
    DAY_ON_TIME, /* filed on the day itself */
    DAY_LATE,    /* 补录: filed after the day, with a reason */
    DAY_MISSING, /* nothing filed and more than N days have passed */
    DAY_EXCUSED,
    DAY_STATUSES
};

/* duty_status of a day as seen on `today`. filed: the day of the first submission, NULL_INT
 * (INT64_MIN) for none. missing_after = N of R-042, >= 0. A record filed for an excused or not owed
 * day changes nothing here: nobody owed it. */
enum duty_status duty_status(
    enum duty duty, int64_t day, int64_t today, int64_t filed, int64_t missing_after);

/* duty_status_code: the code of the list `day_status`; duty_status_label its Chinese name. */
const char *duty_status_code(enum duty_status s);
const char *duty_status_label(enum duty_status s);

enum {
    DAILY_EPOCH = 19358, /* 2023-01-01 */
    DAILY_VERSIONS = 16, /* of one firm and day: four bits of the id */
};

/* daily_id: the number of a daily record: day (from DAILY_EPOCH on), firm and version (1 … 16) in
 * one, ascending by day. */
static inline int64_t daily_id(int64_t day, int64_t firm, int64_t version)
{
    return (int64_t)((uint64_t)(day - DAILY_EPOCH) << 38 | (uint64_t)firm << 4) | (version - 1);
}

#endif
