/* A small HTTP/1.1 server: the seam between the program and the HTTP library. It knows requests,
 * answers, limits and deadlines, and nothing of what they are about; another library needs another
 * server.c and nothing else.
 *
 * One request is one exchange. Its calls come on a door thread, in this order:
 *
 *   head   the head is there. x->user is free for use. May reply already, which refuses the body
 * and closes the connection afterwards; else the body is read. body   a piece of the body, any
 * number of times ready  all is there: reply now, or server_wait() first and server_wake() later
 * from any thread woken  after server_wake: reply now end    the answer is out or the connection is
 * gone: release x->user
 *
 * `malformed` replaces all of them but `end` when the head breaks the rules of framing (two
 * Content-Lengths, a bare LF, NUL …): reply with the status given; the connection then closes. */
#ifndef ZHIAN_HTTP_SERVER_H
#define ZHIAN_HTTP_SERVER_H

#include "base/err.h"
#include "base/str.h"

struct server;
struct canned; /* a prepared answer, for many exchanges at once */

struct header {
    struct str name, value;
};

enum { HEADERS_MAX = 48, REPLY_HEADERS_MAX = 24 };

struct exchange {
    struct str method;
    struct str target; /* as sent, with the query; 1 … server_options.target_max bytes */
    struct header headers[HEADERS_MAX];
    size_t headers_n;
    int64_t body_len; /* declared; 0 none; -1 in chunks, unknown */
    struct str ip;    /* of the peer */
    bool tls;
    int64_t began; /* CLOCK_MONOTONIC µs, when the head was there */
    void *user;
};

struct reply {
    int status;
    const struct header *headers; /* NUL-terminated texts */
    size_t headers_n;
    struct str body; /* must stay valid until `end` (for canned answers: for ever) */
    int fd;          /* >= 0: its first fd_size bytes are sent instead, then it is closed */
    int64_t fd_size;
};

struct server_calls {
    void (*head)(void *arg, struct exchange *x);
    void (*body)(void *arg, struct exchange *x, struct str part);
    void (*ready)(void *arg, struct exchange *x);
    void (*woken)(void *arg, struct exchange *x);
    void (*end)(void *arg, struct exchange *x);
    void (*malformed)(void *arg, struct exchange *x, int status);
};

struct server_options {
    const char *listen;                                      /* "127.0.0.1:8080" */
    const char *tls_cert, *tls_key;                          /* PEM files, or NULL */
    int threads;                                             /* 0: one per core */
    int max_connections;                                     /* 0: 10,000 */
    int64_t idle_ms, header_ms, read_ms, slow_rate, tick_ms; /* see http/conns.h; 0: defaults */
    size_t target_max;                                       /* 0: 4,000 bytes */
    struct server_calls calls;
    void *arg;
    struct str refusal; /* whole answer for a connection past the limit */
    /* what the library answers by itself, for a head it cannot read: headers and body */
    const struct header *fault_headers;
    size_t fault_headers_n;
    struct str fault_body; /* STR_NULL: the library's own text */
    char *why;             /* a Chinese sentence on failure */
    size_t why_size;
};

struct server_stats {
    int64_t open, accepted, refused, cut;
};

/* server_start listens and serves. ERR_INVALID: address, certificate or key unusable; ERR_IO:
 * cannot bind or start; ERR_NOMEM. One server per process serves the library's own faults. */
MUST_CHECK enum err server_start(const struct server_options *o, struct server **ret);

const char *server_address(const struct server *s); /* "127.0.0.1:8080", the real port */
int server_port(const struct server *s);
void server_stats(struct server *s, struct server_stats *ret);

/* server_stop stops accepting, lets what runs finish (at most grace_ms for slow clients; operations
 * that were started are always waited for), then ends. */
void server_stop(struct server *s, int64_t grace_ms);

/* server_reply answers the exchange, once. server_reply_canned the same from a prepared answer. */
void server_reply(struct exchange *x, const struct reply *r);
void server_reply_canned(struct exchange *x, const struct canned *c);

/* canned_make prepares an answer; NULL when out of memory. Free after the server has stopped. */
struct canned *canned_make(const struct reply *r);
void canned_free(struct canned *c);

/* server_discard: the rest of the body is not wanted. It is read and thrown away, for read_ms at
 * most, because closing on a client that still sends would lose the answer that comes after it. */
void server_discard(struct exchange *x);

/* server_cut ends the connection without an answer: a body that does not end. */
void server_cut(struct exchange *x);

/* server_wait: the answer comes later; call before anything that may call server_wake. */
void server_wait(struct exchange *x);
void server_wake(struct exchange *x);

/* server_now_us: the clock of exchange.began. */
int64_t server_now_us(void);

/* header_get: the value of the first header of that name (any case), or STR_NULL. */
struct str header_get(const struct exchange *x, const char *name);

#endif
