/* Strict UTF-8 decoding by the ranges of RFC 3629. */
#include "base/utf8.h"

static int seq_len(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

static bool in_range(int32_t cp, int n)
{
    static const int32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    return cp >= least[n] && cp <= 0x10FFFF && !(cp >= 0xD800 && cp <= 0xDFFF);
}

int32_t utf8_next(struct str s, size_t *at)
{
    if (*at >= s.n)
        return -1;
    const unsigned char *p = (const unsigned char *)s.p + *at;
    int n = seq_len(p[0]);
    if (n == 1) {
        *at += 1;
        return p[0];
    }
    if (n == 0 || (size_t)n > s.n - *at)
        return -1;
    int32_t cp = p[0] & (0xFF >> (n + 1));
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return -1;
        cp = cp << 6 | (p[i] & 0x3F);
    }
    if (!in_range(cp, n))
        return -1;
    *at += (size_t)n;
    return cp;
}

bool utf8_valid(struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        if ((unsigned char)s.p[at] < 0x80)
            at++;
        else if (utf8_next(s, &at) < 0)
            return false;
    }
    return true;
}

size_t utf8_len(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

size_t utf8_put(int32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

struct str utf8_prefix(struct str s, size_t n)
{
    size_t at = 0;
    while (n-- && at < s.n)
        if (utf8_next(s, &at) < 0)
            break;
    return str_sub(s, 0, at);
}
