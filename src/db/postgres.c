/* PostgreSQL, and engines that speak its protocol, through libpq.
 *
 * Method. A connection is used by one thread at a time. Rows come one by one (single-row mode), so
 * a long walk needs no memory; when a second statement begins on a connection whose first has rows
 * left, those rows are taken into memory first. Numbers travel as text, text and bytes as they are.
 * Writes nobody waits for travel together (db/pq_pipe.h).
 * Every write transaction begins with one lock of the whole store, so that several nodes write one
 * group after another, as the one writer of SQLite does: journal numbers, counters and seals need
 * nothing else.
 *
 * A lost connection is opened anew outside a transaction, and every statement is prepared again in
 * the new session. What had not begun (BEGIN, a read without rows yet) is asked once more; inside a
 * transaction everything fails until its end, so that nothing of it is done outside of it. */
#include "db/backend.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "db/pq_parts.h"
#include "db/pq_pipe.h"

enum {
    SERVER_LEAST = 120000,
    NAME_MAX_ = 24,
    NUMBER_MAX = 24,
    PARAMS_MAX = 200,
    ROW_MEMORY = 64 << 20,
    BYTEA = 17, /* type number of bytes */
};

/* Every write transaction holds the lock of the whole store. */
#define BEGIN_WRITE "BEGIN; SELECT pg_advisory_xact_lock(8803466173)"

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

/* --- connections ------------------------------------------------------------------------------ */

static enum err postgres_connect(
    const struct db *db, enum db_mode mode, struct vconn **ret, struct buf *why)
{
    char said[256] = "";
    const struct pq *pq = pq_load(said, sizeof said);
    if (!pq) {
        buf_fmt(why, "没有找到 PostgreSQL 的客户端库：%s", said);
        return ERR_UNSUPPORTED;
    }
    struct vconn *v = NULL;
    enum err e = link_open(pq, db, mode, &v);
    if (e == OK) {
        *ret = v;
        return OK;
    }
    if (v)
        for (char *p = v->message; *p; p++)
            if (*p == '\n' || *p == '\t')
                *p = ' ';
    buf_fmt(why, "连接数据库失败：%s", v ? v->message : err_text(e));
    link_close(v);
    return e;
}

static const char *postgres_message(struct vconn *v)
{
    return v->message;
}

static void postgres_interrupt(struct vconn *v)
{
    link_cancel(v);
}

static void postgres_deadline(struct vconn *v, int64_t at)
{
    atomic_store_explicit(&v->deadline, at, memory_order_relaxed);
}

/* --- results ---------------------------------------------------------------------------------- */

/* The next result of the live statement: a row, or its end (with its error). */
static enum err live_next(struct vstmt *s, PGresult **ret_row)
{
    struct vconn *v = s->v;
    enum err e = OK;
    *ret_row = NULL;
    PGresult *r = link_next(v);
    if (r && v->pq->PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
        *ret_row = r;
        return OK;
    }
    for (; r; r = link_next(v)) { /* the end of the rows, then nothing */
        enum err one = link_err(v, r);
        e = e ? e : one;
        const char *n = v->pq->PQcmdTuples(r);
        if (one == OK && *n)
            v->changes = strtoll(n, NULL, 10);
        v->pq->PQclear(r);
        if (v->pq->PQstatus(v->h) != CONNECTION_OK)
            break;
    }
    if (e == OK && v->pq->PQstatus(v->h) != CONNECTION_OK)
        e = link_lost(v);
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
    return v->tx;
}

static enum err roll_back(struct vconn *v, enum err e)
{
    pipe_forget(v);
    enum err undone = link_run(v, "ROLLBACK");
    return undone ? undone : e;
}

/* The commit travels with the writes before it; where one of those failed the server passes it
 * over. */
static enum err commit_behind(struct vconn *v)
{
    enum err e = pipe_text(v, "COMMIT");
    if (e == OK)
        e = pipe_settle(v);
    if (e == OK)
        return OK;
    return link_gone(v, e) ? ERR_UNSURE : roll_back(v, e);
}

/* The answer to COMMIT may get lost with the connection, or the server end it while it waits for
 * its standby: then nobody here knows. */
static enum err commit(struct vconn *v)
{
    if (v->pq->PQstatus(v->h) != CONNECTION_OK)
        return link_lost(v);
    if (v->pipe && v->late == OK)
        return commit_behind(v);
    enum err e = pipe_settle(v);
    if (link_gone(v, e))
        return e;
    if (e || v->pq->PQtransactionStatus(v->h) == PQTRANS_INERROR)
        return roll_back(v, e ? e : ERR_DB);
    e = link_run(v, "COMMIT");
    return link_gone(v, e) ? ERR_UNSURE : e;
}

/* Nothing is begun before the answer: on a connection that turns out lost it is asked once more. */
static enum err begin(struct vconn *v, const char *words)
{
    bool was_open = v->pq->PQstatus(v->h) == CONNECTION_OK; /* else it is opened anew anyway */
    v->tx = false;
    (void)!pipe_settle(v);
    pipe_forget(v);
    enum err e = link_ready(v);
    if (e == OK)
        e = link_run(v, words);
    if (was_open && link_gone(v, e) && link_ready(v) == OK)
        e = link_run(v, words);
    v->tx = e == OK;
    if (e != OK && v->pq->PQtransactionStatus(v->h) != PQTRANS_IDLE)
        (void)!link_run(v, "ROLLBACK"); /* begun, and then not given the lock */
    return e;
}

/* Going back takes what was sent with it, and its failure too. */
static enum err go_back(struct vconn *v, const char *words)
{
    (void)!pipe_settle(v);
    pipe_forget(v);
    return link_run(v, words);
}

static enum err save_or_release(struct vconn *v, enum tx_verb verb, const char *words)
{
    if (!pipe_can(v)) {
        enum err e = pipe_settle(v);
        return e ? e : link_run(v, words);
    }
    enum err e = pipe_text(v, words);
    return e || verb == TX_SAVE ? e : pipe_settle(v);
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
    if (verb == TX_BEGIN_READ || verb == TX_BEGIN_WRITE)
        return begin(v, words[verb]);
    if (verb == TX_SAVE || verb == TX_RELEASE)
        return save_or_release(v, verb, words[verb]);
    enum err e = verb == TX_COMMIT ? commit(v) : go_back(v, words[verb]);
    if (verb != TX_UNDO)
        v->tx = false;
    return e;
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
    enum err e = link_ready(v);
    if (e || s->session == v->session)
        return e;
    e = pipe_settle(v);
    if (e)
        return e;
    PGresult *r = link_last(v, v->pq->PQsendPrepare(v->h, s->name, s->sql, 0, NULL));
    e = link_err(v, r);
    v->pq->PQclear(r);
    if (e == OK)
        s->session = v->session;
    return e;
}

static enum err postgres_prepare(struct vconn *v, struct str sql, struct vstmt **ret)
{
    int n = highest_param(sql);
    if (str_empty(str_trim(sql)) || n > PARAMS_MAX)
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
            (void)!link_run(v, text); /* else it ends with the session */
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

static bool stmt_send(struct vstmt *s)
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

/* Behind what is in the pipeline, if there is one. */
static enum err stmt_ask(struct vstmt *s)
{
    struct vconn *v = s->v;
    if (!v->pipe)
        return stmt_send(s) ? OK : link_lost(v);
    enum err e = pipe_open(v);
    return e ? e : pipe_asked(v, stmt_send(s));
}

static enum err start(struct vstmt *s)
{
    struct vconn *v = s->v;
    enum err e = make_ready(s);
    if (e == OK)
        e = stmt_ask(s);
    if (e)
        return e;
    v->pq->PQsetSingleRowMode(v->h);
    v->live = s;
    s->started = true;
    return OK;
}

/* A reader whose connection turns out lost before the first row asks once more on another. */
static enum err first_step(struct vstmt *s, bool *ret_row)
{
    struct vconn *v = s->v;
    bool was_open = v->pq->PQstatus(v->h) == CONNECTION_OK;
    enum err e = start(s);
    if (e == OK)
        e = live_next(s, &s->row);
    bool again = was_open && !v->tx && link_reads(v) && !link_late(v);
    if (again && link_gone(v, e)) {
        s->ended = false;
        e = start(s);
        if (e == OK)
            e = live_next(s, &s->row);
    }
    *ret_row = s->row != NULL;
    return e;
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
        return first_step(s, ret_row);
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
    if (e == OK && pipe_can(s->v)) {
        e = pipe_open(s->v);
        return e ? e : pipe_sent(s->v, stmt_send(s));
    }
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

/* --- values ----------------------------------------------------------------------------------- */

static bool postgres_get_null(struct vstmt *s, int col)
{
    return s->v->pq->PQgetisnull(s->row, 0, col) == 1;
}

/* Comparisons are booleans here: 't' and 'f'. */
static int64_t postgres_get_int(struct vstmt *s, int col)
{
    if (postgres_get_null(s, col))
        return NULL_INT;
    const char *text = s->v->pq->PQgetvalue(s->row, 0, col);
    return *text == 't' ? 1 : *text == 'f' ? 0 : strtoll(text, NULL, 10);
}

static struct str postgres_get_str(struct vstmt *s, int col)
{
    if (postgres_get_null(s, col))
        return STR_NULL;
    return (struct str){
        s->v->pq->PQgetvalue(s->row, 0, col), (size_t)s->v->pq->PQgetlength(s->row, 0, col)};
}

static struct str postgres_get_blob(struct vstmt *s, int col)
{
    struct str text = postgres_get_str(s, col);
    if (!text.p || s->v->pq->PQftype(s->row, col) != BYTEA)
        return text;
    size_t n = text.n < 2 ? 0 : (text.n - 2) / 2; /* behind \x */
    char *p = arena_alloc(&s->bytes, n + 1);
    if (!p)
        return STR_NULL;
    if (!hex_get(str_sub(text, 2, text.n), (unsigned char *)p, n))
        return STR_NULL;
    return (struct str){p, n};
}

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

static enum err postgres_run(struct vconn *v, const char *script)
{
    live_settle(v);
    enum err e = pipe_settle(v);
    return e ? e : link_run(v, script);
}

/* The first value of the first row; "" when there is none. */
static enum err first_text(struct vconn *v, const char *sql, char *out, size_t size)
{
    PGresult *r = link_ask(v, sql);
    enum err e = link_err(v, r);
    bool found = e == OK && v->pq->PQntuples(r) > 0;
    snprintf(out, size, "%s", found ? v->pq->PQgetvalue(r, 0, 0) : "");
    v->pq->PQclear(r);
    return e;
}

static const char own_table[] =
    "SELECT count(*) > 0 FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND table_name = 'schema_migration' AND column_name = 'hash'";
static const char any_table[] = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND "
                                "relnamespace = current_schema()::regnamespace";
static const char collation[] =
    "SELECT datcollate FROM pg_database WHERE datname = current_database()";
static const char collation_15[] =
    "SELECT CASE datlocprovider WHEN 'c' THEN datcollate ELSE 'ICU ' || daticulocale END "
    "FROM pg_database WHERE datname = current_database()";

static enum err postgres_exists(const struct db *db, bool *ret, struct buf *why)
{
    struct vconn *v = NULL;
    char text[64] = "";
    enum err e = postgres_connect(db, DB_READ, &v, why);
    if (e)
        return e;
    e = first_text(v, own_table, text, sizeof text);
    *ret = text[0] == 't';
    link_close(v);
    return e;
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
    enum err e = first_text(v, version < 150000 ? collation : collation_15, text, sizeof text);
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

/* --- notices ---------------------------------------------------------------------------------- */

/* Topics are words of ours. */
static void postgres_notify(struct vconn *v, const char *topic)
{
    char text[128];
    snprintf(text, sizeof text, "NOTIFY zhian, '%s'", topic);
    live_settle(v);
    enum err e = pipe_can(v) ? pipe_text(v, text) : link_run(v, text);
    (void)e; /* it fails with its transaction */
}

static enum err postgres_listen(struct vconn *v)
{
    enum err e = link_ready(v);
    return e ? e : link_run(v, "LISTEN zhian");
}

static enum err postgres_wait_notice(struct vconn *v, int ms, char *topic, size_t size)
{
    PGnotify *n = v->pq->PQnotifies(v->h);
    if (!n) {
        struct pollfd p = {.fd = v->pq->PQsocket(v->h), .events = POLLIN};
        if (poll(&p, 1, ms) > 0 && !v->pq->PQconsumeInput(v->h))
            return link_lost(v);
        n = v->pq->PQnotifies(v->h);
    }
    snprintf(topic, size, "%s", n ? n->extra : "");
    v->pq->PQfreemem(n);
    return v->pq->PQstatus(v->h) == CONNECTION_OK ? OK : link_lost(v);
}

const struct db_backend db_postgres = {
    .scheme = "postgresql:",
    .dialect = DIALECT_POSTGRES,
    .server = true,
    .exists = postgres_exists,
    .make = postgres_make,
    .claim = postgres_claim,
    .connect = postgres_connect,
    .disconnect = link_close,
    .message = postgres_message,
    .interrupt = postgres_interrupt,
    .deadline = postgres_deadline,
    .run = postgres_run,
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
    .get_int = postgres_get_int,
    .get_str = postgres_get_str,
    .get_blob = postgres_get_blob,
    .get_null = postgres_get_null,
    .cols = postgres_cols,
    .col_name = postgres_col_name,
    .log = no_log,
    .checkpoint = no_checkpoint,
    .notify = postgres_notify,
    .listen = postgres_listen,
    .wait_notice = postgres_wait_notice,
    .parts = &pq_parts,
    /* backup: pg_basebackup and the archive of its log, see docs/databases.md */
};
