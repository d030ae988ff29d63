/* Working-day arithmetic by stepping: deadlines are a few weeks at most. */
#include "domain/workday.h"

#include <stdlib.h>

#include "base/civil.h"

static int by_day(const void *x, const void *y)
{
    const struct holiday *a = x, *b = y;
    return (a->day > b->day) - (a->day < b->day);
}

const struct holiday *workday_find(const struct workday_calendar *c, int64_t day)
{
    struct holiday key = {.day = day};
    return c->n ? bsearch(&key, c->rows, c->n, sizeof key, by_day) : NULL;
}

bool workday_is(const struct workday_calendar *c, int64_t day)
{
    const struct holiday *h = workday_find(c, day);
    return h ? h->type == HOLIDAY_WORK : civil_weekday(day) <= 5;
}

int64_t workday_add(
    const struct workday_calendar *c, int64_t start, int64_t n, bool *ret_provisional)
{
    int64_t day = start;
    while (n > 0) {
        day++;
        n -= workday_is(c, day);
    }
    if (ret_provisional)
        *ret_provisional = day > c->last_official;
    return day;
}

int64_t workday_between(const struct workday_calendar *c, int64_t from, int64_t to)
{
    int64_t n = 0;
    for (int64_t day = from + 1; day <= to; day++)
        n += workday_is(c, day);
    return n;
}

/* --- the table as CSV --------------------------------------------------------------------------
 */

static bool parse_row(struct str line, struct arena *a, struct holiday *ret)
{
    struct str part[4], rest = line;
    for (int i = 0; i < 4; i++)
        part[i] = str_trim(str_cut(rest, ',', &rest));
    bool off = str_eqz(part[1], "off");
    ret->official = str_eqz(part[3], "official");
    if (rest.p || !civil_parse_day(part[0], &ret->day) || (!off && !str_eqz(part[1], "work")) ||
        (!ret->official && !str_eqz(part[3], "provisional")))
        return false;
    ret->type = off ? HOLIDAY_OFF : HOLIDAY_WORK;
    ret->name = arena_str(a, part[2]);
    return true;
}

static int64_t last_official(const struct holiday *rows, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        if (!rows[i - 1].official)
            continue;
        struct civil d = {civil_of(rows[i - 1].day).year, 12, 31};
        return civil_day(d);
    }
    return INT64_MIN;
}

static size_t count_lines(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static enum err refuse(struct arena *a, size_t line_no, size_t *ret_line)
{
    if (ret_line)
        *ret_line = line_no;
    return a->failed ? ERR_NOMEM : ERR_INVALID;
}

enum err workday_parse(
    struct str csv, struct arena *a, struct workday_calendar *ret, size_t *ret_line)
{
    struct holiday *rows = arena_new(a, struct holiday, count_lines(csv));
    size_t n = 0, line_no = 0;
    struct str rest = csv;
    while (rows && rest.p) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        line_no++;
        if (line_no == 1 || str_empty(line))
            continue;
        if (!parse_row(line, a, &rows[n]))
            return refuse(a, line_no, ret_line);
        n++;
    }
    if (a->failed)
        return ERR_NOMEM;
    qsort(rows, n, sizeof *rows, by_day);
    for (size_t i = 1; i < n; i++)
        if (rows[i].day == rows[i - 1].day)
            return refuse(a, 0, ret_line);
    *ret = (struct workday_calendar){rows, n, last_official(rows, n)};
    return OK;
}
