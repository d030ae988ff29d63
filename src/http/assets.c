/* Finding an asset and the form of it to send. */
#include "http/assets.h"

#include <stdio.h>
#include <strings.h>

static int order(struct str path, const struct asset *a)
{
    return str_cmp(path, str_z(a->path));
}

static const struct asset *exact(struct str path)
{
    size_t lo = 0, hi = assets_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int d = order(path, &assets[mid]);
        if (d == 0)
            return &assets[mid];
        if (d < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

const struct asset *asset_find(struct str path)
{
    if (str_eq(path, S("/")))
        return exact(S("/index.html"));
    if (str_eq(path, S("/m/")))
        return exact(S("/m/index.html"));
    return exact(path);
}

const struct asset *asset_page(struct str path)
{
    bool phone = str_starts(path, S("/m/")) || str_eq(path, S("/m"));
    return exact(phone ? S("/m/index.html") : S("/index.html"));
}

static bool same_word(struct str a, const char *b)
{
    return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

/* q=0, q=0.0 … refuse; anything else allows. */
static bool refused(struct str params)
{
    ptrdiff_t at = str_find(params, S("q="));
    if (at < 0)
        return false;
    struct str q = str_trim(str_sub(params, (size_t)at + 2, params.n));
    for (size_t i = 0; i < q.n; i++)
        if (q.p[i] != '0' && q.p[i] != '.')
            return false;
    return q.n > 0;
}

static bool accepts(struct str accept, const char *name)
{
    bool any = false;
    while (accept.n) {
        struct str rest, params;
        struct str word = str_cut(str_cut(accept, ',', &rest), ';', &params);
        word = str_trim(word);
        if (same_word(word, name))
            return !refused(params);
        if (same_word(word, "*"))
            any = !refused(params);
        accept = rest;
    }
    return any;
}

enum coding asset_coding(const struct asset *a, struct str accept)
{
    for (int c = CODINGS - 1; c > CODING_RAW; c--)
        if (a->body[c].p && accepts(accept, coding_name((enum coding)c)))
            return (enum coding)c;
    return CODING_RAW;
}

const char *coding_name(enum coding c)
{
    static const char *const names[CODINGS] = {NULL, "gzip", "br"};
    return names[c];
}

size_t asset_etag(const struct asset *a, enum coding c, char out[32])
{
    static const char *const marks[CODINGS] = {"", "-gz", "-br"};
    return (size_t)snprintf(out, 32, "\"%.16s%s\"", a->hash, marks[c]);
}

bool etag_matches(struct str if_none_match, struct str tag)
{
    while (if_none_match.n) {
        struct str rest;
        struct str one = str_trim(str_cut(if_none_match, ',', &rest));
        if (str_starts(one, S("W/")))
            one = str_sub(one, 2, one.n);
        if (str_eq(one, tag) || str_eq(one, S("*")))
            return true;
        if_none_match = rest;
    }
    return false;
}
