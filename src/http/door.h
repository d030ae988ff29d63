/* What the files of the web door share. Not for other folders: use http/http.h. */
#ifndef ZHIAN_HTTP_DOOR_H
#define ZHIAN_HTTP_DOOR_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/mem.h"
#include "http/assets.h"
#include "http/http.h"
#include "http/metrics.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

struct reader;
struct visit;

struct http {
    struct http_options o;
    struct server *server;
    struct metrics *metrics;
    struct security security;
    struct canned **canned; /* assets_n × CODINGS × {200, 304} */
    struct canned *unbuilt; /* the page shown when the UI is not in this build */
    struct canned *to_phone;
    pthread_mutex_t lock;
    struct reader *readers;
    _Atomic int uploads;
    struct buf refusal, fault; /* whole answer for one connection too many; body for bad heads */
    struct outgoing fault_head;
    const char *cookie; /* name of the session cookie */
    char url[120];
};

/* The query-only connections of a door thread. After each commit a mapped store is mapped anew,
 * page by page, which would cost a stream of writes more than the few rows that say who writes. */
struct http_readers {
    struct db_conn *who;  /* sessions, and what is checked before a write: not mapped */
    struct db_conn *what; /* answers */
};

/* http_lagging: this thread's connection to the standby, while one may be asked; else NULL. */
struct db_conn *http_lagging(struct http *h);

/* http_readers: those of this thread; NULL when they cannot be opened. */
const struct http_readers *http_readers(struct http *h);

/* http_count counts an answered exchange. */
void http_count(
    struct http *h, const struct exchange *x, const struct op *op, enum other other, int status);

void http_log(struct http *h, const char *op, struct str rid, int status, enum err e);

/* --- pages.c: the UI, health and metrics ---------------------------------------------------------
 */
MUST_CHECK enum err pages_start(struct http *h);
void pages_stop(struct http *h);
void pages_ready(struct http *h, struct exchange *x);

/* --- visit.c: one request with a memory of its own ----------------------------------------------
 */
struct visit *visit_new(struct http *h, struct exchange *x); /* becomes x->user; NULL: no memory */
void visit_free(struct visit *v);
void visit_head(struct visit *v);
void visit_body(struct visit *v, struct str part);
void visit_ready(struct visit *v);
void visit_woken(struct visit *v);

/* visit_fail answers with a problem now; status 0 takes the error's. */
void visit_fail(struct visit *v, enum err e, int status, const char *message);

/* visit_refuse remembers an error to answer once the body is read. */
void visit_refuse(struct visit *v, enum err e, const char *message);

/* visit_text answers 200 (or another status) with text written into visit_out. */
struct buf *visit_out(struct visit *v);
struct arena *visit_arena(struct visit *v);
void visit_text(struct visit *v, enum other other, int status, const char *type);

#endif
