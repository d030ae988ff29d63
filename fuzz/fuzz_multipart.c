/* multipart/form-data. The first byte sets the piece size the input is fed in; the next line is the
 * boundary; the rest is the body. Checked beyond memory errors: however the body is cut into
 * pieces, the same parts with the same bytes come out. */
#include <stdint.h>
#include <stdlib.h>

#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct sum {
    uint64_t hash;
    size_t parts, bytes;
};

static void mix(struct sum *s, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        s->hash = (s->hash ^ (unsigned char)bytes.p[i]) * 1099511628211u;
}

static enum err part(void *arg, struct str disposition)
{
    struct sum *s = arg;
    s->parts++;
    mix(s, disposition);
    return OK;
}

static enum err data_in(void *arg, struct str bytes)
{
    struct sum *s = arg;
    s->bytes += bytes.n;
    mix(s, bytes);
    return OK;
}

static enum err end(void *arg)
{
    struct sum *s = arg;
    mix(s, S("\1"));
    return OK;
}

static enum err read_all(struct str boundary, struct str body, size_t piece, struct sum *s)
{
    static const struct multipart_calls calls = {part, data_in, end};
    static struct multipart m;
    *s = (struct sum){0};
    enum err e = multipart_init(&m, boundary, &calls, s);
    for (size_t at = 0; at < body.n && !e; at += piece)
        e = multipart_feed(&m, str_sub(body, at, piece));
    return e ? e : multipart_finish(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    struct str body, rest = {(const char *)data + 1, n - 1};
    struct str boundary = str_cut(rest, '\n', &body);
    struct sum whole, pieces;
    if (!body.p)
        return 0;
    enum err a = read_all(boundary, body, body.n + 1, &whole);
    enum err b = read_all(boundary, body, data[0] % 16 + 1u, &pieces);
    if (a != b || whole.parts != pieces.parts || whole.bytes > body.n)
        abort();
    if (!a && (whole.hash != pieces.hash || whole.bytes != pieces.bytes))
        abort();
    return 0;
}
