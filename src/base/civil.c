/* Proleptic Gregorian calendar by the era method: 400 years = 146,097 days. */
#include "base/civil.h"

#include <stdio.h>

enum { MS_DAY = 86400000, MS_SHANGHAI = 8 * 3600000 };

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

int64_t civil_day(struct civil d)
{
    int64_t y = d.month <= 2 ? d.year - 1 : d.year;
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t mp = (d.month + 9) % 12;
    int64_t doy = (153 * mp + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

struct civil civil_of(int64_t day)
{
    int64_t z = day + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct civil d = {.day = (int)(doy - (153 * mp + 2) / 5 + 1)};
    d.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    d.year = (int)(yoe + era * 400 + (d.month <= 2));
    return d;
}

int civil_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool civil_valid(struct civil d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= civil_month_days(d.year, d.month);
}

int civil_weekday(int64_t day)
{
    return (int)(day + 3 - floor_div(day + 3, 7) * 7) + 1;
}

int64_t civil_today(int64_t ms)
{
    return floor_div(ms + MS_SHANGHAI, MS_DAY);
}

/* Reads n digits at s[at]. */
static bool digits(struct str s, size_t at, size_t n, int *ret)
{
    if (at + n > s.n)
        return false;
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        char ch = s.p[at + i];
        if (ch < '0' || ch > '9')
            return false;
        v = v * 10 + (ch - '0');
    }
    *ret = v;
    return true;
}

bool civil_parse_day(struct str s, int64_t *ret_day)
{
    struct civil d;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &d.year) ||
        !digits(s, 5, 2, &d.month) || !digits(s, 8, 2, &d.day) || !civil_valid(d))
        return false;
    *ret_day = civil_day(d);
    return true;
}

/* Reads "Z" or "+hh:mm" into minutes east of UTC. */
static bool zone(struct str s, int *ret_min)
{
    int h, m;
    if (str_eqz(s, "Z")) {
        *ret_min = 0;
        return true;
    }
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' || !digits(s, 1, 2, &h) ||
        !digits(s, 4, 2, &m) || h > 14 || m > 59)
        return false;
    *ret_min = (s.p[0] == '-' ? -1 : 1) * (h * 60 + m);
    return true;
}

bool civil_parse_time(struct str s, int64_t *ret_ms)
{
    int64_t day;
    int h, m, sec, ms = 0, east;
    if (s.n < 20 || !civil_parse_day(str_sub(s, 0, 10), &day) || s.p[10] != 'T' || s.p[13] != ':' ||
        s.p[16] != ':' || !digits(s, 11, 2, &h) || !digits(s, 14, 2, &m) ||
        !digits(s, 17, 2, &sec) || h > 23 || m > 59 || sec > 59)
        return false;
    size_t at = 19;
    if (s.p[at] == '.') {
        if (!digits(s, at + 1, 3, &ms))
            return false;
        at += 4;
    }
    if (!zone(str_sub(s, at, s.n - at), &east))
        return false;
    *ret_ms = day * MS_DAY + ((int64_t)(h * 60 + m - east) * 60 + sec) * 1000 + ms;
    return true;
}

static void put2(char *at, int v)
{
    at[0] = (char)('0' + v / 10 % 10);
    at[1] = (char)('0' + v % 10);
}

size_t civil_put_day(int64_t day, char out[16])
{
    struct civil d = civil_of(day);
    put2(out, d.year / 100);
    put2(out + 2, d.year % 100);
    out[4] = '-';
    put2(out + 5, d.month);
    out[7] = '-';
    put2(out + 8, d.day);
    return 10;
}

size_t civil_put_time(int64_t ms, char out[32])
{
    int64_t local = ms + MS_SHANGHAI;
    int64_t day = floor_div(local, MS_DAY);
    int64_t in = local - day * MS_DAY;
    civil_put_day(day, out);
    out[10] = 'T';
    put2(out + 11, (int)(in / 3600000));
    out[13] = ':';
    put2(out + 14, (int)(in / 60000 % 60));
    out[16] = ':';
    put2(out + 17, (int)(in / 1000 % 60));
    out[19] = '.';
    out[20] = (char)('0' + in % 1000 / 100);
    put2(out + 21, (int)(in % 100));
    memcpy(out + 23, "+08:00", 6);
    return 29;
}
