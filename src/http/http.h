/* The web door: operations under /api/v1, the web UI, /healthz and /metrics, over HTTP/1.1. */
#ifndef ZHIAN_HTTP_HTTP_H
#define ZHIAN_HTTP_HTTP_H

#include "core/app.h"

struct http;

struct http_options {
    struct app *app;
    const char *listen;             /* "127.0.0.1:8080", "[::]:8080"; port 0 = a free one */
    const char *tls_cert, *tls_key; /* PEM files: HTTPS, TLS 1.2 and later; NULL: plain HTTP */
    /* address of the proxy whose X-Forwarded-For is believed; it speaks TLS to the browsers, so
     * cookies are Secure and HSTS is sent. NULL: none */
    const char *proxy;
    const char *frame_ancestors; /* origins that may frame the pages; NULL: none */
    int max_connections;         /* 0: 10,000; one more is answered 503 */
    int threads;                 /* 0: one per core */
    int64_t upload_max;          /* bytes of one upload; 0: 64 MiB */
    int64_t body_max;            /* bytes of a JSON body; 0: 1 MiB */
    int64_t idle_ms, header_ms, read_ms, slow_rate, tick_ms; /* see http/conns.h; 0: defaults */
    /* log gets one line for every answer of 500 and above; NULL: standard error */
    void (*log)(const char *line);
    char *why; /* a Chinese sentence on failure */
    size_t why_size;
};

/* http_start serves from now on. ERR_INVALID: an option is unusable; ERR_IO: cannot bind, or
 * DIR/tmp cannot be made; ERR_NOMEM. */
MUST_CHECK enum err http_start(const struct http_options *o, struct http **ret);

/* http_address: "127.0.0.1:8080" with the real port; http_url the same as a link. */
const char *http_address(const struct http *h);
int http_port(const struct http *h);
const char *http_url(const struct http *h);

/* http_stop stops accepting, finishes what runs and frees everything. Before app_close. */
void http_stop(struct http *h);

#endif
