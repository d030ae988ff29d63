/* The web door over a small core of its own (the functions of core/call.h below): routes, bodies,
 * uploads, cookies, origins, files, pages, health, metrics, and the headers on every answer. */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "core/standby.h"
#include "core/call.h"
#include "db/writer.h"
#include "http/assets.h"
#include "http/http.h"
#include "raw.h"

#include <cmocka.h> /* last: its fail() is a macro, the core's a function */

#define HEAD " HTTP/1.1\r\nHost: h\r\n"
#define JSON "Content-Type: application/json\r\n"

static char answer[1 << 20];
static char dir[] = "/tmp/zhian-door-XXXXXX";

/* --- a core
 * --------------------------------------------------------------------------------------- */

static const struct op ops[] = {
    {"session_open", POST, "/api/v1/session", PERM_NONE, OP_WRITE, NULL, NULL, NULL, ""},
    {"session_close", DELETE, "/api/v1/session", PERM_ANY, OP_WRITE, NULL, NULL, NULL, ""},
    {"thing_show", GET, "/api/v1/things/:id", PERM_ANY, OP_READ, NULL, NULL, NULL, ""},
    {"thing_add", POST, "/api/v1/things", PERM_ANY, OP_WRITE, NULL, NULL, NULL, ""},
    {"file_add", POST, "/api/v1/files", PERM_ANY, OP_UPLOAD | OP_SLOW, NULL, NULL, NULL, ""},
    {"file_show", GET, "/api/v1/files/:id", PERM_ANY, OP_FILE, NULL, NULL, NULL, ""},
};

struct call {
    struct request r;
    struct answer a;
    struct arena mem;
    void (*done)(void *arg);
    void *arg;
};

static _Atomic int calls_open;

struct call *call_new(struct app *app, const struct request *r)
{
    (void)app;
    struct call *k = mem_alloc(sizeof *k);
    if (!k)
        return NULL;
    calls_open++;
    arena_init(&k->mem, 1 << 22);
    k->r = *r;
    struct pair *q = arena_new(&k->mem, struct pair, r->query_n + 1);
    for (size_t i = 0; i < r->query_n; i++)
        q[i] = (struct pair){
            arena_str(&k->mem, r->query[i].name), arena_str(&k->mem, r->query[i].value)};
    k->r.query = q;
    struct str *all[] = {&k->r.body, &k->r.token, &k->r.csrf, &k->r.if_match, &k->r.idem_key,
        &k->r.ip, &k->r.agent, &k->r.file.path, &k->r.file.name, &k->r.path_vals[0]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = arena_str(&k->mem, *all[i]);
    k->a = (struct answer){
        .status = 200, .type = "application/json", .op_name = r->op->name, .rid = S("rid-1")};
    return k;
}

static void refuse(struct call *k, enum err e)
{
    k->a.err = e;
    k->a.status = err_status(e);
    k->a.type = "application/problem+json";
    k->a.body = arena_fmt(&k->mem, "{\"type\":\"%s\"}", err_name(e));
}

enum lane call_prepare(struct call *k, struct db_conn *reader)
{
    (void)reader;
    const struct op *op = k->r.op;
    if (op->perm != PERM_NONE && !str_eq(k->r.token, S("good"))) {
        refuse(k, ERR_UNAUTHENTICATED);
        return LANE_DONE;
    }
    if (op->flags & OP_SLOW)
        return LANE_SLOW;
    return op->flags & OP_WRITE ? LANE_WRITE : LANE_READ;
}

static void say(struct call *k, const char *name, struct str v)
{
    const struct str parts[] = {k->a.body, str_z(name), S("="), v.p ? v : S("-"), S("\n")};
    k->a.body = arena_cat(&k->mem, parts, 5);
}

static void work(struct call *k)
{
    const struct op *op = k->r.op;
    say(k, "op", str_z(op->name));
    say(k, "id", k->r.path_vals[0]);
    say(k, "body", k->r.body);
    say(k, "token", k->r.token);
    say(k, "cookie", k->r.token_is_cookie ? S("yes") : S("no"));
    say(k, "csrf", k->r.csrf);
    say(k, "if_match", k->r.if_match);
    say(k, "idem", k->r.idem_key);
    say(k, "ip", k->r.ip);
    for (size_t i = 0; i < k->r.query_n; i++)
        say(k, arena_cat(&k->mem, (struct str[]){S("q."), k->r.query[i].name}, 2).p,
            k->r.query[i].value);
    if (op->flags & OP_UPLOAD) {
        struct stat st = {0};
        if (k->r.file.path.p)
            stat(k->r.file.path.p, &st);
        say(k, "size", arena_fmt(&k->mem, "%lld", (long long)k->r.file.size));
        say(k, "on_disk", arena_fmt(&k->mem, "%lld", (long long)st.st_size));
        say(k, "name", k->r.file.name);
    }
    if (op->method == POST && op->perm == PERM_NONE)
        k->a.cookie = S("secret-token");
    if (op->method == DELETE)
        k->a.cookie = S("");
    if (op->flags & OP_FILE) {
        k->a.type = "image/png";
        k->a.file_path = arena_fmt(&k->mem, "%s/%.*s", dir, STR_ARG(k->r.path_vals[0]));
        k->a.file_name = S("中文 \"表\".png");
    }
}

void call_read(struct call *k, struct db_conn *reader)
{
    (void)reader;
    work(k);
}

static void *later(void *arg)
{
    struct call *k = arg;
    work(k);
    k->done(k->arg);
    return NULL;
}

void call_start(struct call *k, void (*done)(void *arg), void *arg)
{
    pthread_t t;
    k->done = done;
    k->arg = arg;
    if (pthread_create(&t, NULL, later, k) == 0)
        pthread_detach(t);
}

const struct answer *call_answer(struct call *k)
{
    return &k->a;
}

void call_free(struct call *k)
{
    if (!k)
        return;
    arena_free(&k->mem);
    mem_free(k);
    calls_open--;
}

int call_error(enum err e, const char *message, struct str rid, struct buf *b)
{
    buf_reset(b);
    buf_fmt(b, "{\"type\":\"%s\",\"detail\":\"%s\",\"instance\":\"%.*s\"}", err_name(e),
        message ? message : "", STR_ARG(rid));
    return err_status(e);
}

int64_t app_now(const struct app *app)
{
    return app->started + 5000;
}

static _Atomic int db_broken, readers_open;

enum err db_connect(struct db *db, enum db_mode mode, struct db_conn **ret)
{
    (void)db;
    assert_true(mode == DB_READ || mode == DB_STREAM);
    readers_open++;
    *ret = mem_alloc(1);
    return OK;
}

void db_disconnect(struct db_conn *c)
{
    readers_open--;
    mem_free(c);
}

struct db *standby_store(struct standby *s)
{
    (void)s;
    return NULL;
}

bool db_is_shared(const struct db *db)
{
    (void)db;
    return false;
}

void standby_failed(struct standby *s)
{
    (void)s;
}

void q_begin(struct q *q, struct db_conn *c, enum sql_id id)
{
    (void)id;
    *q = (struct q){.c = c};
}

void q_str(struct q *q, const char *name, struct str v)
{
    (void)q;
    (void)name;
    (void)v;
}

bool q_row(struct q *q)
{
    (void)q;
    return false;
}

enum err q_end(struct q *q)
{
    (void)q;
    return db_broken ? ERR_DB : OK;
}

void writer_stats(struct writer *w, struct writer_stats *ret)
{
    (void)w;
    *ret = (struct writer_stats){7, 3, 1, 2};
}

/* --- help
 * ----------------------------------------------------------------------------------------- */

static struct app app = {.ops = {ops, sizeof ops / sizeof *ops},
    .dir = dir,
    .started = 1000,
    .writer = (struct writer *)(void *)&app};
static char last_log[300];

static void keep_log(const char *line)
{
    snprintf(last_log, sizeof last_log, "%s", line);
}

static struct http *start(struct http_options o)
{
    static char why[200];
    struct http *h = NULL;
    o.app = &app;
    o.listen = "127.0.0.1:0";
    o.log = keep_log;
    o.why = why;
    o.why_size = sizeof why;
    if (http_start(&o, &h))
        fail_msg("%s", why);
    return h;
}

static int askn(const struct http *h, const char *text, size_t n)
{
    raw_ask(http_port(h), text, n, answer, sizeof answer);
    return raw_status(answer);
}

static int ask(const struct http *h, const char *text)
{
    return askn(h, text, strlen(text));
}

static void has(const char *text)
{
    if (!strstr(answer, text))
        fail_msg("without \"%s\":\n%.1500s", text, answer);
}

static void has_not(const char *text)
{
    if (strstr(answer, text))
        fail_msg("with \"%s\":\n%.1500s", text, answer);
}

static int spooled(void)
{
    char tmp[100];
    int n = 0;
    snprintf(tmp, sizeof tmp, "%s/tmp", dir);
    DIR *d = opendir(tmp);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void nap(void)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
}

#define AUTH "Authorization: Bearer good\r\n"

/* --- tests
 * ---------------------------------------------------------------------------------------- */

static void test_routes(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    assert_int_equal(
        ask(h, "GET /api/v1/things/a%20b?x=%E4%B8%AD%20a+b&y&z=1" HEAD AUTH "\r\n"), 200);
    has("op=thing_show\nid=a b\nbody=-\ntoken=good\ncookie=no\n");
    has("q.x=中 a b\nq.y=\nq.z=1\n");
    has("ip=127.0.0.1\n");
    has("Cache-Control: no-store\r\n");
    has("X-Request-Id: rid-1\r\n");
    assert_int_equal(ask(h, "HEAD /api/v1/things/1" HEAD AUTH "\r\n"), 200);
    has_not("op=");
    assert_int_equal(ask(h, "GET /api/v1/things/1" HEAD "\r\n"), 401);
    assert_int_equal(ask(h, "GET /api/v1/nothing" HEAD AUTH "\r\n"), 404);
    has("application/problem+json");
    assert_int_equal(ask(h, "PUT /api/v1/things/1" HEAD AUTH "Content-Length: 0\r\n\r\n"), 405);
    has("Allow: GET\r\n");
    assert_int_equal(ask(h, "BREW /api/v1/things/1" HEAD AUTH "\r\n"), 405);
    assert_int_equal(ask(h, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
    http_stop(h);
    assert_int_equal(calls_open, 0);
    assert_int_equal(readers_open, 0);
}

static void test_path_tricks(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    static const char *const tricks[] = {"/api/v1/things/..%2f..", "/api/v1/things/%2e%2e",
        "/api/v1/../v1/things/1", "/api/v1/things/a%00b", "/api/v1/things/a%2Fb",
        "/api/v1/things/a%5cb", "/api/v1/things/a\\b", "/api/v1/things/%", "/api/v1/things/%4",
        "/api/v1/things/%zz", "/api/v1/things/%ff", "/api/v1/things/%c0%af",
        "/api/v1/things/%ed%a0%80", "/api/v1/things/%0a", "/api/v1/things/\x80",
        "/api/v1/things/1?q=%ff", "/api/v1/things/1?q=%00", "/api/v1/things/1?%0a=1", "/..",
        "/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc/passwd", "/assets/../index.html", "/./", "/%",
        "/a%00", "http://h/api/v1/things/1", "*"};
    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
        char text[300];
        snprintf(text, sizeof text, "GET %s" HEAD AUTH "\r\n", tricks[i]);
        int status = ask(h, text);
        if (status != 400)
            fail_msg("%s: %d", tricks[i], status);
        has("Content-Security-Policy: ");
    }
    /* supplementary planes are kept */
    assert_int_equal(ask(h, "GET /api/v1/things/%F0%A0%AE%B7" HEAD AUTH "\r\n"), 200);
    has("id=\360\240\256\267\n");
    char many[2000] = "GET /api/v1/things/1?";
    for (int i = 0; i < 65; i++)
        strcat(many, "a=1&");
    strcat(many, HEAD AUTH "\r\n");
    assert_int_equal(ask(h, many), 400);
    http_stop(h);
}

static void test_json_bodies(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){.body_max = 1000});
    assert_int_equal(
        ask(h, "POST /api/v1/things" HEAD AUTH JSON "If-Match: \"7\"\r\nIdempotency-Key: k1\r\n"
               "Content-Length: 7\r\n\r\n{\"a\":1}"),
        200);
    has("body={\"a\":1}\n");
    has("if_match=7\nidem=k1\n");
    assert_int_equal(ask(h, "POST /api/v1/things" HEAD AUTH
                            "Content-Type: text/plain\r\nContent-Length: 7\r\n\r\n{\"a\":1}"),
        415);
    assert_int_equal(
        ask(h, "POST /api/v1/things" HEAD AUTH "Content-Length: 7\r\n\r\n{\"a\":1}"), 415);
    assert_int_equal(
        ask(h, "POST /api/v1/things" HEAD AUTH JSON "Content-Length: 2\r\n\r\n\xff\xfe"), 400);
    static const char nul[] = "POST /api/v1/things" HEAD AUTH JSON "Content-Length: 3\r\n\r\na\0b";
    assert_int_equal(askn(h, nul, sizeof nul - 1), 400);
    /* over the limit: declared, and in chunks */
    char big[3000];
    int n = snprintf(big, sizeof big,
        "POST /api/v1/things" HEAD AUTH JSON "Content-Length: 1001\r\n\r\n%01001d", 1);
    assert_int_equal(askn(h, big, (size_t)n), 413);
    n = snprintf(big, sizeof big,
        "POST /api/v1/things" HEAD AUTH JSON
        "Transfer-Encoding: chunked\r\n\r\n3e9\r\n%01001d\r\n0\r\n\r\n",
        1);
    assert_int_equal(askn(h, big, (size_t)n), 413);
    n = snprintf(big, sizeof big,
        "POST /api/v1/things" HEAD AUTH JSON "Content-Length: 1000\r\n\r\n%01000d", 1);
    assert_int_equal(askn(h, big, (size_t)n), 200);
    /* a client that asks first is told before it sends */
    assert_int_equal(ask(h, "POST /api/v1/things" HEAD AUTH JSON
                            "Expect: 100-continue\r\nContent-Length: 9999\r\n\r\n"),
        413);
    http_stop(h);
    assert_int_equal(calls_open, 0);
}

static void test_origin(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    static const struct {
        const char *header;
        int status;
    } rows[] = {
        {"", 200},
        {"Origin: http://h\r\n", 200},
        {"Origin: https://H\r\nSec-Fetch-Site: same-origin\r\n", 200},
        {"Sec-Fetch-Site: none\r\n", 200},
        {"Origin: http://evil\r\n", 403},
        {"Origin: http://h.evil\r\n", 403},
        {"Origin: http://h:81\r\n", 403},
        {"Origin: null\r\n", 403},
        {"Sec-Fetch-Site: cross-site\r\n", 403},
        {"Sec-Fetch-Site: same-site\r\n", 403},
        {"Origin: http://h\r\nSec-Fetch-Site: cross-site\r\n", 403},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        snprintf(text, sizeof text,
            "POST /api/v1/things" HEAD AUTH JSON "%sContent-Length: 2\r\n\r\n{}", rows[i].header);
        if (ask(h, text) != rows[i].status)
            fail_msg("%s: %.30s", rows[i].header, answer);
    }
    /* reading is open to links from elsewhere; the cookie is SameSite anyway */
    assert_int_equal(
        ask(h, "GET /api/v1/things/1" HEAD AUTH "Sec-Fetch-Site: cross-site\r\n\r\n"), 200);
    http_stop(h);
}

static void test_session_cookie(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    assert_int_equal(ask(h, "POST /api/v1/session" HEAD JSON "Content-Length: 2\r\n\r\n{}"), 200);
    has("Set-Cookie: zhian=secret-token; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict\r\n");
    assert_int_equal(ask(h, "GET /api/v1/things/1" HEAD "Cookie: a=b; zhian=good\r\n\r\n"), 200);
    has("token=good\ncookie=yes\n");
    assert_int_equal(
        ask(h, "GET /api/v1/things/1" HEAD "Cookie: xzhian=good; zhianx=good\r\n\r\n"), 401);
    assert_int_equal(
        ask(h, "DELETE /api/v1/session" HEAD "Cookie: zhian=good\r\nX-CSRF: c\r\n\r\n"), 200);
    has("Set-Cookie: zhian=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict\r\n");
    has("csrf=c\n");
    http_stop(h);
    h = start((struct http_options){.proxy = "127.0.0.1"});
    assert_int_equal(ask(h, "POST /api/v1/session" HEAD JSON "Content-Length: 2\r\n\r\n{}"), 200);
    has("Set-Cookie: __Host-zhian=secret-token; Path=/; Max-Age=2592000; HttpOnly; "
        "SameSite=Strict; Secure\r\n");
    http_stop(h);
}

static void test_proxy(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    ask(h, "GET /api/v1/things/1" HEAD AUTH "X-Forwarded-For: 10.1.1.1\r\n\r\n");
    has("ip=127.0.0.1\n"); /* anyone can write the header */
    http_stop(h);
    h = start((struct http_options){.proxy = "127.0.0.1"});
    ask(h, "GET /api/v1/things/1" HEAD AUTH "X-Forwarded-For: 6.6.6.6, 10.1.1.1\r\n\r\n");
    has("ip=10.1.1.1\n"); /* what our proxy saw, not what the client told it */
    ask(h, "GET /api/v1/things/1" HEAD AUTH "X-Forwarded-For: <script>\r\n\r\n");
    has("ip=127.0.0.1\n");
    http_stop(h);
}

#define PART "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"台账.xlsx\"\r\n\r\n"

static int upload(const struct http *h, const char *type, const char *content)
{
    static char text[200000];
    int n = snprintf(text, sizeof text,
        "POST /api/v1/files?kind=a" HEAD AUTH "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
        type, strlen(content), content);
    return askn(h, text, (size_t)n);
}

static void test_upload(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){.upload_max = 100000});
    const char *multi = "multipart/form-data; boundary=XX";
    assert_int_equal(upload(h, multi,
                         PART "12345\r\n--XX\r\nContent-Disposition: form-data; "
                              "name=\"org\"\r\n\r\n文水\r\n--XX--\r\n"),
        200);
    has("size=5\non_disk=5\nname=台账.xlsx\n");
    has("q.kind=a\nq.org=文水\n");
    assert_int_equal(upload(h, "application/octet-stream", "raw bytes"), 200);
    has("size=9\non_disk=9\nname=-\n");
    assert_int_equal(upload(h, multi, "--XX--\r\n"), 200);
    has("size=0\n"); /* no file: the core says what is missing */
    static const char *const broken[] = {"", "nothing", PART, PART "123", PART "123\r\n--XX",
        "--XX\r\n\r\nno name\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--",
        PART "1\r\n" PART "2\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"other\"; "
        "filename=\"f\"\r\n\r\nx\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"org\"\r\n\r\n\xff\r\n--XX--"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (upload(h, multi, broken[i]) != 400)
            fail_msg("%s: %.40s", broken[i], answer);
    assert_int_equal(upload(h, "multipart/form-data", "--XX--"), 400);
    static char big[150000];
    memset(big, 'x', 110000);
    assert_int_equal(upload(h, "application/octet-stream", big), 413);
    memset(big, 0, sizeof big);
    memset(big, 'x', 100000);
    assert_int_equal(upload(h, "application/octet-stream", big), 200);
    for (int i = 0; i < 50 && (spooled() || calls_open); i++)
        nap();
    assert_int_equal(spooled(), 0);
    http_stop(h);
    assert_int_equal(calls_open, 0);
}

static void test_upload_stays_out(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    /* not signed in: nothing is stored, and the answer is the core's */
    assert_int_equal(
        ask(h, "POST /api/v1/files" HEAD "Content-Type: a/b\r\nContent-Length: 3\r\n\r\nabc"), 401);
    has("{\"type\":\"unauthenticated\"}");
    /* broken off half-way: the file is removed */
    int fd = raw_connect(http_port(h));
    static const char half[] =
        "POST /api/v1/files" HEAD AUTH "Content-Type: a/b\r\nContent-Length: 100\r\n\r\nabc";
    raw_send(fd, half, sizeof half - 1);
    for (int i = 0; i < 100 && !spooled(); i++)
        nap();
    assert_int_equal(spooled(), 1);
    close(fd);
    for (int i = 0; i < 100 && spooled(); i++)
        nap();
    assert_int_equal(spooled(), 0);
    http_stop(h);
    /* what a killed process left is removed at the next start */
    char left[100];
    snprintf(left, sizeof left, "%s/tmp/up-left", dir);
    fclose(fopen(left, "w"));
    assert_int_equal(spooled(), 1);
    h = start((struct http_options){0});
    assert_int_equal(spooled(), 0);
    http_stop(h);
}

static void test_files(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    char path[100];
    snprintf(path, sizeof path, "%s/photo", dir);
    FILE *f = fopen(path, "w");
    fputs("<script>alert(1)</script>", f);
    fclose(f);
    assert_int_equal(ask(h, "GET /api/v1/files/photo" HEAD AUTH "\r\n"), 200);
    has("Content-Type: image/png\r\n");
    has("X-Content-Type-Options: nosniff\r\n");
    has("Content-Security-Policy: default-src 'none'; sandbox");
    has("Content-Disposition: attachment; filename=\"__ ___.png\"; "
        "filename*=UTF-8''%E4%B8%AD%E6%96%87%20%22%E8%A1%A8%22.png\r\n");
    has("Content-Length: 25\r\n");
    has("\r\n\r\n<script>");
    last_log[0] = 0;
    assert_int_equal(ask(h, "GET /api/v1/files/absent" HEAD AUTH "\r\n"), 500);
    has_not(dir); /* no path leaks */
    assert_non_null(strstr(last_log, "op=file_show status=500 err=io rid="));
    http_stop(h);
}

static void test_security_headers(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    static const char *const requests[] = {"GET /" HEAD "\r\n", "GET /nothing.png" HEAD "\r\n",
        "GET /api/v1/things/1" HEAD AUTH "\r\n", "GET /api/v1/x" HEAD "\r\n",
        "POST /" HEAD "Content-Length: 0\r\n\r\n", "GET /healthz" HEAD "\r\n",
        "GET /metrics" HEAD "\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /%" HEAD "\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/3.0\r\n\r\n"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        assert_true(ask(h, requests[i]) > 0);
        has("Content-Security-Policy: default-src 'none'; script-src 'self';");
        has("frame-ancestors 'none'\r\n");
        has("X-Content-Type-Options: nosniff\r\n");
        has("Referrer-Policy: same-origin\r\n");
        has("Cross-Origin-Opener-Policy: same-origin\r\n");
        has_not("Strict-Transport-Security");
        has_not("<html><head><title>"); /* the library's own error pages */
    }
    http_stop(h);
    h = start((struct http_options){.frame_ancestors = "https://app.example.gov.cn"});
    ask(h, "GET /api/v1/x" HEAD "\r\n");
    has("frame-ancestors https://app.example.gov.cn\r\n");
    has_not("X-Frame-Options");
    http_stop(h);
    h = start((struct http_options){.proxy = "10.0.0.1"}); /* which speaks TLS to the browsers */
    ask(h, "GET /" HEAD "\r\n");
    has("Strict-Transport-Security: max-age=31536000\r\n");
    http_stop(h);
    struct http *none = NULL;
    char why[200];
    struct http_options o = {.app = &app,
        .listen = "127.0.0.1:0",
        .frame_ancestors = "a\r\nb",
        .why = why,
        .why_size = sizeof why};
    assert_int_equal(http_start(&o, &none), ERR_INVALID);
}

static void test_pages(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    if (!assets_n) {
        assert_int_equal(ask(h, "GET /" HEAD "\r\n"), 200);
        has("./dev build");
        http_stop(h);
        return;
    }
    assert_int_equal(ask(h, "GET /" HEAD "\r\n"), 200);
    has("Content-Type: text/html; charset=utf-8\r\n");
    has("Cache-Control: no-cache\r\n");
    char tag[64], text[300];
    const char *at = strstr(answer, "ETag: ");
    assert_non_null(at);
    snprintf(tag, sizeof tag, "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
    snprintf(text, sizeof text, "GET /" HEAD "If-None-Match: W/\"x\", %s\r\n\r\n", tag);
    assert_int_equal(ask(h, text), 304);
    has(tag);
    assert_int_equal(ask(h, "HEAD /" HEAD "\r\n"), 200);
    has_not("<html");
    for (size_t i = 0; i < assets_n; i++) {
        const struct asset *a = &assets[i];
        snprintf(
            text, sizeof text, "GET %s?v=1" HEAD "Accept-Encoding: gzip, br;q=0\r\n\r\n", a->path);
        assert_int_equal(ask(h, text), 200);
        has(a->immutable ? "immutable\r\n" : "Cache-Control: no-cache\r\n");
        (a->body[CODING_GZIP].p ? has : has_not)("Content-Encoding: gzip\r\n");
        has("Vary: Accept-Encoding\r\n");
    }
    /* a client-side route is the page only for a browser that navigates */
    assert_int_equal(ask(h, "GET /ledger/12" HEAD "Sec-Fetch-Mode: navigate\r\n\r\n"), 200);
    has("text/html");
    assert_int_equal(ask(h, "GET /ledger/12" HEAD "Accept: text/html\r\n\r\n"), 200);
    assert_int_equal(ask(h, "GET /ledger/12" HEAD "\r\n"), 404);
    assert_int_equal(ask(h, "GET /gone.js" HEAD "Accept: text/html\r\n\r\n"), 404);
    assert_int_equal(
        ask(h, "GET /ledger" HEAD "Sec-Fetch-Mode: cors\r\nAccept: text/html\r\n\r\n"), 404);
    if (asset_find(S("/m/"))) {
        assert_int_equal(ask(h, "GET /m" HEAD "\r\n"), 308);
        has("Location: /m/\r\n");
    }
    assert_int_equal(ask(h, "DELETE /" HEAD "\r\n"), 405);
    has("Allow: GET, HEAD\r\n");
    http_stop(h);
}

static void test_health_and_metrics(void **state)
{
    (void)state;
    struct http *h = start((struct http_options){0});
    assert_int_equal(ask(h, "GET /healthz" HEAD "\r\n"), 200);
    has("{\"status\":\"ok\"}");
    db_broken = 1;
    assert_int_equal(ask(h, "GET /healthz" HEAD "\r\n"), 503);
    db_broken = 0;
    for (int i = 0; i < 3; i++)
        ask(h, "GET /api/v1/things/1" HEAD AUTH "\r\n");
    ask(h, "GET /api/v1/things/1" HEAD "\r\n");
    assert_int_equal(ask(h, "GET /metrics" HEAD "\r\n"), 200);
    has("zhian_requests_total{op=\"thing_show\",status=\"200\"} 3\n");
    has("zhian_requests_total{op=\"thing_show\",status=\"401\"} 1\n");
    has("zhian_requests_total{op=\"healthz\",status=\"503\"} 1\n");
    has("zhian_request_seconds_bucket{op=\"thing_show\",le=\"+Inf\"} 4\n");
    has("zhian_request_seconds_count{op=\"thing_show\"} 4\n");
    has("zhian_writer_jobs_total 7\n");
    has("zhian_uptime_seconds 5\n");
    has("zhian_connections ");
    http_stop(h);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "%s/photo", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/tmp", dir);
    rmdir(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_path_tricks),
        cmocka_unit_test(test_json_bodies),
        cmocka_unit_test(test_origin),
        cmocka_unit_test(test_session_cookie),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_upload),
        cmocka_unit_test(test_upload_stays_out),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_security_headers),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_health_and_metrics),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
