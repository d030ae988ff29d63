/* One request of the API, or one that ends in a problem: from its head to the answer of the core's
 * runner. A refusal found at the head (no such path, foreign origin, too big …) is answered once
 * the body is read and thrown away, because closing on a client that still sends would lose the
 * answer; only a body that is too long to be read is cut off. */
#include "http/door.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "core/standby.h"
#include "http/receive.h"

enum {
    VISIT_MEMORY = 256 * 1024,
    OUT_MAX = 4 << 20,
    UPLOADS_MAX = 64, /* at one time */
    QUICK_MS = 30000,
    LONG_MS = 600000,
};

struct visit {
    struct http *h;
    struct exchange *x;
    struct arena a;
    const struct op *op;
    struct str vals[OP_PATH_MAX];
    struct target target;
    struct str token;
    bool token_is_cookie;
    enum err err; /* refusal */
    const char *message;
    struct call *call;
    bool answered; /* the call has its answer already: an upload refused before its body came */
    struct buf body, out;
    int64_t limit;
    bool receiving;
    struct receiver receiver;
    struct outgoing head;
};

struct visit *visit_new(struct http *h, struct exchange *x)
{
    struct visit *v = mem_alloc(sizeof *v);
    if (!v)
        return NULL;
    v->h = h;
    v->x = x;
    v->receiver.spool.fd = -1;
    arena_init(&v->a, VISIT_MEMORY);
    buf_init(&v->body, (size_t)h->o.body_max);
    buf_init(&v->out, OUT_MAX);
    v->limit = h->o.body_max;
    x->user = v;
    return v;
}

void visit_free(struct visit *v)
{
    call_free(v->call);
    if (v->receiving) {
        receive_drop(&v->receiver);
        atomic_fetch_sub(&v->h->uploads, 1);
    }
    buf_free(&v->body);
    buf_free(&v->out);
    arena_free(&v->a);
    mem_free(v);
}

struct buf *visit_out(struct visit *v)
{
    return &v->out;
}

struct arena *visit_arena(struct visit *v)
{
    return &v->a;
}

/* --- answers -------------------------------------------------------------------------------------
 */

static void send_out(struct visit *v, int status, struct str body)
{
    server_reply(v->x, &(struct reply){status, v->head.h, v->head.n, body, -1, 0});
}

void visit_text(struct visit *v, enum other other, int status, const char *type)
{
    out_init(&v->head, &v->h->security, OUT_PAGE);
    out_add(&v->head, "Content-Type", type);
    out_add(&v->head, "Cache-Control", "no-store");
    http_count(v->h, v->x, v->op, other, status);
    send_out(v, status, buf_str(&v->out));
}

static const char *allowed(struct visit *v)
{
    struct buf b;
    const struct op *op;
    struct str vals[OP_PATH_MAX];
    buf_init(&b, 100);
    for (int m = GET; m <= DELETE; m++)
        if (v->target.path.p &&
            !op_route(&v->h->o.app->ops, (enum method)m, v->target.path, &op, vals))
            buf_fmt(&b, "%s%s", b.n ? ", " : "", method_name((enum method)m));
    const char *text = arena_str(&v->a, b.n ? buf_str(&b) : S("GET, HEAD")).p;
    buf_free(&b);
    return text;
}

void visit_fail(struct visit *v, enum err e, int status, const char *message)
{
    char rid[13] = {0};
    rand_token(rid, 12);
    int own = call_error(e, message, str_z(rid), &v->out);
    status = status ? status : own;
    out_init(&v->head, &v->h->security, OUT_PAGE);
    out_add(&v->head, "Content-Type", "application/problem+json");
    out_add(&v->head, "Cache-Control", "no-store");
    out_add(&v->head, "X-Request-Id", arena_str(&v->a, str_z(rid)).p);
    if (e == ERR_METHOD)
        out_add(&v->head, "Allow", allowed(v));
    if (e == ERR_BUSY || e == ERR_NOMEM)
        out_add(&v->head, "Retry-After", "2");
    http_count(v->h, v->x, v->op, OTHER_NONE, status);
    if (status >= 500)
        http_log(v->h, v->op ? v->op->name : "none", str_z(rid), status, e);
    send_out(v, status, buf_str(&v->out));
}

static void add_str(struct visit *v, const char *name, struct str value)
{
    if (value.n)
        out_add(&v->head, name, arena_str(&v->a, value).p);
}

static void call_head(struct visit *v, const struct answer *r)
{
    bool file = r->file_path.p || r->file_name.p;
    out_init(&v->head, &v->h->security, file ? OUT_FILE : OUT_PAGE);
    out_add(&v->head, "Content-Type", r->type);
    out_add(&v->head, "Cache-Control", "no-store");
    add_str(v, "X-Request-Id", r->rid);
    add_str(v, "ETag", r->etag);
    add_str(v, "Location", r->location);
    if (r->retry_after > 0)
        out_add(&v->head, "Retry-After", arena_fmt(&v->a, "%lld", (long long)r->retry_after).p);
    bool secure = v->h->cookie[0] == '_'; /* what the __Host- prefix asks for */
    if (r->cookie.p)
        out_add(&v->head, "Set-Cookie", cookie_make(&v->a, v->h->cookie, r->cookie, secure));
    if (v->h->o.app->standby && v->token_is_cookie && v->op && v->op->method != GET)
        out_add(&v->head, "Set-Cookie", wrote_make(&v->a, secure));
    if (r->file_name.n)
        out_add(&v->head, "Content-Disposition", attachment_make(&v->a, r->file_name));
}

static void send_file(struct visit *v, const struct answer *r)
{
    const char *path = arena_str(&v->a, r->file_path).p;
    struct stat st = {0};
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd >= 0 && r->file_delete)
        unlink(path);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        visit_fail(v, ERR_IO, 0, NULL);
        return;
    }
    http_count(v->h, v->x, v->op, OTHER_NONE, r->status);
    server_reply(
        v->x, &(struct reply){r->status, v->head.h, v->head.n, STR_NULL, fd, (int64_t)st.st_size});
}

static void send_call(struct visit *v)
{
    const struct answer *r = call_answer(v->call);
    call_head(v, r);
    if (v->a.failed) {
        visit_fail(v, ERR_NOMEM, 0, NULL);
        return;
    }
    if (r->status >= 500)
        http_log(v->h, r->op_name, r->rid, r->status, r->err);
    if (r->file_path.p) {
        send_file(v, r);
        return;
    }
    http_count(v->h, v->x, v->op, OTHER_NONE, r->status);
    send_out(v, r->status, r->body);
}

/* --- the head ------------------------------------------------------------------------------------
 */

void visit_refuse(struct visit *v, enum err e, const char *message)
{
    if (v->err)
        return;
    v->err = e;
    v->message = message;
}

static void route(struct visit *v)
{
    struct exchange *x = v->x;
    enum method m;
    enum err e = target_parse(&v->a, x->target, &v->target);
    if (e) {
        visit_refuse(v, e, "网址格式不对");
        return;
    }
    e = method_parse(x->method, &m)
            ? op_route(&v->h->o.app->ops, m, v->target.path, &v->op, v->vals)
            : ERR_METHOD;
    if (e)
        visit_refuse(v, e, NULL);
    else if (m != GET && !origin_good(x))
        visit_refuse(v, ERR_CSRF, "请求来自其他网站，已拒绝");
}

/* The address the client wrote, when it is one: letters, digits, dots, a port, brackets. */
static struct str base_of(struct visit *v)
{
    struct str host = header_get(v->x, "Host");
    bool secure = v->h->cookie[0] == '_';
    for (size_t i = 0; i < host.n; i++) {
        unsigned char ch = (unsigned char)host.p[i];
        bool name = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z');
        if (!name && !(ch && strchr(".:-[]", ch)))
            return STR_NULL;
    }
    if (host.n == 0 || host.n > 255)
        return STR_NULL;
    return arena_fmt(&v->a, "%s://%.*s", secure ? "https" : "http", STR_ARG(host));
}

static struct request request_of(struct visit *v)
{
    struct exchange *x = v->x;
    struct str match = header_get(x, "If-Match");
    if (match.n >= 2 && match.p[0] == '"' && match.p[match.n - 1] == '"')
        match = str_sub(match, 1, match.n - 2);
    bool slow = v->op->flags & (OP_SLOW | OP_FILE | OP_UPLOAD);
    struct request r = {
        .op = v->op,
        .query = v->target.query,
        .query_n = v->target.query_n,
        .token = v->token,
        .token_is_cookie = v->token_is_cookie,
        .csrf = header_get(x, "X-CSRF"),
        .if_match = match,
        .idem_key = header_get(x, "Idempotency-Key"),
        .ip = client_ip(x, v->h->o.proxy),
        .agent = header_get(x, "User-Agent"),
        .base = base_of(v),
        .source = v->token_is_cookie ? SRC_WEB : SRC_API,
        .deadline = x->began / 1000 + (slow ? LONG_MS : QUICK_MS),
    };
    if (!utf8_valid(r.agent))
        r.agent = STR_NULL;
    memcpy(r.path_vals, v->vals, sizeof r.path_vals);
    return r;
}

static bool about_access(enum err e)
{
    return e == ERR_UNAUTHENTICATED || e == ERR_CREDENTIALS || e == ERR_CSRF ||
           e == ERR_FORBIDDEN || e == ERR_THROTTLED || e == ERR_LOCKED;
}

/* May this client send a file here at all? Asked before a byte of it is stored. */
static void check_access(struct visit *v)
{
    const struct http_readers *readers = http_readers(v->h);
    struct request r = request_of(v);
    struct call *k = readers ? call_new(v->h->o.app, &r) : NULL;
    if (!k) {
        visit_refuse(v, ERR_BUSY, NULL);
        return;
    }
    enum lane lane = call_prepare(k, readers->who);
    if (lane == LANE_DONE && about_access(call_answer(k)->err)) {
        v->call = k;
        v->answered = true;
        visit_refuse(v, call_answer(k)->err, NULL);
        return;
    }
    call_free(k);
}

static void begin_upload(struct visit *v)
{
    struct http *h = v->h;
    v->limit = h->o.upload_max + FIELD_MAX;
    check_access(v);
    if (v->err)
        return;
    if (atomic_fetch_add(&h->uploads, 1) >= UPLOADS_MAX) {
        atomic_fetch_sub(&h->uploads, 1);
        visit_refuse(v, ERR_BUSY, "同时上传的文件太多，请稍后再试");
        return;
    }
    v->receiving = true;
    enum err e = receive_begin(&v->receiver, v->x, &v->a, h->o.app->dir, h->o.upload_max);
    if (e)
        visit_refuse(v, e, v->receiver.message);
}

static void expect_json(struct visit *v)
{
    struct str type = header_get(v->x, "Content-Type");
    if (v->x->body_len != 0 && v->op->method != GET && !media_is(type, "application/json"))
        visit_refuse(v, ERR_UNSUPPORTED, "请求内容应为 application/json");
}

static const char *size_text(struct visit *v)
{
    if (!v->op || !(v->op->flags & OP_UPLOAD))
        return NULL;
    return arena_fmt(&v->a, "文件太大，一个文件不能超过 %lld MB，请减小或拆分后再上传",
        (long long)(v->h->o.upload_max >> 20))
        .p;
}

/* A client that asks before it sends is told at once; another one sends on whatever we say. */
static bool asks_first(const struct visit *v)
{
    return header_get(v->x, "Expect").p != NULL && v->x->body_len != 0;
}

static void answer_refusal(struct visit *v)
{
    if (v->answered)
        send_call(v);
    else
        visit_fail(v, v->err, 0, v->message);
}

void visit_head(struct visit *v)
{
    v->token = token_get(v->x, v->h->cookie, &v->token_is_cookie);
    route(v);
    if (!v->err && v->op->flags & OP_UPLOAD)
        begin_upload(v);
    else if (!v->err)
        expect_json(v);
    if (v->x->body_len > v->limit)
        visit_refuse(v, ERR_TOO_LARGE, size_text(v));
    if (v->err && asks_first(v))
        answer_refusal(v);
}

/* --- the body
 * -------------------------------------------------------------------------------------- */

void visit_body(struct visit *v, struct str part)
{
    if (v->err || !v->op) {
        server_discard(v->x);
        return;
    }
    enum err e = OK;
    if (v->receiving) {
        e = receive_add(&v->receiver, part);
        if (e == ERR_TOO_LARGE && !v->receiver.message)
            v->receiver.message = size_text(v);
    } else if (v->op->method != GET) {
        buf_add(&v->body, part);
        e = v->body.err;
    }
    if (e)
        visit_refuse(v, e, v->receiving ? v->receiver.message : NULL);
    if (e && v->receiving)
        http_spool_drop(&v->receiver.spool);
}

static enum err add_fields(struct visit *v)
{
    size_t n = v->target.query_n + v->receiver.pairs_n;
    struct pair *all = arena_new(&v->a, struct pair, n + 1);
    if (!all)
        return ERR_NOMEM;
    if (v->target.query_n)
        memcpy(all, v->target.query, v->target.query_n * sizeof *all);
    if (v->receiver.pairs_n)
        memcpy(all + v->target.query_n, v->receiver.pairs, v->receiver.pairs_n * sizeof *all);
    v->target.query = all;
    v->target.query_n = n;
    return OK;
}

static enum err finish_body(struct visit *v, struct upload *file)
{
    if (v->receiving) {
        enum err e = receive_end(&v->receiver, file);
        v->message = e ? v->receiver.message : NULL;
        return e ? e : add_fields(v);
    }
    struct str body = buf_str(&v->body);
    if (utf8_valid(body) && !memchr(body.p, 0, body.n))
        return OK;
    v->message = "请求内容不是有效的 UTF-8 文本";
    return ERR_BAD_REQUEST;
}

/* --- the call ------------------------------------------------------------------------------------
 */

static void done(void *arg)
{
    struct visit *v = arg;
    server_wake(v->x);
}

/* Answers of a few seconds ago will do, and not for somebody who has just written: browsers say so
 * by a cookie; other clients are not known well enough. */
static bool may_lag(const struct visit *v)
{
    return v->op->flags & OP_LAG && v->token_is_cookie &&
           !cookie_get(header_get(v->x, "Cookie"), WROTE_COOKIE).n;
}

static enum lane prepare(
    struct visit *v, const struct http_readers *readers, const struct request *r)
{
    v->call = readers ? call_new(v->h->o.app, r) : NULL;
    if (v->call)
        return call_prepare(v->call, readers->who);
    visit_fail(v, ERR_BUSY, 0, NULL);
    return LANE_DONE;
}

/* Asks the standby; false when it has no answer, and the call is to be made anew. */
static bool read_lagging(struct visit *v)
{
    struct db_conn *conn = may_lag(v) ? http_lagging(v->h) : NULL;
    if (!conn)
        return false;
    call_read(v->call, conn);
    if (err_status(call_answer(v->call)->err) < 500)
        return true;
    standby_failed(v->h->o.app->standby);
    call_free(v->call);
    v->call = NULL;
    return false;
}

static void start(struct visit *v, const struct upload *file)
{
    const struct http_readers *readers = http_readers(v->h);
    struct request r = request_of(v);
    r.body = v->body.n ? buf_str(&v->body) : STR_NULL;
    r.file = *file;
    enum lane lane = prepare(v, readers, &r);
    if (lane == LANE_READ && !read_lagging(v)) {
        if (!v->call)
            lane = prepare(v, readers, &r);
        if (lane == LANE_READ)
            call_read(v->call, readers->what);
    }
    if (!v->call)
        return;
    if (lane == LANE_WRITE || lane == LANE_SLOW) {
        server_wait(v->x);
        call_start(v->call, done, v);
        return;
    }
    send_call(v);
}

void visit_ready(struct visit *v)
{
    struct upload file = {STR_NULL, STR_NULL, 0};
    if (!v->err)
        v->err = finish_body(v, &file);
    if (v->err)
        answer_refusal(v);
    else
        start(v, &file);
}

void visit_woken(struct visit *v)
{
    send_call(v);
}
