/* Text of cells: blanks, invisible characters, width (rules B1–B3), and column names (A1). Most
 * cells are clean already, so a byte scan decides first and the text is used where it lies. */
#include "base/utf8.h"
#include "domain/fold.h"
#include "feature/import/imp_rules.h"

/* Line breaks, tabs and every kind of blank count as one blank between words. */
static bool is_blank(int32_t cp)
{
    return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}

/* Control, zero-width and direction characters vanish. Variation selectors stay: they belong to
 * rare characters. */
static bool is_invisible(int32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || cp == 0x61C || cp == 0x180E ||
           (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
           (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF;
}

static bool is_han(int32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) || cp == 0x3007 ||
           (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFF);
}

/* Whether byte i may begin something that cleaning changes. */
static bool byte_suspect(struct str s, size_t i, unsigned how)
{
    unsigned char ch = (unsigned char)s.p[i];
    if (ch == ' ') {
        bool edge = i == 0 || i + 1 == s.n || s.p[i + 1] == ' ';
        return edge || (how & (CLEAN_HAN | CLEAN_NOSPACE));
    }
    if (ch < 0x80) {
        bool paren = (how & CLEAN_PAREN) && (ch == '(' || ch == ')');
        return ch < 0x20 || ch == 0x7F || paren || ((how & CLEAN_FOLD) && ch >= 'a' && ch <= 'z');
    }
    if (ch == 0xE2 && i + 1 < s.n)
        return (unsigned char)s.p[i + 1] <= 0x81;
    if (ch == 0xE3 && i + 2 < s.n)
        return (unsigned char)s.p[i + 1] == 0x80 && (unsigned char)s.p[i + 2] == 0x80;
    if (ch == 0xEF && !(how & CLEAN_FOLD) && i + 1 < s.n)
        return (unsigned char)s.p[i + 1] == 0xBB;
    return ch == 0xC2 || ch == 0xD8 || ch == 0xE1 || ch == 0xEF;
}

static bool is_clean(struct str s, unsigned how)
{
    for (size_t i = 0; i < s.n; i++)
        if (byte_suspect(s, i, how))
            return false;
    return true;
}

static int32_t convert(int32_t cp, unsigned how)
{
    if (how & CLEAN_FOLD) {
        cp = fold_char(cp);
        if (cp >= 'a' && cp <= 'z')
            cp -= 'a' - 'A';
    }
    if (how & CLEAN_PAREN)
        cp = cp == '(' ? 0xFF08 : cp == ')' ? 0xFF09 : cp;
    return cp;
}

struct str clean_text(struct arena *a, struct str s, unsigned how)
{
    if (s.n == 0 || is_clean(s, how))
        return s;
    char *out = arena_alloc(a, s.n * 3 + 4);
    if (!out)
        return S("");
    size_t at = 0, n = 0;
    int32_t last = 0;
    bool blank = false;
    for (int32_t cp = utf8_next(s, &at); cp >= 0; cp = utf8_next(s, &at)) {
        if (is_blank(cp)) {
            blank = true;
            continue;
        }
        if (is_invisible(cp))
            continue;
        cp = convert(cp, how);
        bool joined = (how & CLEAN_NOSPACE) || ((how & CLEAN_HAN) && is_han(last) && is_han(cp));
        if (blank && n && !joined)
            out[n++] = ' ';
        blank = false;
        n += utf8_put(cp, out + n);
        last = cp;
    }
    return (struct str){out, n};
}

bool text_suspect(const struct imp_rules *r, struct str s)
{
    size_t at = 0;
    for (int32_t cp = utf8_next(s, &at); cp >= 0; cp = utf8_next(s, &at)) {
        if ((cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= '@' && cp <= 'z') || (cp >= '0' && cp <= '9'))
            continue;
        for (size_t i = 0; i < r->nsuspect; i++)
            if (cp >= r->suspect[i].from && cp <= r->suspect[i].to)
                return true;
    }
    return false;
}

/* --- column names -------------------------------------------------------------------------------
 */

/* The closing bracket of cp, or 0. */
static int32_t bracket_close(const struct imp_rules *r, int32_t cp)
{
    for (size_t i = 0; i < r->header.brackets.n; i++) {
        size_t at = 0;
        struct str pair = r->header.brackets.p[i];
        if (utf8_next(pair, &at) == cp)
            return utf8_next(pair, &at);
    }
    return 0;
}

/* The offset behind the bracketed piece that begins at `from`; `from` when it never closes. */
static size_t bracket_end(struct str s, size_t from, int32_t close)
{
    size_t at = from;
    for (int32_t cp = utf8_next(s, &at); cp >= 0; cp = utf8_next(s, &at))
        if (cp == close)
            return at;
    return from;
}

static bool is_stripped(const struct imp_rules *r, int32_t cp)
{
    size_t at = 0;
    for (int32_t c = utf8_next(r->header.strip, &at); c >= 0; c = utf8_next(r->header.strip, &at))
        if (c == cp)
            return true;
    return is_blank(cp) || is_invisible(cp);
}

struct str header_text(const struct imp_rules *r, struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n * 3 + 4);
    if (!out)
        return S("");
    size_t at = 0, n = 0;
    for (int32_t cp = utf8_next(s, &at); cp >= 0; cp = utf8_next(s, &at)) {
        int32_t close = bracket_close(r, cp);
        size_t end = close ? bracket_end(s, at, close) : at;
        if (close || is_stripped(r, cp)) {
            at = end;
            continue;
        }
        n += utf8_put(convert(cp, CLEAN_FOLD), out + n);
    }
    return (struct str){out, n};
}
