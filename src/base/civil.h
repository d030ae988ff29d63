/* Civil time of Asia/Shanghai (UTC+8, no daylight saving). A day is the number of days since
 * 1970-01-01; an instant is milliseconds UTC. People and files always see ISO text. */
#ifndef ZHIAN_BASE_CIVIL_H
#define ZHIAN_BASE_CIVIL_H

#include "base/arena.h"

struct civil {
    int year, month, day; /* month 1..12, day 1..31 */
};

/* civil_day converts a date to its day number; the date must exist (see civil_valid). */
int64_t civil_day(struct civil d);
struct civil civil_of(int64_t day);
bool civil_valid(struct civil d);
int civil_month_days(int year, int month);

/* civil_weekday: 1 = Monday … 7 = Sunday. */
int civil_weekday(int64_t day);

/* civil_today: the Shanghai day of an instant (ms UTC). */
int64_t civil_today(int64_t ms);

/* civil_parse_day reads YYYY-MM-DD exactly; false on anything else. */
bool civil_parse_day(struct str s, int64_t *ret_day);

/* civil_parse_time reads an RFC 3339 instant (Z or ±hh:mm, optional .fff); false otherwise. */
bool civil_parse_time(struct str s, int64_t *ret_ms);

/* civil_put_day writes YYYY-MM-DD (10 bytes), civil_put_time 2026-11-02T09:00:00.000+08:00
 * (29 bytes), into out, without a NUL; both return the length. */
size_t civil_put_day(int64_t day, char out[16]);
size_t civil_put_time(int64_t ms, char out[32]);

#endif
