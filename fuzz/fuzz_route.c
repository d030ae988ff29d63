/* Targets, routes, parameters and the header values that are taken apart. Input: the target on the
 * first line, then header values. Checked beyond memory errors: what comes out of the decoder is
 * UTF-8 without control characters and without a path that climbs. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "http/assets.h"
#include "http/request.h"
#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct op rows[] = {
    {"a", GET, "/api/v1/firms", PERM_ANY, OP_LIST, NULL, NULL, NULL, ""},
    {"b", GET, "/api/v1/firms/:firm", PERM_ANY, OP_READ, NULL, NULL, NULL, ""},
    {"c", POST, "/api/v1/firms/:firm/daily/:day", PERM_ANY, OP_WRITE, NULL, NULL, NULL, ""},
    {"d", GET, "/api/v1/:a/:b/:c/:d", PERM_ANY, OP_READ, NULL, NULL, NULL, ""},
};

static void must(bool good)
{
    if (!good)
        abort();
}

static void check_target(const struct target *t)
{
    must(utf8_valid(t->path) && t->path.n && t->path.p[0] == '/');
    must(!memchr(t->path.p, 0, t->path.n) && str_find(t->path, S("/../")) < 0 &&
         !str_ends(t->path, S("/..")));
    for (size_t i = 0; i < t->query_n; i++)
        must(utf8_valid(t->query[i].name) && utf8_valid(t->query[i].value) &&
             !memchr(t->query[i].value.p, 0, t->query[i].value.n));
}

static void check_route(struct str path)
{
    const struct op_table table = {rows, sizeof rows / sizeof *rows};
    struct str vals[OP_PATH_MAX] = {0};
    const struct op *op = NULL;
    for (int m = GET; m <= DELETE; m++) {
        enum err e = op_route(&table, (enum method)m, path, &op, vals);
        must(e || op->method == (enum method)m);
        for (int i = 0; i < OP_PATH_MAX && !e; i++)
            must(!vals[i].p || (vals[i].p >= path.p && vals[i].p + vals[i].n <= path.p + path.n));
    }
}

static void check_values(struct arena *a, struct str v)
{
    struct exchange x = {.headers = {{S("Origin"), v}, {S("Host"), v}, {S("Cookie"), v},
                             {S("X-Forwarded-For"), v}, {S("Authorization"), v}},
        .headers_n = 5,
        .ip = S("127.0.0.1")};
    bool cookie;
    struct str name = disposition_name(a, v);
    must(!name.p || (utf8_valid(name) && str_find(name, S("/")) < 0));
    (void)media_param(v, "boundary");
    (void)origin_good(&x);
    (void)client_ip(&x, "127.0.0.1");
    (void)token_get(&x, "zhian", &cookie);
    (void)etag_matches(v, S("\"a\""));
    (void)asset_find(v);
    struct asset asset = {"/a", "t", "h", 0, {S("aaaa"), S("bb"), S("c")}};
    (void)asset_coding(&asset, v);
    const char *made = attachment_make(a, v);
    must(!made || (!strchr(made, '\r') && !strchr(made, '\n')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a;
    struct target t;
    struct str rest = {(const char *)data, n};
    arena_init(&a, 1 << 20);
    if (!target_parse(&a, str_cut(rest, '\n', &rest), &t)) {
        check_target(&t);
        check_route(t.path);
    }
    while (rest.p)
        check_values(&a, str_cut(rest, '\n', &rest));
    arena_free(&a);
    return 0;
}
