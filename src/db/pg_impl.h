/* Inside the PostgreSQL back end only: what postgres.c, pg_pipe.c and pg_value.c share. */
#ifndef ZHIAN_DB_PG_IMPL_H
#define ZHIAN_DB_PG_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "db/backend.h"
#include "db/pq.h"

enum { NAME_MAX_ = 24, NUMBER_MAX = 24, PARAMS_MAX = 200 };

struct vconn {
    const struct pq *pq;
    PGconn *h;
    enum db_mode mode;
    int64_t session; /* counts sessions: statements of an earlier one are prepared anew */
    int64_t names;
    int64_t changes;
    bool pipe;          /* commands are sent without waiting: pg_pipe.c */
    int waiting;        /* of them, without an answer yet */
    enum err late;      /* what one of them met */
    struct vstmt *live; /* the statement whose rows are on the way */
    _Atomic int64_t deadline;
    pthread_mutex_t lock; /* cancel */
    PGcancel *cancel;
    char message[512];
};

struct param {
    const char *p; /* NULL: SQL NULL */
    int n;
    bool binary;
    char number[NUMBER_MAX];
};

struct vstmt {
    struct vconn *v;
    char name[NAME_MAX_];
    char *sql;
    int64_t session; /* prepared in this session; 0: never */
    int nparams;
    PGresult *shape; /* its columns, when asked for before the first row */
    PGresult *row;   /* the current one */
    PGresult **kept; /* rows taken into memory: kept[at..n) */
    size_t at, n, size;
    bool started, ended;
    enum err late;      /* met while rows were taken into memory */
    struct arena bytes; /* decoded bytes of the current row */
    struct param params[];
};

/* The error of a result; keeps the message for the log. Does not clear the result. */
enum err pg_err_of(struct vconn *v, const PGresult *r);
/* The error of a connection that gave no result. */
enum err pg_lost(struct vconn *v);
/* Sends a prepared statement with what is bound to it. */
bool pg_send(struct vstmt *s);

/* --- pg_pipe.c -------------------------------------------------------------------------------- */

/* pipe_can: within a write transaction, with a client library that knows pipelines. */
bool pipe_can(struct vconn *v);
/* pipe_text, pipe_stmt: send without waiting. What earlier commands met may come back here. */
MUST_CHECK enum err pipe_text(struct vconn *v, const char *sql);
MUST_CHECK enum err pipe_stmt(struct vstmt *s);
/* pipe_ask: sends a statement whose rows are wanted, and takes the answers of those before it. */
MUST_CHECK enum err pipe_ask(struct vstmt *s);
/* pipe_end: after the last row of the statement asked. */
enum err pipe_end(struct vconn *v);
/* pipe_settle: waits for every answer; the first failure since the last pipe_forget. */
enum err pipe_settle(struct vconn *v);
void pipe_forget(struct vconn *v);

/* --- pg_value.c: the values of a row ------------------------------------------------------------
 */

bool pg_get_null(struct vstmt *s, int col);
int64_t pg_get_int(struct vstmt *s, int col);
struct str pg_get_str(struct vstmt *s, int col);
struct str pg_get_blob(struct vstmt *s, int col);

#endif
