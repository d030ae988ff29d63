/* The pipeline: what is on its way, and taking its answers. */
#include "db/pq_pipe.h"

enum { WAITING_MAX = 1000 }; /* then the answers are taken in between */

bool pipe_can(struct vconn *v)
{
    return v->mode == DB_WRITE && v->pq->PQpipelineSync && v->tx &&
           (v->pipe || v->pq->PQtransactionStatus(v->h) == PQTRANS_INTRANS);
}

static bool is_up(struct vconn *v)
{
    return v->pq->PQstatus(v->h) == CONNECTION_OK;
}

static enum err keep(struct vconn *v, enum err e)
{
    return v->late = v->late ? v->late : e;
}

static void note(struct vconn *v, PGresult *r)
{
    if (v->late == OK) /* the message of the first failure stays */
        v->late = link_err(v, r);
    v->pq->PQclear(r);
}

enum err pipe_open(struct vconn *v)
{
    if (v->late == OK && v->waiting >= WAITING_MAX)
        (void)!pipe_settle(v);
    if (v->late)
        return v->late;
    if (!v->pipe && !v->pq->PQenterPipelineMode(v->h))
        return keep(v, link_lost(v));
    v->pipe = true;
    return OK;
}

enum err pipe_sent(struct vconn *v, bool good)
{
    if (!good)
        return keep(v, link_lost(v));
    v->waiting++;
    return OK;
}

enum err pipe_text(struct vconn *v, const char *sql)
{
    enum err e = pipe_open(v);
    if (e)
        return e;
    return pipe_sent(v, v->pq->PQsendQueryParams(v->h, sql, 0, NULL, NULL, NULL, NULL, 0) == 1);
}

/* The answers of what was sent before: each ends with no result. */
static void drain(struct vconn *v)
{
    while (v->waiting > 0 && is_up(v)) {
        PGresult *r = link_next(v);
        if (r)
            note(v, r);
        else
            v->waiting--;
    }
}

enum err pipe_asked(struct vconn *v, bool good)
{
    if (!good || !v->pq->PQpipelineSync(v->h))
        return keep(v, link_lost(v));
    drain(v);
    return is_up(v) ? OK : keep(v, link_lost(v));
}

/* The end of a pipeline is a result of its own kind; no more than an end of rows stands before it.
 */
enum err pipe_end(struct vconn *v)
{
    bool over = false;
    for (int empty = 0; !over && empty < 3 && is_up(v);) {
        PGresult *r = link_next(v);
        over = r && v->pq->PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        empty += !r;
        if (r)
            note(v, r);
    }
    v->waiting = 0;
    v->pipe = false;
    if (!is_up(v) || !v->pq->PQexitPipelineMode(v->h))
        return keep(v, link_lost(v));
    return v->late;
}

enum err pipe_settle(struct vconn *v)
{
    if (!v->pipe)
        return v->late;
    if (!v->pq->PQpipelineSync(v->h))
        (void)!keep(v, link_lost(v));
    drain(v);
    return pipe_end(v);
}

void pipe_forget(struct vconn *v)
{
    v->late = OK;
}
