/* The context every operation gets first: memory, database, actor, clock, errors. An operation
 * never reaches for a global; what is not in its context or its input does not exist for it. */
#ifndef ZHIAN_CORE_CTX_H
#define ZHIAN_CORE_CTX_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "core/moves.h"
#include "core/perm.h"

struct app;
struct batch;
struct list_sink;

enum source { SRC_WEB, SRC_CLI, SRC_JOB, SRC_API, SRC_IMPORT };

/* Who acts. An org user has org and path (the subtree he may see); a firm user has firm and no
 * path; the three administrators have neither. account 0 is the system itself (jobs, console). */
struct actor {
    int64_t account;
    struct str name;
    struct str login;
    struct str role;
    int64_t org;
    struct str org_path; /* "" for firm users and administrators */
    struct str org_name;
    int64_t level;
    int64_t firm; /* 0 unless a firm user */
    uint64_t perms[2];
    int64_t session;
    int64_t must_change;     /* 1: nothing but changing the password is allowed */
    struct path_moves moves; /* what is on its way to another path just now */
};

/* A received file (OP_UPLOAD): spooled to disk by the door, removed by the door afterwards. */
struct upload {
    struct str path; /* NUL-terminated; STR_NULL when there is none */
    struct str name; /* the client's file name, checked UTF-8, no path */
    int64_t size;
};

/* One complaint about the input. Collected, so that all of them are answered at once. */
struct problem {
    struct str field;   /* dotted path: "items.3.measure" */
    struct str code;    /* stable word: required, too_long, unknown, type, range, code, … */
    struct str message; /* Chinese: what is wrong, where, what to do */
    struct problem *next;
};

/* What an operation may set beside its output. */
struct reply_extra {
    int64_t version;      /* ETag; NULL_INT = none */
    struct str cookie;    /* Set-Cookie value (session operations only) */
    struct str file_path; /* OP_FILE: a file to send (NUL-terminated) … */
    struct str file_body; /* … or bytes in the arena */
    struct str file_type; /* media type */
    struct str file_name; /* suggested name; STR_NULL = shown in the page */
    bool file_delete;     /* unlink file_path after sending */
    int64_t job;          /* OP_JOB: answered as 202 with this job */
    int64_t retry_after;  /* seconds, with throttles */
    struct str current;   /* ERR_STALE: the stored value as JSON */
};

struct ctx {
    struct app *app;
    struct arena *a;
    struct db_conn *db;
    struct batch *batch; /* writes only */
    struct actor actor;
    int64_t now;   /* ms UTC, fixed for the whole operation */
    int64_t today; /* Shanghai day of now */
    enum source source;
    struct str via; /* where a change comes from: "import 12 行 7", page name; may be STR_NULL */
    struct str ip;
    struct str agent;
    struct str base;     /* address of this server as the client wrote it, for links on papers */
    struct str rid;      /* request id */
    struct str op;       /* operation name, for the journal */
    int64_t if_match;    /* version the client edited, NULL_INT = not given */
    struct str idem_key; /* Idempotency-Key or STR_NULL */
    struct str token;    /* session token as sent; only session operations look at it */
    struct upload file;
    struct reply_extra reply;
    const struct list_sink *sink; /* an export runs the operation: its list goes there whole */
    enum err err;                 /* first error */
    struct str err_field;
    struct str err_message; /* Chinese; default text of err when STR_NULL */
    struct problem *problems, **problems_end;
    int problem_count;
};

/* fail sets the error of the operation once (later calls keep the first) and returns e. field may
 * be NULL; message is Chinese text for the user, or NULL for the default of e. */
enum err fail(struct ctx *c, enum err e, const char *field, const char *message);
enum err failf(struct ctx *c, enum err e, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* complain adds one problem (ERR_INVALID); validation goes on and ends with checked(). More than
 * PROBLEMS_MAX are counted only; what reads input of any length stops there. */
enum { PROBLEMS_MAX = 200 };
void complain(struct ctx *c, struct str field, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* checked: OK when nothing was complained about, else ERR_INVALID. */
MUST_CHECK enum err checked(struct ctx *c);

/* db_fail maps a database error to the operation's, keeping the vendor text for the log only. */
enum err db_fail(struct ctx *c, enum err e);

/* can: the actor holds the permission. */
bool can(const struct ctx *c, enum perm p);

/* scope_has: path lies in the actor's subtree. Paths are fixed-width segments ("0001.0004."), so
 * a prefix is an ancestor and A10 never matches A100. A path on the move counts where it goes.
 * Firm users and administrators: false. */
bool scope_has(const struct ctx *c, struct str path);

/* scope_end: the exclusive upper bound of the subtree range of path: path >= p AND path < end. */
struct str scope_end(struct arena *a, struct str path);

/* path_level: the level of an org path by its number of segments (1 = province … 4 = station). */
int path_level(struct str path);

/* Copies a string into the operation's memory. */
static inline struct str keep(struct ctx *c, struct str s)
{
    return arena_str(c->a, s);
}

#endif
