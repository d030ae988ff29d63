/* Numbers of people and money (rules D1, D2). Decimals are read as decimals: a sum of 万元 is
 * rounded half up to two places from its written digits, never through binary fractions. */
#include <stdio.h>
#include <stdlib.h>

#include "domain/fold.h"
#include "base/utf8.h"
#include "feature/import/imp_rules.h"

enum { DIGITS_MAX = 18, TEXT_MAX = 64, PLACES = 8 };

#define COUNT_MAX INT64_C(1000000000)
#define MONEY_MAX INT64_C(100000000000000) /* hundredths: 10^12 万元 */

size_t number_text(const struct cell *c, char out[40])
{
    bool plain = c->text.n > 0 && c->text.n <= 15;
    for (size_t i = 0; plain && i < c->text.n; i++)
        plain = strchr("0123456789.-", c->text.p[i]) != NULL;
    if (plain) {
        memcpy(out, c->text.p, c->text.n);
        return c->text.n;
    }
    bool whole = c->num > -1e18 && c->num < 1e18 && c->num == (double)(int64_t)c->num;
    bool huge = c->num >= 1e18 || c->num <= -1e18;
    int n = whole  ? snprintf(out, 40, "%lld", (long long)c->num)
            : huge ? snprintf(out, 40, "%.14E", c->num)
                   : snprintf(out, 40, "%.*f", PLACES, c->num);
    if (n < 0 || n >= 40)
        return 0;
    while (!whole && !huge && out[n - 1] == '0')
        n--;
    if (!whole && !huge && out[n - 1] == '.')
        n--;
    return (size_t)n;
}

/* 9.11E+17: a point or a signed exponent is there, so a code of digits and one E is not meant. */
static bool scientific(struct str s)
{
    size_t i = 0, digits = 0;
    bool marked = false;
    for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.'); i++)
        marked = marked || s.p[i] == '.';
    if (i == 0 || i + 2 > s.n || (s.p[i] != 'E' && s.p[i] != 'e'))
        return false;
    i++;
    if (s.p[i] == '+' || s.p[i] == '-') {
        marked = true;
        i++;
    }
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        digits++;
    return marked && digits > 0 && i == s.n;
}

bool number_long(const struct cell *c)
{
    if (c->type == CELL_NUMBER)
        return c->num >= 1e15 || c->num <= -1e15;
    return c->type == CELL_TEXT && scientific(str_trim(c->text));
}

/* The cell's text in half width without outer blanks; empty when it is too long for a number. */
static struct str number_chars(const struct cell *c, char out[TEXT_MAX])
{
    if (c->type == CELL_NUMBER)
        return (struct str){out, number_text(c, out)};
    size_t at = 0, n = 0;
    for (int32_t cp = utf8_next(c->text, &at); cp >= 0; cp = utf8_next(c->text, &at)) {
        if (n + 4 > TEXT_MAX)
            return S("");
        cp = fold_char(cp);
        n += utf8_put(fold_blank(cp) ? ' ' : cp, out + n);
    }
    return str_trim((struct str){out, n});
}

static bool take_suffix(struct str *s, const char *suffix)
{
    struct str x = str_z(suffix);
    if (!str_ends(*s, x))
        return false;
    *s = str_trim(str_sub(*s, 0, s->n - x.n));
    return true;
}

struct decimal {
    int64_t digits;
    int places;
};

/* Whether thousands separators, if any, stand after groups of three in the whole part. */
static bool grouped_well(struct str whole)
{
    if (!memchr(whole.p, ',', whole.n))
        return true;
    size_t first = (size_t)((const char *)memchr(whole.p, ',', whole.n) - whole.p);
    if (first == 0 || first > 3)
        return false;
    for (size_t i = first; i < whole.n; i += 4)
        if (whole.p[i] != ',' || whole.n - i < 4 || memchr(whole.p + i + 1, ',', 3))
            return false;
    return true;
}

/* Digits with separators and at most one point, nothing else. */
static bool decimal_parse(struct str s, struct decimal *ret)
{
    struct decimal d = {0};
    struct str frac;
    struct str whole = str_cut(s, '.', &frac);
    size_t seen = 0, significant = 0;
    if (whole.n == 0 || !grouped_well(whole))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool in_frac = i > whole.n;
        if (i == whole.n || (s.p[i] == ',' && !in_frac))
            continue;
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        seen++;
        significant += significant || s.p[i] != '0';
        if (significant > DIGITS_MAX && !in_frac)
            return false;
        if (significant > DIGITS_MAX)
            continue;
        d.digits = d.digits * 10 + (s.p[i] - '0');
        d.places += in_frac;
    }
    *ret = d;
    return seen > 0;
}

/* digits / 10^places × num / den, half up; false above most. */
static bool scale(struct decimal d, int64_t num, int64_t den, int64_t most, int64_t *ret)
{
    __int128 top = (__int128)d.digits * num, low = den;
    for (int i = 0; i < d.places; i++)
        low *= 10;
    __int128 v = (top * 2 + low) / (low * 2);
    if (v > most)
        return false;
    *ret = (int64_t)v;
    return true;
}

bool read_int(const struct cell *c, struct number *ret)
{
    char z[TEXT_MAX];
    struct decimal d;
    if (c->type != CELL_NUMBER && c->type != CELL_TEXT)
        return false;
    struct str s = number_chars(c, z);
    if (c->type == CELL_TEXT)
        (void)take_suffix(&s, "人");
    if (s.n == 0 || !decimal_parse(s, &d))
        return false;
    for (; d.places > 0; d.places--) {
        if (d.digits % 10)
            return false;
        d.digits /= 10;
    }
    *ret = (struct number){.v = d.digits};
    return d.digits <= COUNT_MAX;
}

bool read_money(const struct cell *c, struct number *ret)
{
    /* suffix, and what one unit of it is in hundredths of 万元 */
    static const struct {
        const char *suffix;
        int64_t num, den;
        bool converted;
    } units[] = {
        {"万元", 100, 1, false},
        {"亿元", 1000000, 1, true},
        {"万", 100, 1, false},
        {"亿", 1000000, 1, true},
        {"元", 1, 100, true},
        {"", 100, 1, false},
    };
    char z[TEXT_MAX];
    struct decimal d;
    if (c->type != CELL_NUMBER && c->type != CELL_TEXT)
        return false;
    struct str s = number_chars(c, z);
    size_t u = 0;
    while (!take_suffix(&s, units[u].suffix))
        u++;
    if (s.n == 0 || !decimal_parse(s, &d))
        return false;
    ret->converted = units[u].converted;
    return scale(d, units[u].num, units[u].den, MONEY_MAX, &ret->v);
}
