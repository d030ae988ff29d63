/* What is not the API: the web UI from inside the program, /healthz and /metrics. Every answer
 * about an asset is prepared once at start; serving one costs a lookup. */
#include "http/door.h"

#include <stdio.h>

#include "base/json.h"

static const char unbuilt_page[] =
    "<!doctype html>\n<html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>质安</title>\n"
    "<h1>质安</h1>\n<p>服务已经运行，但这个程序没有包含网页界面。请先运行 <code>./dev "
    "build</code>，"
    "再重新启动服务。</p>\n<p>接口说明：<a "
    "href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a></p>\n";

/* --- prepared answers ----------------------------------------------------------------------------
 */

static size_t slot(const struct asset *a, enum coding c, bool not_modified)
{
    return ((size_t)(a - assets) * CODINGS + (size_t)c) * 2 + not_modified;
}

static struct canned *prepare(struct http *h, const struct asset *a, enum coding c, int status)
{
    struct outgoing o;
    char tag[32];
    asset_etag(a, c, tag);
    out_init(&o, &h->security, OUT_PAGE);
    out_add(&o, "Content-Type", a->type);
    out_add(&o, "ETag", tag);
    out_add(&o, "Vary", "Accept-Encoding");
    out_add(&o, "Cache-Control", a->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    out_add(&o, "Content-Encoding", coding_name(c));
    struct str body = status == 200 ? a->body[c] : S("");
    return canned_make(&(struct reply){status, o.h, o.n, body, -1, 0});
}

static enum err prepare_asset(struct http *h, const struct asset *a)
{
    for (int c = 0; c < CODINGS; c++) {
        if (!a->body[c].p)
            continue;
        struct canned **at = &h->canned[slot(a, (enum coding)c, false)];
        at[0] = prepare(h, a, (enum coding)c, 200);
        at[1] = prepare(h, a, (enum coding)c, 304);
        if (!at[0] || !at[1])
            return ERR_NOMEM;
    }
    return OK;
}

static struct canned *prepare_text(
    struct http *h, int status, const char *name, const char *value, struct str body)
{
    struct outgoing o;
    out_init(&o, &h->security, OUT_PAGE);
    out_add(&o, "Cache-Control", "no-cache");
    out_add(&o, name, value);
    return canned_make(&(struct reply){status, o.h, o.n, body, -1, 0});
}

enum err pages_start(struct http *h)
{
    h->canned = mem_alloc(assets_n * CODINGS * 2 * sizeof(struct canned *));
    h->unbuilt =
        prepare_text(h, 200, "Content-Type", "text/html; charset=utf-8", str_z(unbuilt_page));
    h->to_phone = prepare_text(h, 308, "Location", "/m/", S(""));
    if (!h->canned || !h->unbuilt || !h->to_phone)
        return ERR_NOMEM;
    for (size_t i = 0; i < assets_n; i++) {
        enum err e = prepare_asset(h, &assets[i]);
        if (e)
            return e;
    }
    return OK;
}

void pages_stop(struct http *h)
{
    for (size_t i = 0; h->canned && i < assets_n * CODINGS * 2; i++)
        canned_free(h->canned[i]);
    mem_free(h->canned);
    canned_free(h->unbuilt);
    canned_free(h->to_phone);
}

/* --- serving -----------------------------------------------------------------------------------
 */

static void send_asset(struct http *h, struct exchange *x, const struct asset *a)
{
    char tag[32];
    enum coding c = asset_coding(a, header_get(x, "Accept-Encoding"));
    struct str want = header_get(x, "If-None-Match");
    bool same = want.p && etag_matches(want, (struct str){tag, asset_etag(a, c, tag)});
    http_count(h, x, NULL, OTHER_STATIC, same ? 304 : 200);
    server_reply_canned(x, h->canned[slot(a, c, same)]);
}

static void send_canned(struct http *h, struct exchange *x, const struct canned *c, int status)
{
    http_count(h, x, NULL, OTHER_STATIC, status);
    server_reply_canned(x, c);
}

/* health: a read of the database on this thread's connection. */
static bool healthy(struct http *h)
{
    const struct http_readers *readers = http_readers(h);
    struct q q;
    if (!readers)
        return false;
    q_begin(&q, readers->who, SQL_meta_get);
    q_str(&q, "key", S("health"));
    (void)q_row(&q);
    return q_end(&q) == OK;
}

static void health(struct visit *v, struct http *h)
{
    bool good = healthy(h);
    buf_addz(visit_out(v), good ? "{\"status\":\"ok\"}\n" : "{\"status\":\"failing\"}\n");
    visit_text(v, OTHER_HEALTH, good ? 200 : 503, "application/json");
}

static void write_writer(struct buf *b, struct writer *w)
{
    struct writer_stats s;
    writer_stats(w, &s);
    metric_one(b, "zhian_writer_jobs_total", "counter", "Writes taken by the writer.", s.jobs);
    metric_one(b, "zhian_writer_batches_total", "counter", "Commits of the writer.", s.batches);
    metric_one(b, "zhian_writer_failed_total", "counter", "Writes that were undone.", s.failed);
    metric_one(
        b, "zhian_writer_queue_peak", "gauge", "Longest queue since the start.", s.queue_peak);
}

static void metrics(struct visit *v, struct http *h)
{
    struct buf *b = visit_out(v);
    struct server_stats s;
    server_stats(h->server, &s);
    int64_t up = app_now(h->o.app) - h->o.app->started;
    metric_one(b, "zhian_uptime_seconds", "gauge", "Since the start.", up > 0 ? up / 1000 : 0);
    metric_one(b, "zhian_memory_bytes", "gauge", "Resident memory.", process_memory());
    metric_one(b, "zhian_connections", "gauge", "Open connections.", s.open);
    metric_one(b, "zhian_connections_total", "counter", "Connections that came.", s.accepted);
    metric_one(b, "zhian_connections_refused_total", "counter", "Past the limit.", s.refused);
    metric_one(b, "zhian_connections_cut_total", "counter", "Cut for being too slow.", s.cut);
    metric_one(b, "zhian_uploads", "gauge", "Uploads under way.", atomic_load(&h->uploads));
    if (h->o.app->writer)
        write_writer(b, h->o.app->writer);
    metrics_write(h->metrics, b);
    visit_text(v, OTHER_METRICS, 200, "text/plain; version=0.0.4; charset=utf-8");
}

/* A page load by a browser, not a script or an image that went missing. */
static bool navigates(const struct exchange *x, struct str path)
{
    struct str mode = header_get(x, "Sec-Fetch-Mode");
    struct str rest = path, last = path;
    while (rest.p)
        last = str_cut(rest, '/', &rest);
    if (str_find(last, S(".")) >= 0)
        return false;
    return mode.p ? str_eq(mode, S("navigate"))
                  : str_find(header_get(x, "Accept"), S("text/html")) >= 0;
}

static void serve_path(struct http *h, struct exchange *x, struct visit *v, struct str path)
{
    const struct asset *a = asset_find(path), *page = asset_page(path);
    if (a)
        send_asset(h, x, a);
    else if (str_eq(path, S("/healthz")))
        health(v, h);
    else if (str_eq(path, S("/metrics")))
        metrics(v, h);
    else if (page && str_eq(path, S("/m")))
        send_canned(h, x, h->to_phone, 308);
    else if (page && navigates(x, path))
        send_asset(h, x, page);
    else if (!page && (str_eq(path, S("/")) || str_eq(path, S("/m/"))))
        send_canned(h, x, h->unbuilt, 200);
    else
        visit_fail(v, ERR_NOT_FOUND, 0, "没有这个页面");
}

void pages_ready(struct http *h, struct exchange *x)
{
    struct target t;
    struct str query;
    const struct asset *a = asset_find(str_cut(x->target, '?', &query));
    if (a) {
        send_asset(h, x, a);
        return;
    }
    struct visit *v = visit_new(h, x);
    if (!v) {
        server_cut(x);
        return;
    }
    enum err e = target_parse(visit_arena(v), x->target, &t);
    if (e)
        visit_fail(v, e, 0, "网址格式不对");
    else
        serve_path(h, x, v, t.path);
}
