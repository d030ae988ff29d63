/* One call of an operation, from a door's request to its answer. The runner does here, in this
 * order and in one place: session, permission, decoding, validation, transaction, idempotency,
 * journal, error mapping. A door only carries bytes.
 *
 *   struct call *k = call_new(app, &req);      copies what it needs of req into the call's arena
 *   enum lane lane = call_prepare(k, conn);    reader connection of this thread
 *   LANE_DONE   the answer is ready (an error, or nothing to do)
 *   LANE_READ   call_read(k, conn) now, on this thread
 *   LANE_WRITE  call_start(k, done, arg): queued; done(arg) comes from another thread after the
 *               commit (suspend the connection BEFORE calling this)
 *   LANE_SLOW   call_start as well: runs on the slow pool
 *   const struct answer *r = call_answer(k);   after read or done
 *   call_free(k);
 */
#ifndef ZHIAN_CORE_CALL_H
#define ZHIAN_CORE_CALL_H

#include "core/op.h"

struct call;

enum lane { LANE_DONE, LANE_READ, LANE_WRITE, LANE_SLOW };

struct pair {
    struct str name, value; /* decoded */
};

/* A request as a door sees it. Views stay valid until call_new returns. */
struct request {
    const struct op *op;
    struct str path_vals[OP_PATH_MAX];
    const struct pair *query;
    size_t query_n;
    struct str body;      /* JSON text; STR_NULL when there is none */
    struct upload file;   /* OP_UPLOAD */
    struct str token;     /* session token from the cookie or Authorization: Bearer */
    bool token_is_cookie; /* a cookie needs the CSRF header on anything but GET */
    struct str csrf;      /* X-CSRF header */
    struct str if_match;  /* If-Match header, quotes stripped */
    struct str idem_key;  /* Idempotency-Key header */
    struct str ip, agent;
    struct str base; /* how the client reached us: "https://host"; STR_NULL = not over the web */
    enum source source;
    int64_t deadline; /* CLOCK_MONOTONIC ms; 0 = none */
};

struct answer {
    int status;
    const char *type; /* media type */
    struct str body;  /* empty when a file is sent */
    struct str etag;
    struct str cookie;
    struct str location;
    struct str file_path, file_name;
    bool file_delete;
    int64_t retry_after;
    const char *op_name; /* for metrics */
    enum err err;
    struct str rid;
};

/* call_new: NULL when out of memory. The console (source SRC_CLI without a token) acts as the
 * account given to call_as. */
struct call *call_new(struct app *app, const struct request *req);

/* call_as lets the command line act as a given actor instead of a session. */
void call_as(struct call *k, const struct actor *who);

enum lane call_prepare(struct call *k, struct db_conn *reader);
void call_read(struct call *k, struct db_conn *reader);

/* call_start queues the call; done is called exactly once, on another thread (or, when the queue
 * is full, on this one before call_start returns). */
void call_start(struct call *k, void (*done)(void *arg), void *arg);

/* call_run does all of it and waits: the command line, tests. */
void call_run(struct call *k, struct db_conn *reader);

const struct answer *call_answer(struct call *k);
void call_free(struct call *k);

/* call_error makes the answer for what never became a call (no route, bad headers): problem+json
 * into b. Returns the status. */
int call_error(enum err e, const char *message, struct str rid, struct buf *b);

/* call_actor: who the call acts as, after call_prepare. */
const struct actor *call_actor(const struct call *k);

#endif
