/* Connecting and waiting, within bounds.
 *
 * A dead process is told by its machine at once, a dead or cut-off machine by the kernel's probes
 * (keepalives, tcp_user_timeout) after about ten seconds. Neither notices a server that stands
 * still, whose kernel goes on to acknowledge: therefore the sign of life. */
#include "db/pq_link.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "db/pq_hosts.h"

enum {
    SOON_MS = 500,     /* the server lost was not silent: perhaps only the connection was */
    LOOK_MS = 10000,   /* a reader on a standby looks for the primary again */
    POLL_MS = 100,     /* with a deadline */
    QUIET_MS = 1000,   /* without */
    SILENCE_MS = 3000, /* until a sign of life is asked for */
    STOP_MS = 3000,    /* for stopping when asked to */
};

bool link_reads(const struct vconn *v)
{
    return v->mode == DB_READ || v->mode == DB_STREAM;
}

/* --- errors ----------------------------------------------------------------------------------- */

bool link_late(struct vconn *v)
{
    int64_t at = atomic_load_explicit(&v->deadline, memory_order_relaxed);
    return at && clock_steady_ms() >= at;
}

static enum err err_of_state(struct vconn *v, const char *state)
{
    if (strcmp(state, "25006") == 0 && v->mode == DB_WRITE)
        return ERR_BUSY; /* no longer the primary */
    return pq_err(state, link_late(v));
}

enum err link_lost(struct vconn *v)
{
    snprintf(v->message, sizeof v->message, "postgresql: %s", v->pq->PQerrorMessage(v->h));
    return v->pq->PQstatus(v->h) == CONNECTION_OK ? ERR_DB : ERR_BUSY;
}

/* The error of a result; keeps the message for the log. Does not clear the result. */
enum err link_err(struct vconn *v, const PGresult *r)
{
    ExecStatusType status = v->pq->PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
        status == PGRES_EMPTY_QUERY || status == PGRES_PIPELINE_SYNC)
        return OK;
    if (status == PGRES_PIPELINE_ABORTED)
        return v->late ? v->late : ERR_DB;
    const char *state = r ? v->pq->PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    if (!state)
        return link_lost(v);
    snprintf(
        v->message, sizeof v->message, "postgresql %s: %s", state, v->pq->PQresultErrorMessage(r));
    return err_of_state(v, state);
}

/* --- asking ----------------------------------------------------------------------------------- */

void link_cancel(struct vconn *v)
{
    char said[128];
    pthread_mutex_lock(&v->lock);
    if (v->cancel)
        v->pq->PQcancel(v->cancel, said, sizeof said);
    pthread_mutex_unlock(&v->lock);
}

/* Any answer counts, also that it is starting up or has no room. */
static bool lives(struct vconn *v)
{
    const char *const keys[] = {"dbname", "host", "port", "connect_timeout", NULL};
    const char *const values[] = {v->uri, v->pq->PQhost(v->h), v->pq->PQport(v->h), "2", NULL};
    return v->pq->PQpingParams(keys, values, 1) != PQPING_NO_RESPONSE;
}

static void cut(struct vconn *v)
{
    shutdown(v->pq->PQsocket(v->h), SHUT_RDWR);
}

/* Waits for bytes; false when the connection ended. */
static bool more(struct vconn *v, int ms, int64_t *heard)
{
    struct pollfd p = {.fd = v->pq->PQsocket(v->h), .events = POLLIN};
    int n = poll(&p, 1, ms);
    if (n < 0)
        return errno == EINTR;
    if (n == 0)
        return true;
    *heard = clock_steady_ms();
    return v->pq->PQconsumeInput(v->h);
}

/* Returns when a result can be taken without blocking, or the connection is cut. */
static void wait_result(struct vconn *v)
{
    int64_t heard = clock_steady_ms(), stopped = 0;
    while (v->pq->PQisBusy(v->h)) {
        int64_t at = atomic_load_explicit(&v->deadline, memory_order_relaxed);
        if (!more(v, at && !stopped ? POLL_MS : QUIET_MS, &heard))
            return;
        int64_t now = clock_steady_ms();
        if (at && !stopped && now >= at) {
            link_cancel(v);
            stopped = now;
        } else if (stopped && now - stopped > STOP_MS) {
            cut(v);
        } else if (now - heard > SILENCE_MS) {
            if (!lives(v)) {
                pq_silent_set(v->pq, v->h);
                cut(v);
            }
            heard = clock_steady_ms();
        }
    }
}

PGresult *link_next(struct vconn *v)
{
    wait_result(v);
    return v->pq->PQgetResult(v->h);
}

/* The last result of what was sent; sent is what sending answered. */
PGresult *link_last(struct vconn *v, int sent)
{
    PGresult *last = NULL;
    for (PGresult *r = sent ? link_next(v) : NULL; r; r = link_next(v)) {
        v->pq->PQclear(last);
        last = r;
        if (v->pq->PQstatus(v->h) != CONNECTION_OK)
            break;
    }
    return last;
}

PGresult *link_ask(struct vconn *v, const char *script)
{
    return link_last(v, v->pq->PQsendQuery(v->h, script));
}

enum err link_run(struct vconn *v, const char *script)
{
    PGresult *r = link_ask(v, script);
    enum err e = link_err(v, r);
    v->pq->PQclear(r);
    return e;
}

/* --- connections ------------------------------------------------------------------------------ */

static void on_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* Keys before dbname give way to what the uri says, those behind it do not; NULL keys end them. */
static PGconn *connect_to(
    const struct pq *pq, const char *uri, const char *attrs, const struct pq_hosts *only)
{
    const char *keys[] = {"fallback_application_name", "connect_timeout", "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname", NULL, NULL, NULL};
    const char *values[] = {"zhian", "3", "5", "2", "3", "10000", uri, attrs, NULL, NULL};
    if (only) {
        keys[7] = "host";
        keys[8] = "port";
        values[7] = only->hosts;
        values[8] = only->ports;
    } else if (attrs) {
        keys[7] = "target_session_attrs";
    }
    return pq->PQconnectdbParams(keys, values, 1);
}

static PGconn *connect_any(const struct pq *pq, const char *uri, bool reads)
{
    PGconn *h = connect_to(pq, uri, "read-write", NULL);
    if (!reads || !h || pq->PQstatus(h) == CONNECTION_OK)
        return h;
    pq->PQfinish(h);
    return connect_to(pq, uri, NULL, NULL);
}

/* A reader that lost its server goes to another at once, whatever its role, and looks for the
 * primary later: the one that was lost may be a machine that answers nobody. */
static PGconn *connect_again(struct vconn *v)
{
    struct pq_hosts others;
    if (!link_reads(v))
        return connect_any(v->pq, v->uri, false);
    PGconn *h = NULL;
    if (pq_others(v->pq, v->h, v->uri, &others))
        h = connect_to(v->pq, v->uri, NULL, &others);
    if (h && v->pq->PQstatus(h) == CONNECTION_OK)
        return h;
    v->pq->PQfinish(h);
    h = connect_to(v->pq, v->uri, NULL, NULL);
    if (v->pq->PQstatus(h) != CONNECTION_OK)
        pq_nobody_set();
    return h;
}

static bool on_standby(const struct pq *pq, PGconn *h)
{
    const char *word = pq->PQparameterStatus(h, "in_hot_standby"); /* from version 14 on */
    return word && strcmp(word, "on") == 0;
}

static const char every_session[] =
    "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET jit = off;"
    "SET bytea_output = 'hex'; SET lock_timeout = 0; SET statement_timeout = 0";
/* For a store in memory or on flash; a page of twenty does not wait for workers to start. Pages are
 * planned with their values in any case, as their LIMIT is one: a plan for any LIMIT looks dearer.
 */
static const char reader_session[] =
    "SET default_transaction_read_only = on; SET random_page_cost = 1.1;"
    "SET max_parallel_workers_per_gather = 0";

/* A node that is cut off or stands still gives the lock of the store back: its server notices. */
static const char writer_session[] =
    "SET lock_timeout = 20000; SET idle_in_transaction_session_timeout = 20000;"
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = 10000";

/* What every session is set to. Numbers and text do not depend on the server's settings. */
static enum err session_begin(struct vconn *v)
{
    pthread_mutex_lock(&v->lock);
    if (v->cancel)
        v->pq->PQfreeCancel(v->cancel);
    v->cancel = v->pq->PQgetCancel(v->h);
    pthread_mutex_unlock(&v->lock);
    v->pq->PQsetNoticeProcessor(v->h, on_notice, NULL);
    v->session++;
    enum err e = link_run(v, every_session);
    if (e == OK && link_reads(v))
        e = link_run(v, reader_session);
    if (e == OK && v->mode == DB_WRITE)
        e = link_run(v, writer_session);
    return e;
}

enum err link_open(const struct pq *pq, const struct db *db, enum db_mode mode, struct vconn **ret)
{
    struct vconn *v = mem_alloc(sizeof *v);
    size_t size = strlen(db->be->scheme) + strlen(db->path) + 1;
    char *uri = mem_alloc(size);
    if (!v || !uri) {
        mem_free(v);
        mem_free(uri);
        return ERR_NOMEM;
    }
    snprintf(uri, size, "%s%s", db->be->scheme, db->path);
    v->pq = pq;
    v->uri = uri;
    v->mode = mode;
    pthread_mutex_init(&v->lock, NULL);
    *ret = v;
    v->h = connect_any(pq, uri, link_reads(v));
    if (!v->h)
        return ERR_NOMEM;
    return pq->PQstatus(v->h) == CONNECTION_OK ? session_begin(v) : link_lost(v);
}

void link_close(struct vconn *v)
{
    if (!v)
        return;
    if (v->cancel)
        v->pq->PQfreeCancel(v->cancel);
    v->pq->PQfinish(v->h);
    pthread_mutex_destroy(&v->lock);
    mem_free(v->uri);
    mem_free(v);
}

static enum err link_take(struct vconn *v, PGconn *h)
{
    v->live = NULL;
    v->pipe = false;
    v->waiting = 0;
    v->late = OK;
    v->pq->PQfinish(v->h);
    v->h = h;
    return h && v->pq->PQstatus(h) == CONNECTION_OK ? session_begin(v) : link_lost(v);
}

/* A reader that had to go to a standby goes back to the primary once there is one. */
static enum err link_look(struct vconn *v)
{
    if (!link_reads(v) || !on_standby(v->pq, v->h) || clock_steady_ms() < v->look_at)
        return OK;
    v->look_at = clock_steady_ms() + LOOK_MS;
    PGconn *h = connect_any(v->pq, v->uri, true);
    if (h && v->pq->PQstatus(h) == CONNECTION_OK && !on_standby(v->pq, h))
        return link_take(v, h);
    v->pq->PQfinish(h);
    return OK;
}

/* Outside a transaction a lost connection is opened anew; what was under way on it is lost. */
enum err link_ready(struct vconn *v)
{
    bool there = v->pq->PQstatus(v->h) == CONNECTION_OK;
    if (there && (v->tx || !pq_silent(v->pq, v->h)))
        return v->tx ? OK : link_look(v);
    if (v->tx || (!there && link_reads(v) && pq_nobody()))
        return link_lost(v);
    v->look_at = clock_steady_ms() + (pq_silent(v->pq, v->h) ? LOOK_MS : SOON_MS);
    return link_take(v, connect_again(v));
}

bool link_gone(const struct vconn *v, enum err e)
{
    return e != OK && v->pq->PQstatus(v->h) != CONNECTION_OK;
}
