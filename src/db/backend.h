/* Inside the db folder only: what a back end is, and the parts db.c, query.c, migrate.c and
 * writer.c share. A back end is a struct of functions in one file that alone knows its vendor.
 *
 * Method. The front (db.c, query.c) keeps names, caches and error latching; a back end opens
 * connections, prepares text whose parameters are $1..$n, binds by that number, steps and reads.
 * Every function that can fail returns enum err and remembers the vendor's message. */
#ifndef ZHIAN_DB_BACKEND_H
#define ZHIAN_DB_BACKEND_H

#include "db/catalog.h"
#include "db/db.h"
#include "db/dialect.h"
#include "db/parts.h"

struct vconn; /* a back end's connection */
struct vstmt; /* a back end's prepared statement */

enum tx_verb {
    TX_BEGIN_READ,
    TX_BEGIN_WRITE,
    TX_COMMIT,
    TX_ROLLBACK,
    TX_SAVE,
    TX_RELEASE,
    TX_UNDO
};

/* The write-ahead log after a commit or a checkpoint, in pages. */
struct db_log {
    int pages;
    int copied; /* already in the store */
};

/* How far a checkpoint goes: what can be copied without waiting; everything, waiting a moment for
 * readers, so that the log starts over; everything, and an empty log. */
enum log_copy { LOG_COPY, LOG_RESTART, LOG_EMPTY };

/* Tables in parts: see db/parts.h. */
struct db_parts {
    enum err (*there)(struct vconn *v, const struct db_part *p, bool *ret);
    enum err (*rest)(struct vconn *v, const struct db_part *p, int64_t *ret_key);
    enum err (*newest)(
        struct vconn *v, const struct db_part *p, char name[DB_PART_NAME], int64_t *ret_span);
    enum err (*make)(struct vconn *v, const struct db_part *p);
    enum err (*turn)(struct vconn *v, const struct db_part *p);
    enum err (*drop)(struct vconn *v, const struct db_part *p);
};

struct db_backend {
    const char *scheme; /* of db_options.target, with its colon */
    enum dialect dialect;
    bool server; /* what follows the scheme is no path of a file */

    /* exists: is a store there; an error, with the vendor's word in why, when that cannot be known.
     * make: create an empty one. */
    enum err (*exists)(const struct db *db, bool *ret, struct buf *why);
    enum err (*make)(const struct db *db);
    /* claim: the store behind v is ours, or empty and becomes ours; ERR_STATE otherwise,
     * ERR_UNSUPPORTED: not a server or a database for us (why says it). */
    enum err (*claim)(struct vconn *v, bool may_write, struct buf *why);

    /* connect puts the vendor's word of a failure into why. */
    enum err (*connect)(
        const struct db *db, enum db_mode mode, struct vconn **ret, struct buf *why);
    void (*disconnect)(struct vconn *v);
    const char *(*message)(struct vconn *v);
    void (*interrupt)(struct vconn *v);
    void (*deadline)(struct vconn *v, int64_t monotonic_ms);

    enum err (*run)(struct vconn *v, const char *script); /* several statements, no rows */
    enum err (*tx)(struct vconn *v, enum tx_verb verb);
    bool (*in_tx)(struct vconn *v);
    int64_t (*changes)(struct vconn *v);
    enum err (*check_links)(struct vconn *v); /* ERR_STATE: a row points at nothing */
    enum err (*intact)(struct vconn *v);      /* ERR_CORRUPT: damaged pages */
    /* db_flaws; NULL: the server answers for its indexes. */
    enum err (*flaws)(struct vconn *v, const char *table, db_flaw_fn *found, void *arg);

    enum err (*prepare)(struct vconn *v, struct str sql, struct vstmt **ret);
    void (*finalize)(struct vstmt *s);
    enum err (*bind_int)(struct vstmt *s, int at, int64_t v);
    enum err (*bind_str)(struct vstmt *s, int at, struct str v);
    enum err (*bind_blob)(struct vstmt *s, int at, struct str v);
    enum err (*step)(struct vstmt *s, bool *ret_row);
    /* send: to the end without rows; its failure may be told by what follows in the transaction, at
     * the latest by TX_RELEASE or TX_COMMIT. NULL: the back end has no use for it. */
    enum err (*send)(struct vstmt *s);
    void (*reset)(struct vstmt *s); /* and forget what was bound */
    int64_t (*get_int)(struct vstmt *s, int col);
    struct str (*get_str)(struct vstmt *s, int col);
    struct str (*get_blob)(struct vstmt *s, int col);
    bool (*get_null)(struct vstmt *s, int col);
    int (*cols)(struct vstmt *s);
    const char *(*col_name)(struct vstmt *s, int col);

    /* The log of a store that keeps one: log says how long it was after v's last commit;
     * checkpoint copies it into the store. ERR_BUSY: somebody was in the way of how. */
    struct db_log (*log)(struct vconn *v);
    enum err (*checkpoint)(struct vconn *v, enum log_copy how, struct db_log *ret);

    /* NULL where a store has one program: see db_notify and its neighbours in db.h. */
    void (*notify)(struct vconn *v, const char *topic);
    enum err (*listen)(struct vconn *v);
    enum err (*wait_notice)(struct vconn *v, int ms, char *topic, size_t size);

    enum err (*backup)(const struct db *db, const char *path, db_progress_fn *progress, void *arg);

    const struct db_parts *parts; /* NULL: tables are kept whole */
};

extern const struct db_backend db_sqlite, db_postgres;

struct db {
    const struct db_backend *be;
    struct sql_catalog cat;
    char *path; /* what follows the scheme */
    bool read_only;
    int cache_kib;
};

enum { DB_TEXT_CACHE = 64 };

struct db_conn {
    struct db *db;
    const struct db_backend *be;
    struct vconn *v;
    bool write;
    int open;               /* statements between q_begin and q_end */
    uint64_t tick;          /* use of composed statements, for eviction */
    struct db_stmt **named; /* by statement id, first use prepares */
    struct db_stmt *text[DB_TEXT_CACHE];
};

/* stmt_free_all finalizes every statement of c; stmt_settle ends those a caller left open and says
 * whether there were any (a bug in the caller). */
void stmt_free_all(struct db_conn *c);
bool stmt_settle(struct db_conn *c);

/* migrate_run compares the schema behind c with c->db->cat, and brings it up (MIGRATE_APPLY), wants
 * it up to date (MIGRATE_EXPECT), or takes an older one as it is (MIGRATE_ALLOW_OLDER). Puts a
 * Chinese sentence into why on failure. */
enum migrate { MIGRATE_APPLY, MIGRATE_EXPECT, MIGRATE_ALLOW_OLDER };
MUST_CHECK enum err migrate_run(struct db_conn *c, enum migrate how, struct buf *why);

#endif
