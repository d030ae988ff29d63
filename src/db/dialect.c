/* Replaces dialect tokens by the words of one back end. */
#include "db/dialect.h"

static const struct {
    struct str token;
    struct str word[DIALECT_COUNT];
} rows[] = {
#define ROW(token, sqlite, postgres) {S(#token), {S(sqlite), S(postgres)}},
#include "db/dialect.def"
#undef ROW
};

static bool token_char(char ch)
{
    return (ch >= 'A' && ch <= 'Z') || ch == '_';
}

/* The token that opens at s[0] == '@', without its signs; STR_NULL when it is no token. */
static struct str token_at(struct str s)
{
    size_t n = 1;
    while (n < s.n && token_char(s.p[n]))
        n++;
    if (n == 1 || n == s.n || s.p[n] != '@')
        return STR_NULL;
    return (struct str){s.p + 1, n - 1};
}

static bool put_word(struct str token, enum dialect d, struct buf *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!str_eq(rows[i].token, token))
            continue;
        buf_add(out, rows[i].word[d]);
        return true;
    }
    return false;
}

enum err dialect_expand(struct str sql, enum dialect d, struct buf *out)
{
    size_t at = 0;
    while (at < sql.n) {
        const char *sign = memchr(sql.p + at, '@', sql.n - at);
        size_t stop = sign ? (size_t)(sign - sql.p) : sql.n;
        buf_add(out, (struct str){sql.p + at, stop - at});
        if (!sign)
            break;
        struct str token = token_at((struct str){sign, sql.n - stop});
        if (!token.p)
            buf_addc(out, '@');
        else if (!put_word(token, d, out))
            return ERR_INTERNAL;
        at = stop + (token.p ? token.n + 2 : 1);
    }
    return out->err;
}
