/* SQLite: with sqlite_flaws.c the only file that knows it. WAL, synchronous=FULL, one writer
 * connection; readers are query-only and mapped into memory.
 *
 * Method. Connections are used by one thread at a time, so SQLite's own locking is left out.
 * $n is numbered by SQLite in order of first appearance, so every statement keeps a table from
 * its parameter number to SQLite's. Automatic checkpoints are off: the log hook only remembers how
 * long the log is, and a thread of the writer copies it beside the commits (db/writer.c). */
#include "db/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "db/sqlite_flaws.h"

enum {
    STORE_ID = 0x7a68696e, /* "zhin": application_id of our files */
    BUSY_MS = 5000,
    RESTART_MS = 100,      /* the writer stands still meanwhile */
    PROGRESS_STEPS = 4000, /* virtual machine steps between looks at the deadline */
    READ_CACHE_KIB = 2048,
    WRITE_CACHE_KIB = 8192,
    BACKUP_PAGES = 512,
    VERBS = TX_UNDO + 1,
};

struct vconn {
    sqlite3 *h;
    sqlite3_stmt *tx[VERBS];
    _Atomic int64_t deadline; /* CLOCK_MONOTONIC ms; 0 = none */
    bool in_verb;             /* commit and rollback are not cut short by the deadline */
    struct db_log log;
    char message[256];
};

struct vstmt {
    struct vconn *v;
    sqlite3_stmt *h;
    int n;    /* highest parameter number */
    int at[]; /* at[k]: SQLite's index of $k, from 1; 0 = not in the text */
};

/* --- errors ----------------------------------------------------------------------------------- */

static bool deadline_passed(struct vconn *v)
{
    int64_t at = atomic_load_explicit(&v->deadline, memory_order_relaxed);
    return at && clock_steady_ms() >= at;
}

static bool errno_is_full(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

static enum err err_of_constraint(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_DATATYPE:
        return ERR_INTERNAL; /* validation should have caught it */
    case SQLITE_CONSTRAINT_TRIGGER:
        return ERR_STATE;
    default:
        return ERR_CONFLICT;
    }
}

/* SQLite says "full" for ENOSPC only, and does not always keep the number of other failures; so
 * whatever may write clears errno before (a file size limit and a quota are full disks too). */
static enum err err_of_io(struct vconn *v, int extended)
{
    if (extended == SQLITE_IOERR_NOMEM)
        return ERR_NOMEM;
    int system = v->h ? sqlite3_system_errno(v->h) : 0;
    if (extended == SQLITE_IOERR_SHMSIZE || errno_is_full(system) || errno_is_full(errno))
        return ERR_DISK_FULL;
    return ERR_IO;
}

/* The error of a vendor code; keeps the message for the log. */
static enum err err_of(struct vconn *v, int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
        return OK;
    snprintf(v->message, sizeof v->message, "sqlite %d: %s", rc,
        v->h ? sqlite3_errmsg(v->h) : sqlite3_errstr(rc));
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return err_of_constraint(rc);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return err_of_io(v, rc);
    case SQLITE_NOMEM:
        return ERR_NOMEM;
    case SQLITE_INTERRUPT:
        return deadline_passed(v) ? ERR_TIMEOUT : ERR_CANCELLED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return ERR_STATE;
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
        return ERR_INTERNAL;
    default:
        return ERR_DB;
    }
}

static enum err err_of_errno(int number)
{
    return errno_is_full(number) ? ERR_DISK_FULL : ERR_IO;
}

/* --- files ------------------------------------------------------------------------------------ */

static enum err sqlite_exists(const struct db *db, bool *ret, struct buf *why)
{
    struct stat st;
    (void)why;
    *ret = stat(db->path, &st) == 0 && st.st_size > 0;
    return OK;
}

/* A new or renamed file is durable once its folder is. */
static enum err folder_sync(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[4096] = ".";
    if (slash && (size_t)(slash - path) + 2 < sizeof dir) {
        memcpy(dir, path, (size_t)(slash - path) + 1);
        dir[slash - path + 1] = 0;
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_of_errno(errno);
    enum err e = fsync(fd) == 0 ? OK : err_of_errno(errno);
    close(fd);
    return e;
}

/* Stores are readable by their owner only; SQLite gives the log the same mode. */
static enum err file_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_of_errno(errno);
    close(fd);
    return folder_sync(path);
}

static enum err sqlite_make(const struct db *db)
{
    return file_make(db->path);
}

/* --- connections ------------------------------------------------------------------------------ */

static void library_start(void)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* counting takes a lock all threads share */
    sqlite3_initialize();
}

static int on_progress(void *arg)
{
    struct vconn *v = arg;
    return !v->in_verb && deadline_passed(v);
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
    (void)h;
    (void)name;
    struct vconn *v = arg;
    v->log.pages = pages;
    return SQLITE_OK;
}

static enum err sqlite_run(struct vconn *v, const char *script)
{
    errno = 0;
    return err_of(v, sqlite3_exec(v->h, script, NULL, NULL, NULL));
}

static void harden(struct vconn *v)
{
    sqlite3_db_config(v->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(v->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(v->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(v->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(v->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_limit(v->h, SQLITE_LIMIT_ATTACHED, 0);
}

static enum err configure(struct vconn *v, const struct db *db, enum db_mode mode)
{
    static const char *const words[] = {
        [DB_READ] = "PRAGMA foreign_keys=ON; PRAGMA query_only=ON;",
        [DB_STREAM] = "PRAGMA foreign_keys=ON; PRAGMA query_only=ON;",
        [DB_WRITE] = "PRAGMA foreign_keys=ON;",
        [DB_MIGRATE] = "PRAGMA foreign_keys=OFF;",
        [DB_UPKEEP] = "PRAGMA foreign_keys=ON;",
    };
    int kib = db->cache_kib;
    if (kib <= 0)
        kib = mode == DB_WRITE ? WRITE_CACHE_KIB : READ_CACHE_KIB;
    char script[512];
    snprintf(script, sizeof script,
        "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST;"
        "PRAGMA mmap_size=%lld; PRAGMA journal_size_limit=268435456;"
        "PRAGMA cache_size=-%d; %s",
        mode == DB_READ ? 1099511627776LL : 0LL, kib, words[mode]);
    sqlite3_busy_timeout(v->h, BUSY_MS);
    harden(v);
    enum err e = sqlite_run(v, script);
    sqlite3_progress_handler(v->h, PROGRESS_STEPS, on_progress, v);
    if (mode == DB_WRITE)
        sqlite3_wal_hook(v->h, on_commit, v); /* in place of automatic checkpoints */
    return e;
}

static void sqlite_disconnect(struct vconn *v)
{
    if (!v)
        return;
    for (int i = 0; i < VERBS; i++)
        sqlite3_finalize(v->tx[i]);
    sqlite3_close(v->h);
    mem_free(v);
}

static enum err sqlite_connect(
    const struct db *db, enum db_mode mode, struct vconn **ret, struct buf *why)
{
    (void)why;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_start);
    struct vconn *v = mem_alloc(sizeof *v);
    if (!v)
        return ERR_NOMEM;
    int flags = db->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    errno = 0;
    enum err e = err_of(v, sqlite3_open_v2(db->path, &v->h, flags, NULL));
    if (e == OK)
        e = configure(v, db, mode);
    if (e != OK) {
        sqlite_disconnect(v);
        return e;
    }
    *ret = v;
    return OK;
}

static const char *sqlite_message(struct vconn *v)
{
    return v->message;
}

static void sqlite_stop(struct vconn *v)
{
    sqlite3_interrupt(v->h);
}

static void sqlite_deadline(struct vconn *v, int64_t ms)
{
    atomic_store_explicit(&v->deadline, ms, memory_order_relaxed);
}

static int64_t sqlite_changes(struct vconn *v)
{
    return sqlite3_changes64(v->h);
}

/* --- transactions ----------------------------------------------------------------------------- */

static int verb_step(struct vconn *v, enum tx_verb verb)
{
    static const char *const words[VERBS] = {
        [TX_BEGIN_READ] = "BEGIN",
        [TX_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [TX_COMMIT] = "COMMIT",
        [TX_ROLLBACK] = "ROLLBACK",
        [TX_SAVE] = "SAVEPOINT s",
        [TX_RELEASE] = "RELEASE s",
        [TX_UNDO] = "ROLLBACK TO s",
    };
    int rc = SQLITE_OK;
    if (!v->tx[verb])
        rc = sqlite3_prepare_v3(
            v->h, words[verb], -1, SQLITE_PREPARE_PERSISTENT, &v->tx[verb], NULL);
    if (rc != SQLITE_OK)
        return rc;
    v->in_verb = true;
    errno = 0;
    rc = sqlite3_step(v->tx[verb]);
    v->in_verb = false;
    return rc;
}

static enum err sqlite_tx(struct vconn *v, enum tx_verb verb)
{
    enum err e = err_of(v, verb_step(v, verb));
    if (v->tx[verb])
        sqlite3_reset(v->tx[verb]);
    if (e == OK && verb == TX_UNDO)
        return sqlite_tx(v, TX_RELEASE);
    return e;
}

static bool sqlite_in_tx(struct vconn *v)
{
    return !sqlite3_get_autocommit(v->h);
}

/* --- statements ------------------------------------------------------------------------------- */

/* The number of parameter i ("$12"), 0 when it is not of that form. */
static int param_number(sqlite3_stmt *h, int i)
{
    const char *name = sqlite3_bind_parameter_name(h, i);
    int64_t n = 0;
    if (!name || *name != '$' || !str_int(str_z(name + 1), &n) || n < 1 || n > 32000)
        return 0;
    return (int)n;
}

static enum err stmt_wrap(struct vconn *v, sqlite3_stmt *h, struct vstmt **ret)
{
    int count = sqlite3_bind_parameter_count(h);
    int top = 0;
    for (int i = 1; i <= count; i++) {
        int k = param_number(h, i);
        if (k == 0)
            return ERR_INTERNAL;
        if (k > top)
            top = k;
    }
    struct vstmt *s = mem_alloc(sizeof *s + (size_t)(top + 1) * sizeof s->at[0]);
    if (!s)
        return ERR_NOMEM;
    s->v = v;
    s->h = h;
    s->n = top;
    for (int i = 1; i <= count; i++)
        s->at[param_number(h, i)] = i;
    *ret = s;
    return OK;
}

static enum err sqlite_prepare(struct vconn *v, struct str sql, struct vstmt **ret)
{
    sqlite3_stmt *h = NULL;
    const char *tail = NULL;
    if (!sql.p || sql.n > INT32_MAX)
        return ERR_INTERNAL;
    int rc = sqlite3_prepare_v3(v->h, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &h, &tail);
    if (rc != SQLITE_OK)
        return err_of(v, rc);
    bool whole = h && str_empty(str_trim((struct str){tail, sql.n - (size_t)(tail - sql.p)}));
    enum err e = whole ? stmt_wrap(v, h, ret) : ERR_INTERNAL;
    if (e != OK)
        sqlite3_finalize(h);
    return e;
}

static void sqlite_finalize(struct vstmt *s)
{
    sqlite3_finalize(s->h);
    mem_free(s);
}

static int bind_place(const struct vstmt *s, int at)
{
    return at < 1 || at > s->n ? 0 : s->at[at]; /* 0 makes SQLite say SQLITE_RANGE */
}

static enum err sqlite_bind_int(struct vstmt *s, int at, int64_t value)
{
    int i = bind_place(s, at);
    int rc = value == NULL_INT ? sqlite3_bind_null(s->h, i) : sqlite3_bind_int64(s->h, i, value);
    return err_of(s->v, rc);
}

static enum err sqlite_bind_str(struct vstmt *s, int at, struct str value)
{
    int i = bind_place(s, at);
    int rc = value.p ? sqlite3_bind_text64(s->h, i, value.p, value.n, SQLITE_STATIC, SQLITE_UTF8)
                     : sqlite3_bind_null(s->h, i);
    return err_of(s->v, rc);
}

static enum err sqlite_bind_blob(struct vstmt *s, int at, struct str value)
{
    int i = bind_place(s, at);
    int rc = value.p ? sqlite3_bind_blob64(s->h, i, value.p, value.n, SQLITE_STATIC)
                     : sqlite3_bind_null(s->h, i);
    return err_of(s->v, rc);
}

static enum err sqlite_step(struct vstmt *s, bool *ret_row)
{
    errno = 0;
    int rc = sqlite3_step(s->h);
    *ret_row = rc == SQLITE_ROW;
    return err_of(s->v, rc);
}

static void sqlite_reset_stmt(struct vstmt *s)
{
    sqlite3_reset(s->h);
    sqlite3_clear_bindings(s->h);
}

static int64_t sqlite_get_int(struct vstmt *s, int col)
{
    if (sqlite3_column_type(s->h, col) == SQLITE_NULL)
        return NULL_INT;
    return sqlite3_column_int64(s->h, col);
}

static struct str sqlite_get_str(struct vstmt *s, int col)
{
    const char *p = (const char *)sqlite3_column_text(s->h, col);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(s->h, col)} : STR_NULL;
}

static struct str sqlite_get_blob(struct vstmt *s, int col)
{
    if (sqlite3_column_type(s->h, col) == SQLITE_NULL)
        return STR_NULL;
    const char *p = sqlite3_column_blob(s->h, col);
    return p ? (struct str){p, (size_t)sqlite3_column_bytes(s->h, col)} : S("");
}

static bool sqlite_get_null(struct vstmt *s, int col)
{
    return sqlite3_column_type(s->h, col) == SQLITE_NULL;
}

static int sqlite_cols(struct vstmt *s)
{
    return sqlite3_column_count(s->h);
}

static const char *sqlite_col_name(struct vstmt *s, int col)
{
    return sqlite3_column_name(s->h, col);
}

/* --- the store as a whole --------------------------------------------------------------------- */

/* The first column of the first row of text, which no caller chose; false when there is none. */
static enum err first_int(struct vconn *v, const char *text, bool *ret_found, int64_t *ret_v)
{
    sqlite3_stmt *h = NULL;
    enum err e = err_of(v, sqlite3_prepare_v2(v->h, text, -1, &h, NULL));
    if (e != OK)
        return e;
    int rc = sqlite3_step(h);
    *ret_found = rc == SQLITE_ROW;
    if (*ret_found)
        *ret_v = sqlite3_column_int64(h, 0);
    e = err_of(v, rc);
    sqlite3_finalize(h);
    return e;
}

/* Ours by its mark; an empty file gets the mark. Inside a transaction. */
static enum err claim_mark(struct vconn *v, bool may_write)
{
    bool found = false;
    int64_t id = 0;
    int64_t tables = 0;
    enum err e = first_int(v, "PRAGMA application_id", &found, &id);
    if (e == OK)
        e = first_int(v, "SELECT count(*) FROM sqlite_schema", &found, &tables);
    if (e != OK || id == STORE_ID)
        return e;
    if (id != 0 || tables != 0 || !may_write)
        return ERR_STATE;
    char script[64];
    snprintf(script, sizeof script, "PRAGMA application_id=%d", STORE_ID);
    return sqlite_run(v, script);
}

/* Changing over to a log needs the file alone for a moment, and SQLite does not wait for that. */
static enum err claim_log(struct vconn *v)
{
    enum err e = ERR_BUSY;
    for (int waited = 0; e == ERR_BUSY && waited < BUSY_MS; waited += 10) {
        e = sqlite_run(v, "PRAGMA journal_mode=WAL");
        if (e == ERR_BUSY)
            sqlite3_sleep(10);
    }
    return e;
}

/* Nothing to do, and no need to wait for a writer: ours, and with a log already. */
static bool claimed(struct vconn *v)
{
    bool found = false;
    int64_t id = 0;
    enum err e = first_int(v, "PRAGMA application_id", &found, &id);
    if (e != OK || id != STORE_ID)
        return false;
    sqlite3_stmt *h = NULL;
    bool wal = sqlite3_prepare_v2(v->h, "PRAGMA journal_mode", -1, &h, NULL) == SQLITE_OK &&
               sqlite3_step(h) == SQLITE_ROW &&
               str_eqz(S("wal"), (const char *)sqlite3_column_text(h, 0));
    sqlite3_finalize(h);
    return wal;
}

static enum err sqlite_claim(struct vconn *v, bool may_write, struct buf *why)
{
    (void)why;
    if (claimed(v))
        return OK;
    enum err e = sqlite_tx(v, may_write ? TX_BEGIN_WRITE : TX_BEGIN_READ);
    if (e == OK)
        e = claim_mark(v, may_write);
    if (e == OK)
        e = sqlite_tx(v, TX_COMMIT);
    if (sqlite_in_tx(v)) {
        enum err ended = sqlite_tx(v, TX_ROLLBACK);
        e = e == OK ? ended : e;
    }
    return e == OK && may_write ? claim_log(v) : e;
}

static enum err sqlite_check_links(struct vconn *v)
{
    bool broken = false;
    int64_t ignored = 0;
    enum err e = first_int(v, "PRAGMA foreign_key_check", &broken, &ignored);
    if (e != OK || !broken)
        return e;
    snprintf(v->message, sizeof v->message, "foreign key check failed");
    return ERR_STATE;
}

static enum err sqlite_intact(struct vconn *v)
{
    sqlite3_stmt *h = NULL;
    enum err e = err_of(v, sqlite3_prepare_v2(v->h, "PRAGMA quick_check(1)", -1, &h, NULL));
    if (e != OK)
        return e;
    errno = 0;
    int rc = sqlite3_step(h);
    const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(h, 0) : NULL;
    e = err_of(v, rc);
    if (e == OK && !str_eqz(S("ok"), said)) {
        snprintf(v->message, sizeof v->message, "quick_check: %s", said ? said : "no answer");
        e = ERR_CORRUPT;
    }
    sqlite3_finalize(h);
    return e;
}

static enum err sqlite_table(struct vconn *v, const char *table, db_flaw_fn *found, void *arg)
{
    return err_of(v, sqlite_flaws(v->h, table, found, arg));
}

static struct db_log sqlite_log(struct vconn *v)
{
    return v->log;
}

static enum err checkpoint(struct vconn *v, int mode, int wait_ms, struct db_log *ret)
{
    struct db_log log = {0, 0};
    sqlite3_busy_timeout(v->h, wait_ms);
    int rc = sqlite3_wal_checkpoint_v2(v->h, NULL, mode, &log.pages, &log.copied);
    sqlite3_busy_timeout(v->h, BUSY_MS);
    enum err e = err_of(v, rc);
    if (e == OK)
        *ret = log;
    return e;
}

/* A reader who takes one look after the other holds the same lock again at once, so waiting for
 * the lock would wait in vain; trying anew sees that he has moved on. */
static enum err checkpoint_restart(struct vconn *v, struct db_log *ret)
{
    enum err e = ERR_BUSY;
    for (int waited = 0; e == ERR_BUSY && waited < RESTART_MS; waited += 2) {
        if (waited)
            sqlite3_sleep(2);
        e = checkpoint(v, SQLITE_CHECKPOINT_RESTART, 0, ret);
    }
    return e;
}

static enum err sqlite_checkpoint(struct vconn *v, enum log_copy how, struct db_log *ret)
{
    int mode = how == LOG_EMPTY ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    return how == LOG_RESTART ? checkpoint_restart(v, ret) : checkpoint(v, mode, BUSY_MS, ret);
}

/* --- backup ----------------------------------------------------------------------------------- */

struct copy {
    struct vconn *from;
    struct vconn to;
    char *part; /* the copy under its temporary name */
};

static enum err copy_steps(struct copy *k, db_progress_fn *progress, void *arg)
{
    sqlite3_backup *b = sqlite3_backup_init(k->to.h, "main", k->from->h, "main");
    if (!b)
        return err_of(&k->to, sqlite3_errcode(k->to.h));
    int rc = SQLITE_OK;
    bool go_on = true;
    while (rc == SQLITE_OK && go_on) {
        errno = 0;
        rc = sqlite3_backup_step(b, BACKUP_PAGES);
        int total = sqlite3_backup_pagecount(b);
        int left = sqlite3_backup_remaining(b);
        if (progress && (rc == SQLITE_OK || rc == SQLITE_DONE))
            go_on = progress(arg, total - left, total);
    }
    enum err e = rc == SQLITE_DONE ? OK : err_of(&k->to, rc);
    int end = sqlite3_backup_finish(b);
    if (e != OK)
        return e;
    if (end != SQLITE_OK)
        return err_of(&k->to, end);
    return go_on ? OK : ERR_CANCELLED;
}

/* One read transaction around the copy keeps its source still however much is written meanwhile. */
static enum err copy_run(struct copy *k, db_progress_fn *progress, void *arg)
{
    bool found = false;
    int64_t ignored = 0;
    enum err e = sqlite_tx(k->from, TX_BEGIN_READ);
    if (e == OK)
        e = first_int(k->from, "SELECT count(*) FROM sqlite_schema", &found, &ignored);
    if (e == OK)
        e = copy_steps(k, progress, arg);
    if (sqlite_in_tx(k->from)) {
        enum err ended = sqlite_tx(k->from, TX_ROLLBACK);
        e = e == OK ? ended : e;
    }
    return e;
}

static enum err copy_open(struct copy *k)
{
    unlink(k->part);
    enum err e = file_make(k->part);
    if (e != OK)
        return e;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    errno = 0;
    e = err_of(&k->to, sqlite3_open_v2(k->part, &k->to.h, flags, NULL));
    if (e != OK)
        return e;
    return sqlite_run(&k->to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
}

/* Marks the copy as a file without a log (bytes 18 and 19 of the header), so that it is one file
 * that can be read where nothing can be written, and makes it durable. */
static enum err copy_seal(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return err_of_errno(errno);
    bool good = pwrite(fd, "\1\1", 2, 18) == 2 && fsync(fd) == 0;
    enum err e = good ? OK : err_of_errno(errno);
    close(fd);
    return e;
}

static void file_forget(const char *path, const char *suffix)
{
    char name[4096];
    if (snprintf(name, sizeof name, "%s%s", path, suffix) < (int)sizeof name)
        unlink(name);
}

/* Takes the name with an empty file, so that no store can come to be there meanwhile. */
static enum err name_take(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_of_errno(errno);
    struct stat st;
    bool empty = fstat(fd, &st) == 0 && st.st_size == 0;
    close(fd);
    return empty ? OK : ERR_CONFLICT;
}

/* The copy gets its name when it is whole and on the disk; an existing store is not replaced. */
static enum err copy_publish(const struct copy *k, const char *path)
{
    enum err e = copy_seal(k->part);
    if (e == OK)
        e = name_take(path);
    if (e != OK)
        return e;
    file_forget(path, "-wal"); /* left by a store that was here: never part of this one */
    file_forget(path, "-shm");
    file_forget(path, "-journal");
    if (rename(k->part, path) != 0)
        return err_of_errno(errno);
    return folder_sync(path);
}

static enum err copy_all(struct copy *k, db_progress_fn *progress, void *arg)
{
    enum err e = copy_open(k);
    if (e == OK)
        e = copy_run(k, progress, arg);
    sqlite3_close(k->to.h);
    return e;
}

static enum err sqlite_backup(
    const struct db *db, const char *path, db_progress_fn *progress, void *arg)
{
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size > 0)
        return ERR_CONFLICT;
    struct copy k = {.part = mem_alloc(strlen(path) + 6)};
    if (!k.part)
        return ERR_NOMEM;
    snprintf(k.part, strlen(path) + 6, "%s.part", path);
    enum err e = sqlite_connect(db, DB_READ, &k.from, NULL);
    if (e == OK)
        e = copy_all(&k, progress, arg);
    if (e == OK)
        e = copy_publish(&k, path);
    if (e != OK)
        unlink(k.part);
    sqlite_disconnect(k.from);
    mem_free(k.part);
    return e;
}

const struct db_backend db_sqlite = {
    .scheme = "sqlite:",
    .dialect = DIALECT_SQLITE,
    .exists = sqlite_exists,
    .make = sqlite_make,
    .claim = sqlite_claim,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .message = sqlite_message,
    .interrupt = sqlite_stop,
    .deadline = sqlite_deadline,
    .run = sqlite_run,
    .tx = sqlite_tx,
    .in_tx = sqlite_in_tx,
    .changes = sqlite_changes,
    .check_links = sqlite_check_links,
    .intact = sqlite_intact,
    .flaws = sqlite_table,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .bind_int = sqlite_bind_int,
    .bind_str = sqlite_bind_str,
    .bind_blob = sqlite_bind_blob,
    .step = sqlite_step,
    .reset = sqlite_reset_stmt,
    .get_int = sqlite_get_int,
    .get_str = sqlite_get_str,
    .get_blob = sqlite_get_blob,
    .get_null = sqlite_get_null,
    .cols = sqlite_cols,
    .col_name = sqlite_col_name,
    .log = sqlite_log,
    .checkpoint = sqlite_checkpoint,
    .backup = sqlite_backup,
};
