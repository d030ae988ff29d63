/* Code items (rule F1): a value is known by its name, its code or an alias, whatever the width
 * and case; several stand in one cell with any of the usual separators between them. Since names
 * may hold such a separator themselves (展销/市场摊位), the longest run of pieces that is a known
 * word is taken first. */
#include "feature/import/imp_rules.h"

#include "base/utf8.h"

enum { PIECES = 64 };

static struct str lookup(const struct imp_field *f, struct str word)
{
    for (size_t i = 0; i < f->nwords; i++)
        if (str_eq(f->words[i].word, word))
            return f->words[i].value;
    return STR_NULL;
}

/* A number written without its leading zeros, or with some too many. */
static struct str lookup_digits(const struct imp_field *f, struct str word)
{
    char z[16];
    size_t lead = 0;
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] < '0' || word.p[i] > '9')
            return STR_NULL;
    while (lead + 1 < word.n && word.p[lead] == '0')
        lead++;
    word = str_sub(word, lead, word.n);
    if (f->width == 0 || word.n > f->width || f->width > sizeof z)
        return STR_NULL;
    memset(z, '0', f->width);
    memcpy(z + f->width - word.n, word.p, word.n);
    return lookup(f, (struct str){z, f->width});
}

struct str read_code(const struct imp_field *f, struct arena *a, struct str text)
{
    struct str word = clean_text(a, text, CLEAN_FOLD | CLEAN_NOSPACE);
    struct str v = lookup(f, word);
    return v.p || word.n == 0 ? v : lookup_digits(f, word);
}

/* Length of a separator at offset i, 0 = none: 、 ， ； ／ , ; / and blanks of any width. */
static size_t separator_at(struct str s, size_t i)
{
    static const char wide[][4] = {"、", "，", "；", "／", "\xE3\x80\x80"};
    unsigned char ch = (unsigned char)s.p[i];
    if (ch < 0x80)
        return ch == ',' || ch == ';' || ch == '/' || ch == ' ' || (ch >= '\t' && ch <= '\r');
    if (ch == 0xC2)
        return i + 1 < s.n && (unsigned char)s.p[i + 1] == 0xA0 ? 2 : 0;
    if ((ch != 0xE3 && ch != 0xEF) || i + 3 > s.n)
        return 0;
    for (size_t k = 0; k < sizeof wide / sizeof *wide; k++)
        if (memcmp(s.p + i, wide[k], 3) == 0)
            return 3;
    return 0;
}

/* Cuts at separators; empty pieces are dropped. Returns how many, or PIECES + 1 when too many. */
static size_t split(struct str s, struct str *out)
{
    size_t n = 0, from = 0, i = 0;
    while (i <= s.n) {
        size_t sep = i == s.n ? 1 : separator_at(s, i);
        if (!sep) {
            i++;
            continue;
        }
        if (i > from && n == PIECES)
            return PIECES + 1;
        if (i > from)
            out[n++] = (struct str){s.p + from, i - from};
        i += sep;
        from = i;
    }
    return n;
}

static bool holds(struct str codes, struct str code)
{
    struct str rest = codes;
    while (rest.p) {
        struct str one = str_cut(rest, ',', &rest);
        if (str_eq(one, code))
            return true;
    }
    return false;
}

static struct str join(struct arena *a, struct str codes, struct str code)
{
    if (codes.n == 0)
        return code;
    if (holds(codes, code))
        return codes;
    struct str parts[3] = {codes, S(","), code};
    return arena_cat(a, parts, 3);
}

struct str read_codes(const struct imp_field *f, struct arena *a, struct str text)
{
    struct str pieces[PIECES], codes = STR_NULL;
    size_t n = split(text, pieces);
    if (n > PIECES)
        return STR_NULL;
    if (n == 0)
        return S("");
    for (size_t i = 0; i < n;) {
        struct str v = STR_NULL;
        size_t last = n;
        for (; last > i && !v.p; last--) {
            const char *end = pieces[last - 1].p + pieces[last - 1].n;
            v = read_code(f, a, (struct str){pieces[i].p, (size_t)(end - pieces[i].p)});
        }
        if (!v.p)
            return STR_NULL;
        codes = join(a, codes, v);
        i = last + 1;
    }
    return codes;
}
