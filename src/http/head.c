/* Framing and form of a request head. */
#include "http/head.h"

#include <strings.h>

enum { BLANKS_MAX = 4096 }; /* after a colon */

static bool named(const struct header *h, const char *name)
{
    return h->name.n == strlen(name) && strncasecmp(h->name.p, name, h->name.n) == 0;
}

struct str header_get(const struct exchange *x, const char *name)
{
    for (size_t i = 0; i < x->headers_n; i++)
        if (named(&x->headers[i], name))
            return x->headers[i].value;
    return STR_NULL;
}

static bool is_token(struct str s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        bool alnum = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
        if (!alnum && !memchr(marks, ch, sizeof marks - 1))
            return false;
    }
    return s.n > 0;
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 32 && s.p[i] != '\t') || s.p[i] == 127)
            return true;
    return false;
}

static bool blanks(const char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != ' ' && *from != '\t')
            return false;
    return true;
}

/* The request line, then every header where the one before ended plus CR LF. */
static bool chained(const struct exchange *x, const struct head_line *l)
{
    if (!l->target || l->target != l->method + strlen(l->method) + 1 ||
        l->version != l->target + x->target.n + 1 || memchr(x->target.p, ' ', x->target.n))
        return false;
    const char *line = l->version + strlen(l->version) + 2;
    for (size_t i = 0; i < x->headers_n; i++) {
        const struct header *h = &x->headers[i];
        const char *colon = h->name.p + h->name.n + 1;
        if (h->name.p != line || h->value.p < colon || h->value.p - colon > BLANKS_MAX ||
            !blanks(colon, h->value.p))
            return false;
        line = h->value.p + h->value.n + 2;
    }
    /* the last line and the empty one: CR LF CR LF, all zeroed by now */
    return memcmp(line - 2, "\0\0\0\0", 4) == 0;
}

static int count(const struct exchange *x, const char *name)
{
    int found = 0;
    for (size_t i = 0; i < x->headers_n; i++)
        found += named(&x->headers[i], name);
    return found;
}

static bool http11(const char *version)
{
    return strcmp(version, "HTTP/1.0") != 0;
}

/* The body's length, by exactly one rule; false: framing that two readers may read two ways. */
static bool framing(struct exchange *x, const char *version)
{
    int lengths = count(x, "Content-Length"), codings = count(x, "Transfer-Encoding");
    if (lengths + codings > 1 || (codings && !http11(version)))
        return false;
    if (codings) {
        struct str coding = header_get(x, "Transfer-Encoding");
        x->body_len = -1;
        return coding.n == 7 && strncasecmp(coding.p, "chunked", 7) == 0;
    }
    struct str length = header_get(x, "Content-Length");
    if (lengths && (length.n == 0 || length.p[0] < '0' || length.p[0] > '9'))
        return false;
    return !lengths || (length.n < 19 && str_int(length, &x->body_len));
}

int head_check(struct exchange *x, const struct head_line *line, const struct head_limits *limits)
{
    if (x->target.n > limits->target)
        return 414;
    if (!chained(x, line) || !is_token(x->method))
        return 400;
    size_t cost = x->target.n;
    for (size_t i = 0; i < x->headers_n; i++) {
        const struct header *h = &x->headers[i];
        if (!is_token(h->name) || has_control(h->value))
            return 400;
        cost += h->name.n + h->value.n + 4 + limits->header_cost;
    }
    if (cost > limits->cost)
        return 431;
    int hosts = count(x, "Host");
    if (hosts > 1 || (hosts == 0 && http11(line->version)))
        return 400;
    return framing(x, line->version) ? 0 : 400;
}
