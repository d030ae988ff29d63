/* The web door put together: options, the server's calls, per-thread readers, start and stop. */
#include "http/door.h"

#include <stdio.h>

#include "core/standby.h"
#include "http/spool.h"

enum { UPLOAD_MAX = 64 << 20, BODY_MAX = 1 << 20, GRACE_MS = 15000 };

/* --- readers: query-only connections of each door thread ----------------------------------------
 */

struct reader {
    struct reader *next;
    struct http_readers conns;
    struct db_conn *lagging; /* to the standby; opened when it is first asked */
};

static _Thread_local struct {
    const struct http *of;
    struct reader *reader;
} mine;

static bool reader_open(struct http *h, struct reader *r)
{
    if (db_connect(h->o.app->db, DB_STREAM, &r->conns.who))
        return false;
    if (db_connect(h->o.app->db, DB_READ, &r->conns.what) == OK)
        return true;
    db_disconnect(r->conns.who);
    return false;
}

const struct http_readers *http_readers(struct http *h)
{
    if (mine.of == h)
        return &mine.reader->conns;
    struct reader *r = mem_alloc(sizeof *r);
    if (!r || !reader_open(h, r)) {
        mem_free(r);
        return NULL;
    }
    pthread_mutex_lock(&h->lock);
    r->next = h->readers;
    h->readers = r;
    pthread_mutex_unlock(&h->lock);
    mine.of = h;
    mine.reader = r;
    return &r->conns;
}

struct db_conn *http_lagging(struct http *h)
{
    struct db *db = standby_store(h->o.app->standby);
    if (!db || !http_readers(h))
        return NULL;
    struct reader *r = mine.reader;
    if (!r->lagging && db_connect(db, DB_READ, &r->lagging) != OK)
        standby_failed(h->o.app->standby);
    return r->lagging;
}

/* After the door threads have ended. */
static void close_readers(struct http *h)
{
    while (h->readers) {
        struct reader *r = h->readers;
        h->readers = r->next;
        db_disconnect(r->conns.who);
        db_disconnect(r->conns.what);
        if (r->lagging)
            db_disconnect(r->lagging);
        mem_free(r);
    }
}

/* --- counting and logging
 * -------------------------------------------------------------------------- */

void http_count(
    struct http *h, const struct exchange *x, const struct op *op, enum other other, int status)
{
    metrics_count(h->metrics, op, other, status, server_now_us() - x->began);
}

void http_log(struct http *h, const char *op, struct str rid, int status, enum err e)
{
    char line[200];
    snprintf(line, sizeof line, "error op=%s status=%d err=%s rid=%.*s", op, status, err_name(e),
        STR_ARG(rid));
    if (h->o.log)
        h->o.log(line);
    else
        fprintf(stderr, "%s\n", line);
}

/* --- the server's calls
 * ---------------------------------------------------------------------------- */

static bool is_api(const struct exchange *x)
{
    return str_starts(x->target, S("/api/")) || str_eq(x->target, S("/api"));
}

static void head(void *arg, struct exchange *x)
{
    struct http *h = arg;
    bool page = !is_api(x);
    bool reads = str_eq(x->method, S("GET")) || str_eq(x->method, S("HEAD"));
    if (page && reads && x->body_len == 0)
        return;
    struct visit *v = visit_new(h, x);
    if (!v)
        server_cut(x);
    else if (!page)
        visit_head(v);
    else
        visit_refuse(v, reads ? ERR_BAD_REQUEST : ERR_METHOD, NULL);
}

static void body(void *arg, struct exchange *x, struct str part)
{
    (void)arg;
    if (x->user)
        visit_body(x->user, part);
}

static void ready(void *arg, struct exchange *x)
{
    if (x->user)
        visit_ready(x->user);
    else
        pages_ready(arg, x);
}

static void woken(void *arg, struct exchange *x)
{
    (void)arg;
    visit_woken(x->user);
}

static void end(void *arg, struct exchange *x)
{
    (void)arg;
    if (x->user)
        visit_free(x->user);
}

static void malformed(void *arg, struct exchange *x, int status)
{
    struct visit *v = visit_new(arg, x);
    enum err e = status == 414 ? ERR_TARGET : status == 431 ? ERR_HEAD : ERR_BAD_REQUEST;
    if (v)
        visit_fail(v, e, status, e == ERR_BAD_REQUEST ? "请求头格式不对" : NULL);
    else
        server_cut(x);
}

/* --- start and stop ------------------------------------------------------------------------------
 */

static void make_refusal(struct http *h)
{
    struct buf text;
    struct outgoing o;
    buf_init(&text, 2000);
    call_error(ERR_BUSY, "当前连接太多，请稍后再试", STR_NULL, &text);
    out_init(&o, &h->security, OUT_PAGE);
    out_add(&o, "Content-Type", "application/problem+json");
    out_add(&o, "Cache-Control", "no-store");
    out_add(&o, "Retry-After", "5");
    out_add(&o, "Connection", "close");
    buf_addz(&h->refusal, "HTTP/1.1 503 Service Unavailable\r\n");
    for (size_t i = 0; i < o.n; i++)
        buf_fmt(&h->refusal, "%s: %s\r\n", o.h[i].name.p, o.h[i].value.p);
    buf_fmt(&h->refusal, "Content-Length: %zu\r\n\r\n", text.n);
    buf_add(&h->refusal, buf_str(&text));
    buf_free(&text);
}

/* What the HTTP library answers by itself when it cannot read a head. */
static void make_fault(struct http *h)
{
    call_error(ERR_BAD_REQUEST, "请求头格式不对或太长", STR_NULL, &h->fault);
    out_init(&h->fault_head, &h->security, OUT_PAGE);
    out_add(&h->fault_head, "Content-Type", "application/problem+json");
    out_add(&h->fault_head, "Cache-Control", "no-store");
}

static enum err start_server(struct http *h)
{
    const struct http_options *o = &h->o;
    struct server_options s = {
        .listen = o->listen,
        .tls_cert = o->tls_cert,
        .tls_key = o->tls_key,
        .threads = o->threads,
        .max_connections = o->max_connections,
        .idle_ms = o->idle_ms,
        .header_ms = o->header_ms,
        .read_ms = o->read_ms,
        .slow_rate = o->slow_rate,
        .tick_ms = o->tick_ms,
        .calls = {head, body, ready, woken, end, malformed},
        .arg = h,
        .refusal = buf_str(&h->refusal),
        .fault_headers = h->fault_head.h,
        .fault_headers_n = h->fault_head.n,
        .fault_body = buf_str(&h->fault),
        .why = o->why,
        .why_size = o->why_size,
    };
    return server_start(&s, &h->server);
}

static enum err explain(const struct http *h, enum err e, const char *text)
{
    if (e && h->o.why && h->o.why_size)
        snprintf(h->o.why, h->o.why_size, "%s", text);
    return e;
}

static enum err prepare(struct http *h)
{
    const struct http_options *o = &h->o;
    /* a configured proxy speaks TLS to the browsers: see also the name of the cookie */
    enum err e = security_init(&h->security, o->tls_cert || o->proxy, o->frame_ancestors);
    if (e)
        return explain(h, e, "允许嵌入本页面的网址写法不对");
    e = explain(h, spool_clean(o->app->dir, db_is_shared(o->app->db)),
        "数据目录下的 tmp 目录无法使用，请检查权限和磁盘空间");
    if (e)
        return e;
    buf_init(&h->refusal, 4000);
    buf_init(&h->fault, 2000);
    make_refusal(h);
    make_fault(h);
    h->metrics = metrics_new(&o->app->ops);
    bool good = h->metrics && !h->refusal.err && !h->fault.err;
    return good ? pages_start(h) : ERR_NOMEM;
}

static void release(struct http *h)
{
    pages_stop(h);
    close_readers(h);
    metrics_free(h->metrics);
    buf_free(&h->refusal);
    buf_free(&h->fault);
    pthread_mutex_destroy(&h->lock);
    mem_free(h);
}

static void fill_defaults(struct http_options *o)
{
    if (!o->upload_max)
        o->upload_max = UPLOAD_MAX;
    if (!o->body_max)
        o->body_max = BODY_MAX;
}

enum err http_start(const struct http_options *o, struct http **ret)
{
    struct http *h = mem_alloc(sizeof *h);
    if (!h)
        return ERR_NOMEM;
    h->o = *o;
    fill_defaults(&h->o);
    h->cookie = o->tls_cert || o->proxy ? "__Host-zhian" : "zhian";
    pthread_mutex_init(&h->lock, NULL);
    enum err e = prepare(h);
    if (!e)
        e = start_server(h);
    if (e) {
        release(h);
        return e;
    }
    snprintf(h->url, sizeof h->url, "%s://%s/", o->tls_cert ? "https" : "http", http_address(h));
    *ret = h;
    return OK;
}

const char *http_address(const struct http *h)
{
    return server_address(h->server);
}

int http_port(const struct http *h)
{
    return server_port(h->server);
}

const char *http_url(const struct http *h)
{
    return h->url;
}

void http_stop(struct http *h)
{
    server_stop(h->server, GRACE_MS);
    release(h);
}
