/* The database: this header is the whole API. A back end is a struct of functions (struct
 * db_backend, db/backend.h); sqlite.c and, later, postgres.c are the only files that know a vendor.
 *
 * Method. Statements are named (src/sql/query -> enum sql_id by tools/mksql) and prepared once
 * per connection. Parameters are written :name in the .sql text; mksql numbers them $1..$n and
 * keeps the names, so a described struct binds by name. Times are parameters, never now().
 *
 *   struct q q;
 *   q_begin(&q, c, SQL_firm_by_uscc);
 *   q_str(&q, "uscc", uscc);
 *   while (q_row(&q))
 *       id = q_get_int(&q, 0);
 *   e = q_end(&q);            errors latch in q; q_end returns the first
 */
#ifndef ZHIAN_DB_DB_H
#define ZHIAN_DB_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "sql/sql.h" /* generated: enum sql_id */

struct db;      /* an open store */
struct db_conn; /* one connection; used by one thread at a time */
struct db_stmt; /* a prepared statement of one connection */

struct db_options {
    const char *target; /* "sqlite:PATH" or "postgresql://…" */
    bool create;        /* make the store when it is not there */
    bool fresh;         /* ERR_CONFLICT when it is there */
    bool read_only;     /* refuse every write (verify, --check) */
    int cache_kib;      /* page cache per connection; 0 = default */
    char *why;          /* optional buffer for a Chinese sentence on failure */
    size_t why_size;
};

/* db_open opens or creates a store and brings its schema up to date (forward-only migrations, each
 * hashed and in a transaction); read_only changes nothing and wants the schema up to date.
 * ERR_NOT_FOUND: no store there; ERR_STATE: not a store of this program, schema newer than this
 * program, or changed text of an applied migration; ERR_CORRUPT, ERR_UNSUPPORTED (target), ERR_IO,
 * ERR_BUSY, ERR_DB, ERR_NOMEM, ERR_DISK_FULL. New files can be read by their owner only. */
MUST_CHECK enum err db_open(const struct db_options *o, struct db **ret);
void db_close(struct db *db);

/* db_folder: the folder a store that is a file lies in; false for a store on a server, and for a
 * path that is too long. */
bool db_folder(const char *target, char *ret_path, size_t size);

/* What a connection is for. */
enum db_mode {
    DB_READ,    /* query-only; answers: the store may be mapped into memory */
    DB_STREAM,  /* query-only; long walks, once through much of the store in little memory */
    DB_WRITE,   /* the writer */
    DB_MIGRATE, /* schema changes, whole stores put in: like the writer, but links between tables
                   are checked at the end only, and the log is copied as it grows */
    DB_UPKEEP,  /* checkpoints */
};

/* db_connect opens one more connection; ERR_STATE: to write to a store opened read-only. Every
 * named statement is prepared on first use; db_check prepares all of them and fails on the first
 * that does not (start-up and tests). */
MUST_CHECK enum err db_connect(struct db *db, enum db_mode mode, struct db_conn **ret);
void db_disconnect(struct db_conn *c);
MUST_CHECK enum err db_check(struct db_conn *c);

/* db_message: the vendor's text of the last error on c, for the log, never for users. */
const char *db_message(struct db_conn *c);

/* db_backup copies the whole store, as it is when the copy begins, to a new file while it is in
 * use. The file gets its name when it is complete and durable (PATH.part before), and is a single
 * file that db_open takes like any store. progress may be NULL; it gets done and total pages and
 * returns false to cancel. ERR_CONFLICT: the file is there already; ERR_UNSUPPORTED: a store on
 * a server, whose rows are carried over instead (core/move.h); ERR_CANCELLED; ERR_DISK_FULL,
 * ERR_IO.
 */
typedef bool db_progress_fn(void *arg, int64_t done, int64_t total);
MUST_CHECK enum err db_backup(struct db *db, const char *path, db_progress_fn *progress, void *arg);

/* db_restore puts the backup file at path `from` in place as the store o->target, which must not be
 * there yet (ERR_CONFLICT); db_open then brings an older one up to date. The file is checked first:
 * ERR_NOT_FOUND; ERR_STATE not a store of this program, or a newer or other schema; ERR_CORRUPT;
 * ERR_UNSUPPORTED as for db_backup.
 * progress as for db_backup. o->create, read_only and cache_kib are not looked at. */
MUST_CHECK enum err db_restore(
    const char *from, const struct db_options *o, db_progress_fn *progress, void *arg);

/* db_intact looks at the physical structure of the whole store (seconds for a large one):
 * ERR_CORRUPT when it is damaged. What the records say is proved by the seal, not here. */
MUST_CHECK enum err db_intact(struct db_conn *c);

/* Something wrong with a table that no row of it says: an index that is not what the rows make it.
 */
struct db_flaw {
    const char *table;
    int64_t id;       /* of the row it is about; 0: of none */
    const char *what; /* a Chinese sentence */
};
typedef void db_flaw_fn(void *arg, const struct db_flaw *f);

/* db_flaws compares the indexes of a table of the schema with its rows, as of one moment (some ten
 * seconds a million firms), and tells at most a hundred flaws. OK however many; errors are of
 * reading. Does nothing for a store on a server, which has means of its own (page checksums,
 * amcheck). */
MUST_CHECK enum err db_flaws(struct db_conn *c, const char *table, db_flaw_fn *found, void *arg);

/* db_interrupt stops the statement running on c from another thread (deadlines, shutdown);
 * db_deadline makes statements on c stop with ERR_TIMEOUT after that CLOCK_MONOTONIC ms; 0 = none.
 */
void db_interrupt(struct db_conn *c);
void db_deadline(struct db_conn *c, int64_t monotonic_ms);

/* --- several programs on one store -------------------------------------------------------------
 */

/* db_is_shared: other programs may serve the same store at the same time. */
bool db_is_shared(const struct db *db);

/* db_notify tells the programs that listen of a topic once the transaction under way is committed;
 * db_listen makes c listen; db_wait_notice waits at most ms for one: topic is "" when none came.
 * Any error means that notices may have been missed. Nothing happens on a store that is not shared.
 */
void db_notify(struct db_conn *c, const char *topic);
MUST_CHECK enum err db_listen(struct db_conn *c);
MUST_CHECK enum err db_wait_notice(struct db_conn *c, int ms, char *topic, size_t size);

/* --- transactions (writer connections; readers use tx for a stable snapshot) ------------------ */
MUST_CHECK enum err tx_begin(struct db_conn *c);
/* A commit that fails has rolled back. tx_rollback without a transaction does nothing. */
MUST_CHECK enum err tx_commit(struct db_conn *c);
void tx_rollback(struct db_conn *c);
/* Savepoints nest inside a transaction: one per operation of a group commit. */
MUST_CHECK enum err tx_save(struct db_conn *c);
MUST_CHECK enum err tx_release(struct db_conn *c);
void tx_undo(struct db_conn *c); /* back to the last tx_save, and release it */

/* --- statements ------------------------------------------------------------------------------- */
struct q {
    struct db_conn *c;
    struct db_stmt *s;
    enum err err;
    bool done;
};

/* q_begin takes a statement with nothing bound; a parameter never bound is SQL NULL. The same
 * statement may be open several times (a walk down a tree). Errors of this and all that follows
 * latch: ERR_STATE writing on a reader, ERR_CONFLICT a unique key or a link, ERR_STATE a trigger's
 * refusal, ERR_INTERNAL what validation should have refused (NOT NULL, CHECK) or an unknown name,
 * ERR_BUSY, ERR_TIMEOUT, ERR_CANCELLED, ERR_DISK_FULL, ERR_IO, ERR_CORRUPT, ERR_NOMEM, ERR_DB. */
void q_begin(struct q *q, struct db_conn *c, enum sql_id id);

/* q_begin_text runs text made by the list engine (the one composer of SQL), or a table's statements
 * (sql_tables); statements are cached by text. Parameters are $1..$n, bound by q_*_at. */
void q_begin_text(struct q *q, struct db_conn *c, struct str sql);

/* Bind by name (named statements) or by position from 1 (composed text). NULL_INT and STR_NULL bind
 * SQL NULL. Text must stay valid until q_end. An unknown name latches ERR_INTERNAL. */
void q_int(struct q *q, const char *name, int64_t v);
void q_str(struct q *q, const char *name, struct str v);
void q_blob(struct q *q, const char *name, struct str v);
void q_int_at(struct q *q, int at, int64_t v);
void q_str_at(struct q *q, int at, struct str v);
void q_blob_at(struct q *q, int at, struct str v);

/* q_bind binds every parameter of the statement that has a field of its name; a parameter without
 * a field stays as bound before. Lists and secrets are never bound. */
void q_bind(struct q *q, const struct desc *d, const void *s);

/* q_row steps: true when a row is there; false at the end or after an error. */
bool q_row(struct q *q);

/* Columns of the current row, from 0; NULL_INT and STR_NULL for SQL NULL. Text and blobs are valid
 * until the next q_row or q_end. */
int64_t q_get_int(struct q *q, int col);
struct str q_get_str(struct q *q, int col);
struct str q_get_blob(struct q *q, int col);
bool q_get_null(struct q *q, int col);
int q_cols(struct q *q);
const char *q_col_name(struct q *q, int col);

/* q_read fills the fields of s whose names are columns of the row, text copied into a; other
 * fields keep their value. ERR_NOMEM latches in q. */
void q_read(struct q *q, const struct desc *d, void *s, struct arena *a);

/* q_end resets the statement for reuse and returns the first error. */
MUST_CHECK enum err q_end(struct q *q);

/* q_exec: run to the end without rows. q_changes: rows changed by the last write on c. */
MUST_CHECK enum err q_exec(struct q *q);
int64_t q_changes(struct db_conn *c);

/* q_send: as q_exec, for a write that cannot fail for a reason its caller would act on: where the
 * way to the database is long, its failure may come with a later statement of the transaction, at
 * the latest with tx_release or tx_commit. q_changes does not count it. */
MUST_CHECK enum err q_send(struct q *q);

/* q_one: exactly zero or one row: fills s and returns OK, or ERR_NOT_FOUND, or an error; ends q. */
MUST_CHECK enum err q_one(struct q *q, const struct desc *d, void *s, struct arena *a);

/* q_one_int: the first column of the first row (NULL_INT for SQL NULL, as max() of nothing gives);
 * ERR_NOT_FOUND when there is no row; ends q. */
MUST_CHECK enum err q_one_int(struct q *q, int64_t *ret_v);

/* q_all: every row into an arena array described by d, fields without a column absent; ends q. */
MUST_CHECK enum err q_all(struct q *q, const struct desc *d, struct vec *ret, struct arena *a);

#endif
