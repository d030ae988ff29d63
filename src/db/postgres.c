/* PostgreSQL, and engines that speak its protocol, through libpq.
 *
 * Method. A connection is used by one thread at a time. Rows come one by one (single-row mode), so
 * a long walk needs no memory; when a second statement begins on a connection whose first has rows
 * left, those rows are taken into memory first. Numbers travel as text, text and bytes as they are.
 * Every write transaction begins with one lock of the whole store, so that several nodes write one
 * group after another, as the one writer of SQLite does: journal numbers, counters and seals need
 * nothing else. A lost connection is opened anew outside a transaction, and every statement is
 * prepared again in the new session. */
#include "db/pg_impl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    SERVER_LEAST = 120000,
    ROW_MEMORY = 64 << 20,
    POLL_MS = 100,
};

/* For a store in memory or on flash; a page of twenty does not wait for workers to start. Pages are
 * planned with their values in any case, as their LIMIT is one: a plan for any LIMIT looks dearer.
 */
#define READER                                                                                     \
    "SET default_transaction_read_only = on; SET random_page_cost = 1.1;"                          \
    "SET max_parallel_workers_per_gather = 0"

/* Every write transaction holds the lock of the whole store. */
#define BEGIN_WRITE "BEGIN; SELECT pg_advisory_xact_lock(8803466173)"

/* --- errors ----------------------------------------------------------------------------------- */

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool deadline_passed(struct vconn *v)
{
    int64_t at = atomic_load_explicit(&v->deadline, memory_order_relaxed);
    return at && monotonic_ms() >= at;
}

/* SQLSTATE classes and codes; the first row that fits. */
static const struct {
    const char *state;
    enum err e;
} states[] = {
    {"23505", ERR_CONFLICT}, /* unique */
    {"23503", ERR_CONFLICT}, /* link */
    {"23", ERR_INTERNAL},    /* NOT NULL, CHECK: validation should have caught it */
    {"22", ERR_INTERNAL},
    {"25006", ERR_STATE}, /* read-only */
    {"53100", ERR_DISK_FULL},
    {"53200", ERR_NOMEM},
    {"53", ERR_BUSY},    /* too many connections */
    {"40", ERR_BUSY},    /* serialization, deadlock */
    {"55P03", ERR_BUSY}, /* lock not to be had */
    {"57P", ERR_BUSY},   /* shutting down, starting up */
    {"08", ERR_BUSY},
    {"54", ERR_TOO_LARGE},
    {"58", ERR_IO},
    {"XX001", ERR_CORRUPT},
    {"XX002", ERR_CORRUPT},
};

static enum err err_of_state(struct vconn *v, const char *state)
{
    if (strcmp(state, "57014") == 0)
        return deadline_passed(v) ? ERR_TIMEOUT : ERR_CANCELLED;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].e;
    return ERR_DB;
}

enum err pg_lost(struct vconn *v)
{
    snprintf(v->message, sizeof v->message, "postgresql: %s", v->pq->PQerrorMessage(v->h));
    return v->pq->PQstatus(v->h) == CONNECTION_OK ? ERR_DB : ERR_BUSY;
}

enum err pg_err_of(struct vconn *v, const PGresult *r)
{
    ExecStatusType status = v->pq->PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
        status == PGRES_EMPTY_QUERY || status == PGRES_PIPELINE_SYNC)
        return OK;
    if (status == PGRES_PIPELINE_ABORTED)
        return v->late ? v->late : ERR_DB;
    const char *state = r ? v->pq->PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    if (!state)
        return pg_lost(v);
    snprintf(
        v->message, sizeof v->message, "postgresql %s: %s", state, v->pq->PQresultErrorMessage(r));
    return err_of_state(v, state);
}

/* --- connections ------------------------------------------------------------------------------ */

static void on_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static enum err run(struct vconn *v, const char *script)
{
    PGresult *r = v->pq->PQexec(v->h, script);
    enum err e = pg_err_of(v, r);
    v->pq->PQclear(r);
    return e;
}

/* What every session is set to. Numbers and text do not depend on the server's settings. */
static enum err session_begin(struct vconn *v)
{
    bool reads = v->mode == DB_READ || v->mode == DB_STREAM;
    pthread_mutex_lock(&v->lock);
    if (v->cancel)
        v->pq->PQfreeCancel(v->cancel);
    v->cancel = v->pq->PQgetCancel(v->h);
    pthread_mutex_unlock(&v->lock);
    v->pq->PQsetNoticeProcessor(v->h, on_notice, NULL);
    v->session++;
    v->pipe = false;
    v->waiting = 0;
    v->late = OK;
    enum err e =
        run(v, "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET jit = off;"
               "SET bytea_output = 'hex'; SET lock_timeout = 0; SET statement_timeout = 0");
    if (e == OK && reads)
        e = run(v, READER);
    return e;
}

static PGconn *link_open(const struct pq *pq, const struct db *db, enum db_mode mode)
{
    char uri[4096];
    bool reads = mode == DB_READ || mode == DB_STREAM;
    snprintf(uri, sizeof uri, "%s%s", db->be->scheme, db->path);
    const char *const keys[] = {"fallback_application_name", "connect_timeout", "keepalives_idle",
        "tcp_user_timeout", "dbname", reads ? NULL : "target_session_attrs", NULL};
    const char *const values[] = {"zhian", "5", "10", "10000", uri, "read-write", NULL};
    return pq->PQconnectdbParams(keys, values, 1);
}

static void postgres_disconnect(struct vconn *v)
{
    if (!v)
        return;
    if (v->cancel)
        v->pq->PQfreeCancel(v->cancel);
    v->pq->PQfinish(v->h);
    pthread_mutex_destroy(&v->lock);
    mem_free(v);
}

static enum err postgres_connect(
    const struct db *db, enum db_mode mode, struct vconn **ret, struct buf *why)
{
    char said[256] = "";
    const struct pq *pq = pq_load(said, sizeof said);
    if (!pq) {
        buf_fmt(why, "没有找到 PostgreSQL 的客户端库：%s", said);
        return ERR_UNSUPPORTED;
    }
    struct vconn *v = mem_alloc(sizeof *v);
    if (!v)
        return ERR_NOMEM;
    v->pq = pq;
    v->mode = mode;
    pthread_mutex_init(&v->lock, NULL);
    v->h = link_open(pq, db, mode);
    enum err e = v->h ? OK : ERR_NOMEM;
    if (e == OK && pq->PQstatus(v->h) != CONNECTION_OK)
        e = pg_lost(v);
    if (e == OK)
        e = session_begin(v);
    if (e == OK) {
        *ret = v;
        return OK;
    }
    buf_fmt(why, "连接数据库失败：%s", v->message);
    postgres_disconnect(v);
    return e;
}

/* A lost connection is opened anew; what was under way on it is lost. */
static enum err link_ready(struct vconn *v)
{
    if (v->pq->PQstatus(v->h) == CONNECTION_OK)
        return OK;
    v->live = NULL;
    v->pq->PQreset(v->h);
    if (v->pq->PQstatus(v->h) != CONNECTION_OK)
        return pg_lost(v);
    return session_begin(v);
}

static const char *postgres_message(struct vconn *v)
{
    return v->message;
}

static void cancel(struct vconn *v)
{
    char said[128];
    pthread_mutex_lock(&v->lock);
    if (v->cancel)
        v->pq->PQcancel(v->cancel, said, sizeof said);
    pthread_mutex_unlock(&v->lock);
}

static void postgres_interrupt(struct vconn *v)
{
    cancel(v);
}

static void postgres_deadline(struct vconn *v, int64_t at)
{
    atomic_store_explicit(&v->deadline, at, memory_order_relaxed);
}

/* --- results ---------------------------------------------------------------------------------- */

/* Waits until a result can be taken without blocking; past the deadline the server is asked to
 * stop, and says so in the result. */
static void wait_result(struct vconn *v)
{
    bool asked = false;
    while (v->pq->PQisBusy(v->h)) {
        int64_t at = atomic_load_explicit(&v->deadline, memory_order_relaxed);
        struct pollfd p = {.fd = v->pq->PQsocket(v->h), .events = POLLIN};
        if (poll(&p, 1, at && !asked ? POLL_MS : -1) < 0 && errno != EINTR)
            return;
        if (p.revents && !v->pq->PQconsumeInput(v->h))
            return;
        if (!asked && deadline_passed(v)) {
            cancel(v);
            asked = true;
        }
    }
}

static PGresult *result_next(struct vconn *v)
{
    if (v->deadline)
        wait_result(v);
    return v->pq->PQgetResult(v->h);
}

/* The next result of the live statement: a row, or its end (with its error). */
static enum err live_next(struct vstmt *s, PGresult **ret_row)
{
    struct vconn *v = s->v;
    enum err e = OK;
    *ret_row = NULL;
    PGresult *r = result_next(v);
    if (r && v->pq->PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
        *ret_row = r;
        return OK;
    }
    for (; r; r = result_next(v)) { /* the end of the rows, then nothing */
        enum err one = pg_err_of(v, r);
        e = e ? e : one;
        const char *n = v->pq->PQcmdTuples(r);
        if (one == OK && *n)
            v->changes = strtoll(n, NULL, 10);
        v->pq->PQclear(r);
        if (v->pq->PQstatus(v->h) != CONNECTION_OK)
            break;
    }
    if (e == OK && v->pq->PQstatus(v->h) != CONNECTION_OK)
        e = pg_lost(v);
    if (v->pipe) {
        enum err late = pipe_end(v);
        e = e ? e : late;
    }
    v->live = NULL;
    s->ended = true;
    return e;
}

static bool keep_row(struct vstmt *s, PGresult *row)
{
    if (s->n == s->size) {
        size_t size = s->size ? s->size * 2 : 64;
        PGresult **p = mem_grow(s->kept, size * sizeof *p);
        if (!p)
            return false;
        s->kept = p;
        s->size = size;
    }
    s->kept[s->n++] = row;
    return true;
}

/* Takes what is left of the live statement's rows into memory. */
static void live_settle(struct vconn *v)
{
    struct vstmt *s = v->live;
    while (s && !s->ended) {
        PGresult *row = NULL;
        enum err e = live_next(s, &row);
        if (row && !keep_row(s, row)) {
            v->pq->PQclear(row);
            e = ERR_NOMEM;
        }
        s->late = s->late ? s->late : e;
    }
}

/* --- transactions ----------------------------------------------------------------------------- */

static bool postgres_in_tx(struct vconn *v)
{
    PGTransactionStatusType t = v->pq->PQtransactionStatus(v->h);
    return t == PQTRANS_INTRANS || t == PQTRANS_INERROR || t == PQTRANS_ACTIVE;
}

/* The answer to COMMIT may get lost with the connection: then nobody here knows. PostgreSQL answers
 * ROLLBACK to the commit of a failed transaction. */
static enum err commit(struct vconn *v)
{
    PGresult *r = v->pq->PQexec(v->h, "COMMIT");
    bool answered = r && v->pq->PQresultErrorField(r, PG_DIAG_SQLSTATE);
    enum err e = pg_err_of(v, r);
    v->pq->PQclear(r);
    if (e != OK && !answered && v->pq->PQstatus(v->h) != CONNECTION_OK)
        return ERR_UNSURE;
    return e;
}

/* The commit travels with the writes before it; where one of those failed the server passes it
 * over.
 */
static enum err commit_behind(struct vconn *v)
{
    enum err e = pipe_text(v, "COMMIT");
    if (e == OK)
        e = pipe_settle(v);
    if (e == OK)
        return OK;
    if (v->pq->PQstatus(v->h) != CONNECTION_OK)
        return ERR_UNSURE;
    pipe_forget(v);
    enum err undone = run(v, "ROLLBACK");
    return undone ? undone : e;
}

static enum err postgres_tx(struct vconn *v, enum tx_verb verb)
{
    static const char *const words[] = {
        [TX_BEGIN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        [TX_BEGIN_WRITE] = BEGIN_WRITE,
        [TX_ROLLBACK] = "ROLLBACK",
        [TX_SAVE] = "SAVEPOINT s",
        [TX_RELEASE] = "RELEASE SAVEPOINT s",
        [TX_UNDO] = "ROLLBACK TO SAVEPOINT s; RELEASE SAVEPOINT s",
    };
    live_settle(v);
    bool begins = verb == TX_BEGIN_READ || verb == TX_BEGIN_WRITE;
    bool undoes = verb == TX_ROLLBACK || verb == TX_UNDO;
    if ((verb == TX_SAVE || verb == TX_RELEASE) && pipe_can(v)) {
        enum err e = pipe_text(v, words[verb]);
        return e || verb == TX_SAVE ? e : pipe_settle(v);
    }
    if (verb == TX_COMMIT && v->pipe && v->late == OK)
        return commit_behind(v);
    enum err e = pipe_settle(v);
    if (begins || undoes)
        pipe_forget(v);
    if (begins)
        e = link_ready(v);
    if (e != OK && !undoes && verb != TX_COMMIT)
        return e;
    if (verb != TX_COMMIT)
        return run(v, words[verb]);
    if (e == OK && v->pq->PQtransactionStatus(v->h) != PQTRANS_INERROR)
        return commit(v);
    pipe_forget(v);
    enum err undone = run(v, "ROLLBACK");
    return undone ? undone : e ? e : ERR_DB;
}

/* --- statements ------------------------------------------------------------------------------- */

/* The highest $n of a text. A dollar inside quotes would count too; statements have none. */
static int highest_param(struct str sql)
{
    int top = 0;
    for (size_t i = 0; i < sql.n; i++) {
        int n = 0;
        if (sql.p[i] != '$')
            continue;
        while (i + 1 < sql.n && sql.p[i + 1] >= '0' && sql.p[i + 1] <= '9' && n <= PARAMS_MAX)
            n = n * 10 + (sql.p[++i] - '0');
        top = n > top ? n : top;
    }
    return top;
}

static enum err make_ready(struct vstmt *s)
{
    struct vconn *v = s->v;
    live_settle(v);
    if (!postgres_in_tx(v)) {
        enum err e = link_ready(v);
        if (e)
            return e;
    }
    if (s->session == v->session)
        return OK;
    enum err late = pipe_settle(v);
    if (late)
        return late;
    PGresult *r = v->pq->PQprepare(v->h, s->name, s->sql, 0, NULL);
    enum err e = pg_err_of(v, r);
    v->pq->PQclear(r);
    if (e == OK)
        s->session = v->session;
    return e;
}

static enum err postgres_prepare(struct vconn *v, struct str sql, struct vstmt **ret)
{
    int n = highest_param(sql);
    if (!sql.p || n > PARAMS_MAX)
        return ERR_INTERNAL;
    struct vstmt *s = mem_alloc(sizeof *s + (size_t)(n + 1) * sizeof s->params[0]);
    char *text = mem_alloc(sql.n + 1);
    if (!s || !text) {
        mem_free(s);
        mem_free(text);
        return ERR_NOMEM;
    }
    memcpy(text, sql.p, sql.n);
    s->v = v;
    s->sql = text;
    s->nparams = n;
    snprintf(s->name, sizeof s->name, "s%lld", (long long)++v->names);
    arena_init(&s->bytes, ROW_MEMORY);
    enum err e = make_ready(s);
    if (e == OK) {
        *ret = s;
        return OK;
    }
    mem_free(text);
    mem_free(s);
    return e;
}

static void rows_drop(struct vstmt *s)
{
    const struct pq *pq = s->v->pq;
    if (s->v->live == s)
        live_settle(s->v);
    pq->PQclear(s->row);
    s->row = NULL;
    while (s->at < s->n)
        pq->PQclear(s->kept[s->at++]);
    s->at = s->n = 0;
    s->started = s->ended = false;
    s->late = OK;
    arena_reset(&s->bytes);
}

static void postgres_finalize(struct vstmt *s)
{
    struct vconn *v = s->v;
    char text[64];
    rows_drop(s);
    bool there = s->session == v->session && v->pq->PQstatus(v->h) == CONNECTION_OK;
    if (there && v->pq->PQtransactionStatus(v->h) != PQTRANS_INERROR) {
        snprintf(text, sizeof text, "DEALLOCATE %s", s->name);
        live_settle(v);
        if (pipe_settle(v) == OK)
            (void)!run(v, text); /* else it ends with the session */
    }
    v->pq->PQclear(s->shape);
    arena_free(&s->bytes);
    mem_free(s->kept);
    mem_free(s->sql);
    mem_free(s);
}

static struct param *param_at(struct vstmt *s, int at)
{
    return at < 1 || at > s->nparams ? NULL : &s->params[at - 1];
}

static enum err postgres_bind_int(struct vstmt *s, int at, int64_t value)
{
    struct param *p = param_at(s, at);
    if (!p)
        return ERR_INTERNAL;
    *p = (struct param){.p = NULL};
    if (value == NULL_INT)
        return OK;
    p->n = snprintf(p->number, sizeof p->number, "%lld", (long long)value);
    p->p = p->number;
    return OK;
}

/* Text and bytes travel alike: as they are. */
static enum err postgres_bind_str(struct vstmt *s, int at, struct str value)
{
    struct param *p = param_at(s, at);
    if (!p || value.n > INT32_MAX)
        return ERR_INTERNAL;
    *p = (struct param){.p = value.p, .n = (int)value.n, .binary = true};
    return OK;
}

bool pg_send(struct vstmt *s)
{
    const char *values[PARAMS_MAX + 1];
    int lengths[PARAMS_MAX + 1], formats[PARAMS_MAX + 1];
    for (int i = 0; i < s->nparams; i++) {
        values[i] = s->params[i].p;
        lengths[i] = s->params[i].n;
        formats[i] = s->params[i].binary;
    }
    return s->v->pq->PQsendQueryPrepared(
               s->v->h, s->name, s->nparams, values, lengths, formats, 0) == 1;
}

static enum err start(struct vstmt *s)
{
    struct vconn *v = s->v;
    enum err e = make_ready(s);
    if (e == OK && v->pipe)
        e = pipe_ask(s);
    else if (e == OK && !pg_send(s))
        e = pg_lost(v);
    if (e)
        return e;
    v->pq->PQsetSingleRowMode(v->h);
    v->live = s;
    s->started = true;
    return OK;
}

static enum err postgres_step(struct vstmt *s, bool *ret_row)
{
    enum err e = OK;
    s->v->pq->PQclear(s->row);
    s->row = NULL;
    *ret_row = false;
    if (s->bytes.used)
        arena_reset(&s->bytes);
    if (!s->started)
        e = start(s);
    if (e)
        return e;
    if (s->at < s->n)
        s->row = s->kept[s->at++];
    else if (s->v->live == s)
        e = live_next(s, &s->row);
    else {
        e = s->late;
        s->late = OK;
    }
    *ret_row = s->row != NULL;
    return e;
}

static enum err postgres_send(struct vstmt *s)
{
    bool row = true;
    enum err e = make_ready(s);
    if (e == OK && pipe_can(s->v))
        return pipe_stmt(s);
    while (e == OK && row)
        e = postgres_step(s, &row);
    return e;
}

static void postgres_reset_stmt(struct vstmt *s)
{
    rows_drop(s);
    for (int i = 0; i < s->nparams; i++)
        s->params[i].p = NULL;
}

/* --- columns ---------------------------------------------------------------------------------- */

/* The columns of a statement that has no row yet. */
static const PGresult *shape(struct vstmt *s)
{
    if (s->row)
        return s->row;
    if (!s->shape && make_ready(s) == OK && pipe_settle(s->v) == OK)
        s->shape = s->v->pq->PQdescribePrepared(s->v->h, s->name);
    return s->shape;
}

static int postgres_cols(struct vstmt *s)
{
    return s->v->pq->PQnfields(shape(s));
}

static const char *postgres_col_name(struct vstmt *s, int col)
{
    return s->v->pq->PQfname(shape(s), col);
}

/* --- the store as a whole --------------------------------------------------------------------- */

/* The first value of the first row; "" when there is none. */
static enum err first_text(struct vconn *v, const char *sql, char *out, size_t size)
{
    PGresult *r = v->pq->PQexec(v->h, sql);
    enum err e = pg_err_of(v, r);
    bool found = e == OK && v->pq->PQntuples(r) > 0;
    snprintf(out, size, "%s", found ? v->pq->PQgetvalue(r, 0, 0) : "");
    v->pq->PQclear(r);
    return e;
}

static const char own_table[] = "SELECT to_regclass('schema_migration') IS NOT NULL AND "
                                "to_regclass('meta') IS NOT NULL";
static const char any_table[] = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND "
                                "relnamespace = current_schema()::regnamespace";
static const char collation[] =
    "SELECT datcollate FROM pg_database WHERE datname = current_database()";

/* Without a connection the answer is yes: connecting then says what is wrong. */
static bool postgres_exists(const struct db *db)
{
    struct vconn *v = NULL;
    struct buf said;
    char text[64] = "t";
    buf_init(&said, 1024);
    if (postgres_connect(db, DB_READ, &v, &said) == OK)
        (void)!first_text(v, own_table, text, sizeof text);
    postgres_disconnect(v);
    buf_free(&said);
    return text[0] == 't';
}

/* An empty database stands there already: its makers choose its place, owner and encoding. */
static enum err postgres_make(const struct db *db)
{
    (void)db;
    return OK;
}

static bool by_bytes(const char *name)
{
    return strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 || strcmp(name, "C.UTF-8") == 0 ||
           strcmp(name, "C.utf8") == 0;
}

static enum err postgres_claim(struct vconn *v, bool may_write, struct buf *why)
{
    char text[64] = "";
    (void)may_write;
    int version = v->pq->PQserverVersion(v->h);
    if (version < SERVER_LEAST) {
        buf_fmt(
            why, "数据库服务器版本太旧（%d），需要 PostgreSQL 12 或更新的版本", version / 10000);
        return ERR_UNSUPPORTED;
    }
    enum err e = first_text(v, collation, text, sizeof text);
    if (e == OK && !by_bytes(text)) {
        buf_fmt(why,
            "数据库的排序规则是 %s，请用 C 规则另建：createdb -T template0 -l C -E UTF8 库名",
            text);
        return ERR_UNSUPPORTED;
    }
    if (e == OK)
        e = first_text(v, own_table, text, sizeof text);
    if (e != OK || text[0] == 't')
        return e;
    e = first_text(v, any_table, text, sizeof text);
    return e ? e : strcmp(text, "0") == 0 ? OK : ERR_STATE;
}

static int64_t postgres_changes(struct vconn *v)
{
    return v->changes;
}

static enum err nothing_to_check(struct vconn *v)
{
    (void)v;
    return OK; /* the server watches links at every statement, and pages by checksums */
}

static struct db_log no_log(struct vconn *v)
{
    (void)v;
    return (struct db_log){0, 0};
}

static enum err no_checkpoint(struct vconn *v, enum log_copy how, struct db_log *ret)
{
    (void)v;
    (void)how;
    *ret = (struct db_log){0, 0};
    return OK;
}

static enum err no_backup(
    const struct db *db, const char *path, db_progress_fn *progress, void *arg)
{
    (void)db;
    (void)path;
    (void)progress;
    (void)arg;
    return ERR_UNSUPPORTED; /* pg_basebackup and the archive of its log: docs/databases.md */
}

const struct db_backend db_postgres = {
    .scheme = "postgresql:",
    .dialect = DIALECT_POSTGRES,
    .exists = postgres_exists,
    .make = postgres_make,
    .claim = postgres_claim,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .message = postgres_message,
    .interrupt = postgres_interrupt,
    .deadline = postgres_deadline,
    .run = run,
    .tx = postgres_tx,
    .in_tx = postgres_in_tx,
    .changes = postgres_changes,
    .check_links = nothing_to_check,
    .intact = nothing_to_check,
    .prepare = postgres_prepare,
    .finalize = postgres_finalize,
    .bind_int = postgres_bind_int,
    .bind_str = postgres_bind_str,
    .bind_blob = postgres_bind_str,
    .step = postgres_step,
    .send = postgres_send,
    .reset = postgres_reset_stmt,
    .get_int = pg_get_int,
    .get_str = pg_get_str,
    .get_blob = pg_get_blob,
    .get_null = pg_get_null,
    .cols = postgres_cols,
    .col_name = postgres_col_name,
    .log = no_log,
    .checkpoint = no_checkpoint,
    .backup = no_backup,
};
