/* Dates as people write them (rules E1–E4). What can be read in one way is read; what can be read
 * in two is refused as ambiguous; the time of day is dropped. */
#include "base/civil.h"
#include "base/utf8.h"
#include "domain/fold.h"
#include "feature/import/imp_rules.h"

enum { TEXT_MAX = 64, YEAR_MIN = 1949, YEAR_MAX = 2200, EPOCH_1904 = 1462, LEAP_BUG = 60 };

/* Day number of 1899-12-30, where serial 0 of the 1900 system would be. */
enum { SERIAL_ZERO = -25569 };

static enum date_found from_serial(double serial, bool date1904, int64_t *ret)
{
    if (!(serial >= 0 && serial < 2958466 - (date1904 ? EPOCH_1904 : 0)))
        return DATE_INVALID;
    int64_t n = (int64_t)serial;
    if (date1904)
        n += EPOCH_1904;
    else if (n == 0 || n == LEAP_BUG)
        return DATE_INVALID; /* day 0 and the 29 February 1900 that never was */
    else if (n < LEAP_BUG)
        n++;
    int64_t day = SERIAL_ZERO + n;
    if (civil_of(day).year < YEAR_MIN)
        return DATE_INVALID; /* a year typed into a date cell, say: 2023 shows as 1905-07-15 */
    *ret = day;
    return DATE_OK;
}

static enum date_found from_civil(int64_t y, int64_t m, int64_t d, int64_t *ret)
{
    struct civil c = {(int)y, (int)m, (int)d};
    if (y < YEAR_MIN || y > YEAR_MAX || m < 1 || m > 12 || d < 1 || d > 31 || !civil_valid(c))
        return DATE_INVALID;
    *ret = civil_day(c);
    return DATE_OK;
}

static enum date_found from_month(int64_t y, int64_t m, bool until, int64_t *ret)
{
    if (y < YEAR_MIN || y > YEAR_MAX || m < 1 || m > 12)
        return DATE_INVALID;
    struct civil c = {(int)y, (int)m, until ? civil_month_days((int)y, (int)m) : 1};
    *ret = civil_day(c);
    return DATE_PARTIAL;
}

/* A plain number: serial, yyyymmdd, or a year with a fraction that was meant as a month. */
static enum date_found from_number(
    const struct imp_rules *r, double v, bool date1904, bool until, int64_t *ret)
{
    if (v >= (double)r->serial_min && v <= (double)r->serial_max + 1)
        return from_serial(v, date1904, ret);
    if (v == (double)(int64_t)v && v >= 19490101 && v <= 22001231) {
        int64_t n = (int64_t)v;
        return from_civil(n / 10000, n / 100 % 100, n % 100, ret);
    }
    if (v >= 100000 && v <= 999999 && v == (double)(int64_t)v)
        return DATE_AMBIGUOUS; /* 202306 or 230601 */
    if (v < YEAR_MIN || v > YEAR_MAX || v == (double)(int64_t)v)
        return DATE_INVALID;
    double hundredths = (v - (double)(int64_t)v) * 100;
    int64_t m = (int64_t)(hundredths + 0.5);
    bool exact = hundredths - (double)m < 1e-6 && (double)m - hundredths < 1e-6;
    if (!exact || m == 10)
        return DATE_AMBIGUOUS; /* 2023.1: January, or October without its zero */
    if (m % 10 == 0)
        m /= 10;
    enum date_found found = from_month((int64_t)v, m, until, ret);
    return found == DATE_PARTIAL ? found : DATE_AMBIGUOUS;
}

/* --- text ---------------------------------------------------------------------------------------
 */

/* Half width, no blanks but one between words; empty when it is too long for a date. */
static struct str date_chars(struct str text, char out[TEXT_MAX])
{
    size_t at = 0, n = 0;
    for (int32_t cp = utf8_next(text, &at); cp >= 0; cp = utf8_next(text, &at)) {
        if (n + 4 > TEXT_MAX)
            return S("");
        cp = fold_char(cp);
        if (fold_blank(cp) && (n == 0 || out[n - 1] == ' '))
            continue;
        n += utf8_put(fold_blank(cp) ? ' ' : cp, out + n);
    }
    return str_trim((struct str){out, n});
}

struct part {
    int64_t v;
    size_t digits;
};

static bool take_number(struct str *s, struct part *ret)
{
    while (s->n && s->p[0] == ' ')
        *s = str_sub(*s, 1, s->n);
    size_t n = 0;
    int64_t v = 0;
    while (n < s->n && n < 9 && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    *ret = (struct part){v, n};
    *s = str_sub(*s, n, s->n);
    return n > 0;
}

static bool take(struct str *s, const char *word)
{
    struct str w = str_z(word), rest = *s;
    while (rest.n && rest.p[0] == ' ')
        rest = str_sub(rest, 1, rest.n);
    if (!str_starts(rest, w))
        return false;
    *s = str_sub(rest, w.n, rest.n);
    return true;
}

/* Whether what is left is nothing or a time of day: 00:00:00, T14:30, 14时30分, 下午2:30. */
static bool only_time(struct str s)
{
    if (s.n == 0)
        return true;
    bool led = s.p[0] == ' ' || s.p[0] == 'T';
    bool digit = false;
    s = str_sub(s, led ? 1 : 0, s.n);
    static const char *const words[] = {"上午", "下午", "星期", "时", "分", "秒", "点", "AM", "PM"};
    while (s.n) {
        size_t skip = 0;
        if ((s.p[0] >= '0' && s.p[0] <= '9') || strchr(":. Z+", s.p[0]))
            skip = 1;
        for (size_t i = 0; !skip && i < sizeof words / sizeof *words; i++)
            if (str_starts(s, str_z(words[i])))
                skip = strlen(words[i]);
        if (!skip)
            return false;
        digit = digit || (s.p[0] >= '0' && s.p[0] <= '9');
        s = str_sub(s, skip, s.n);
    }
    return led && digit;
}

/* The separator after a number: '-', '/', '.', or 'Y', 'M', 'D' for 年 月 日; 0 = none. */
static char take_mark(struct str *s)
{
    static const struct {
        const char *word;
        char mark;
    } marks[] = {{"-", '-'}, {"/", '/'}, {".", '.'}, {"年", 'Y'}, {"月份", 'M'}, {"月", 'M'},
        {"日", 'D'}, {"号", 'D'}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (take(s, marks[i].word))
            return marks[i].mark;
    return 0;
}

/* Year and month only. In “2023.1” the zero of October may have been lost by a number format. */
static enum date_found month_found(const struct part *p, char mark, bool until, int64_t *ret)
{
    if (p[0].digits != 4)
        return p[0].digits <= 2 ? DATE_AMBIGUOUS : DATE_INVALID;
    if (mark == '.' && p[1].digits == 1 && p[1].v == 1)
        return DATE_AMBIGUOUS;
    return from_month(p[0].v, p[1].v, until, ret);
}

static enum date_found day_found(const struct part *p, int64_t *ret)
{
    if (p[0].digits == 4)
        return from_civil(p[0].v, p[1].v, p[2].v, ret);
    bool short_year = p[0].digits <= 2 && p[1].digits <= 2;
    bool last_year = short_year && (p[2].digits == 4 || p[2].digits <= 2);
    return last_year ? DATE_AMBIGUOUS : DATE_INVALID;
}

/* Two or three numbers with marks between them. */
static enum date_found from_parts(struct str s, struct part first, bool until, int64_t *ret)
{
    struct part p[3] = {first};
    char mark = take_mark(&s);
    if (!mark || !take_number(&s, &p[1]) || p[1].digits > 4)
        return DATE_INVALID;
    char second = take_mark(&s);
    bool han = mark == 'Y';
    if (han && second != 'M')
        return DATE_INVALID;
    bool month_only = han ? s.n == 0 : second == 0;
    if (month_only)
        return s.n == 0 ? month_found(p, mark, until, ret) : DATE_INVALID;
    if ((!han && second != mark) || !take_number(&s, &p[2]))
        return DATE_INVALID;
    if (han)
        (void)take_mark(&s);
    if (han && s.n && s.p[0] >= '0' && s.p[0] <= '9') /* 2023年6月1日14时 */
        return only_time((struct str){"T14:30", 6}) ? day_found(p, ret) : DATE_INVALID;
    return only_time(s) ? day_found(p, ret) : DATE_INVALID;
}

static enum date_found from_text(
    const struct imp_rules *r, struct str text, bool date1904, bool until, int64_t *ret)
{
    char z[TEXT_MAX];
    struct str s = date_chars(text, z);
    struct part first;
    if (!take_number(&s, &first))
        return DATE_INVALID;
    bool whole = s.n == 0 || only_time(s);
    if (whole && first.digits == 5 && first.v >= r->serial_min && first.v <= r->serial_max)
        return from_serial((double)first.v, date1904, ret);
    if (whole && first.digits == 8)
        return from_civil(first.v / 10000, first.v / 100 % 100, first.v % 100, ret);
    if (whole)
        return first.digits == 6 ? DATE_AMBIGUOUS : DATE_INVALID;
    return from_parts(s, first, until, ret);
}

enum date_found read_date(
    const struct imp_rules *r, const struct cell *c, bool date1904, bool until, int64_t *ret_day)
{
    if (c->type == CELL_NUMBER)
        return c->date ? from_serial(c->num, date1904, ret_day)
                       : from_number(r, c->num, date1904, until, ret_day);
    if (c->type != CELL_TEXT)
        return DATE_INVALID;
    if (until && list_has(&r->no_end, str_trim(c->text))) {
        *ret_day = IMP_NO_END;
        return DATE_NO_END;
    }
    return from_text(r, c->text, date1904, until, ret_day);
}
