/* Strings by value: a pointer and a length, never owned, never NUL-terminated by contract.
 * A NULL pointer means "no value" (SQL NULL, JSON null); an empty string has a non-NULL pointer. */
#ifndef ZHIAN_BASE_STR_H
#define ZHIAN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* S("literal") is a struct str of a string literal. */
#define S(lit) ((struct str){("" lit), sizeof(lit) - 1})
/* STR_NULL is the absent value. */
#define STR_NULL ((struct str){NULL, 0})
/* For printf: "%.*s", STR_ARG(s) */
#define STR_ARG(s) (int)(s).n, (s).p

/* str_z wraps a NUL-terminated string; NULL gives STR_NULL. */
static inline struct str str_z(const char *z)
{
    return z ? (struct str){z, strlen(z)} : STR_NULL;
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eqz(struct str a, const char *z)
{
    return str_eq(a, str_z(z));
}

static inline bool str_empty(struct str a)
{
    return a.n == 0;
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

/* str_sub returns s[from, from+n), clipped to s. */
struct str str_sub(struct str s, size_t from, size_t n);

/* str_find returns the byte offset of needle in s, or -1. An empty needle is found at 0. */
ptrdiff_t str_find(struct str s, struct str needle);

/* str_cmp orders by bytes (UTF-8 order = code point order): <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* str_trim drops leading and trailing ASCII white space. */
struct str str_trim(struct str s);

/* str_cut splits s at the first sep: returns the part before and leaves the rest in *rest
 * (STR_NULL when there was no separator). */
struct str str_cut(struct str s, char sep, struct str *rest);

/* str_int parses a whole decimal int64 (optional '-'); false on anything else or overflow. */
bool str_int(struct str s, int64_t *ret_v);

#endif
