/* Commands sent without waiting.
 *
 * Method. A round trip costs more than most statements. Within a write transaction, statements
 * whose answer nobody needs at once (q_send), savepoints among them, are put into libpq's pipeline.
 * The next command that must be waited for travels behind them and brings all answers along. After
 * a failure the server passes over everything up to the end of that pipeline; the failure is kept
 * and told by what comes next on the connection, at the latest by the release of the savepoint or
 * the commit, until the transaction goes back behind it. */
#include "db/pg_impl.h"

enum { WAITING_MAX = 1000 }; /* then the answers are taken in between */

bool pipe_can(struct vconn *v)
{
    return v->mode == DB_WRITE && v->pq->PQpipelineSync &&
           (v->pipe || v->pq->PQtransactionStatus(v->h) == PQTRANS_INTRANS);
}

static bool is_up(struct vconn *v)
{
    return v->pq->PQstatus(v->h) == CONNECTION_OK;
}

static void note(struct vconn *v, PGresult *r)
{
    enum err e = pg_err_of(v, r);
    v->late = v->late ? v->late : e;
    v->pq->PQclear(r);
}

/* Opens the pipeline, unless something in it has failed already. */
static enum err pipe_ready(struct vconn *v)
{
    if (v->late == OK && v->waiting >= WAITING_MAX)
        (void)pipe_settle(v);
    if (v->late)
        return v->late;
    if (!v->pipe && !v->pq->PQenterPipelineMode(v->h))
        return pg_lost(v);
    v->pipe = true;
    return OK;
}

static enum err sent(struct vconn *v, bool good)
{
    if (!good)
        return v->late = pg_lost(v);
    v->waiting++;
    return OK;
}

enum err pipe_text(struct vconn *v, const char *sql)
{
    enum err e = pipe_ready(v);
    return e ? e : sent(v, v->pq->PQsendQueryParams(v->h, sql, 0, NULL, NULL, NULL, NULL, 0) == 1);
}

enum err pipe_stmt(struct vstmt *s)
{
    enum err e = pipe_ready(s->v);
    return e ? e : sent(s->v, pg_send(s));
}

/* The answers of what was sent before: each ends with no result. */
static void drain(struct vconn *v)
{
    while (v->waiting > 0 && is_up(v)) {
        PGresult *r = v->pq->PQgetResult(v->h);
        if (r)
            note(v, r);
        else
            v->waiting--;
    }
}

enum err pipe_ask(struct vstmt *s)
{
    struct vconn *v = s->v;
    enum err e = pipe_ready(v);
    if (e)
        return e;
    if (!pg_send(s) || !v->pq->PQpipelineSync(v->h))
        return v->late = pg_lost(v);
    drain(v);
    return is_up(v) ? OK : (v->late = pg_lost(v));
}

enum err pipe_end(struct vconn *v)
{
    bool over = false;
    for (int empty = 0; !over && empty < 3 && is_up(v);) {
        PGresult *r = v->pq->PQgetResult(v->h);
        over = r && v->pq->PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        empty += !r;
        if (r)
            note(v, r);
    }
    v->waiting = 0;
    v->pipe = false;
    if (!is_up(v) || !v->pq->PQexitPipelineMode(v->h))
        v->late = v->late ? v->late : pg_lost(v);
    return v->late;
}

enum err pipe_settle(struct vconn *v)
{
    if (!v->pipe)
        return v->late;
    if (!v->pq->PQpipelineSync(v->h))
        v->late = v->late ? v->late : pg_lost(v);
    drain(v);
    return pipe_end(v);
}

void pipe_forget(struct vconn *v)
{
    v->late = OK;
}
