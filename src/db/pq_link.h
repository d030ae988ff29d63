/* A connection to PostgreSQL, and everything on it that must end: connecting, waiting for an answer
 * from a server that may be gone, cut off or standing still, and being opened anew. Only for
 * db/postgres.c, which asks and reads through it. */
#ifndef ZHIAN_DB_PQ_LINK_H
#define ZHIAN_DB_PQ_LINK_H

#include <pthread.h>

#include "db/backend.h"
#include "db/pq.h"

struct vstmt;

struct vconn {
    const struct pq *pq;
    PGconn *h;
    char *uri;
    enum db_mode mode;
    bool tx;         /* between BEGIN and its end, whatever became of the connection */
    int64_t look_at; /* on a standby: when to look for the primary again */
    int64_t session; /* counts sessions: statements of an earlier one are prepared anew */
    int64_t names;
    int64_t changes;
    bool pipe;          /* commands are sent without waiting: db/pq_pipe.h */
    int waiting;        /* of them, without an answer yet */
    enum err late;      /* what one of them met */
    struct vstmt *live; /* the statement whose rows are on the way */
    _Atomic int64_t deadline;
    pthread_mutex_t lock; /* cancel */
    PGcancel *cancel;
    char message[512];
};

/* link_open connects: a writer to the server (of several in the address) that takes writes, a
 * reader to that one too, or to another when there is none. On failure *ret may hold the message.
 */
MUST_CHECK enum err link_open(
    const struct pq *pq, const struct db *db, enum db_mode mode, struct vconn **ret);
void link_close(struct vconn *v);

/* link_ready opens a lost connection anew, but not inside a transaction: there everything fails
 * until its end, so that nothing of it is done outside of it. */
MUST_CHECK enum err link_ready(struct vconn *v);

/* link_err: the error of a result, its message kept; link_lost: that of a call without a result.
 * link_gone: e came with the loss of the connection. link_late: past the deadline. */
MUST_CHECK enum err link_err(struct vconn *v, const PGresult *r);
MUST_CHECK enum err link_lost(struct vconn *v);
bool link_gone(const struct vconn *v, enum err e);
bool link_late(struct vconn *v);
bool link_reads(const struct vconn *v);
void link_cancel(struct vconn *v);

/* link_next: the next result of what was sent; a silent server is asked for a sign of life, and one
 * without is given up. link_last: the last one (sent: what sending answered). */
PGresult *link_next(struct vconn *v);
PGresult *link_last(struct vconn *v, int sent);
PGresult *link_ask(struct vconn *v, const char *script);
MUST_CHECK enum err link_run(struct vconn *v, const char *script);

#endif
