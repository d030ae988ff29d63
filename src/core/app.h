/* The running program: what is opened once and shared by all calls. */
#ifndef ZHIAN_CORE_APP_H
#define ZHIAN_CORE_APP_H

#include "core/op.h"
#include "db/writer.h"

struct crypto;
struct pool;
struct settings;
struct templates;
struct code_lists;
struct record_kinds;
struct job_kind;
struct month_table;
struct refdata;

/* Ids made by a store are store_no << STORE_NO_SHIFT | counter; firm ids stay below 2^34. */
enum { STORE_NO_SHIFT = 26, STORE_NO_MAX = 255 };

struct app_options {
    const char *dir;     /* data directory: DIR/zhian.db, DIR/keys, DIR/files, DIR/tmp */
    const char *db;      /* --db URI, or NULL for sqlite:DIR/zhian.db */
    const char *standby; /* --standby URI, or NULL */
    bool create;         /* init */
    bool demo;           /* with create: mark the store as a demonstration */
    bool test;           /* with create: mark the store as a test store */
    int64_t store_no;    /* with create: 0 … STORE_NO_MAX, apart from every store it may meet */
    bool read_only;
    bool moving; /* take a store that is not moved to its end yet (core/move.h) */
    bool serve;  /* start writer, pools, sealer, job runner */
    const struct op_table *ops;
    const struct record_kinds *kinds;
    const struct job_kind *jobs;      /* ends with a NULL name */
    const struct month_table *months; /* ends with a NULL name; NULL: none */
    /* after_open runs once when the store is open and the writer runs (may be NULL): a feature's
     * start-up work such as opening the day. */
    enum err (*after_open)(struct app *app);
    void (*before_close)(struct app *app); /* gives back what after_open took (may be NULL) */
    /* on_batch runs on the writer at the start of every group commit (may be NULL): work that must
     * see settled counters, such as opening a new day. */
    enum err (*on_batch)(struct ctx *c);
    char *why;
    size_t why_size;
};

struct app {
    struct db *db;
    struct writer *writer;   /* NULL when read-only */
    struct standby *standby; /* NULL: none */
    struct crypto *crypto;
    struct op_table ops;
    const struct record_kinds *kinds;
    const struct job_kind *jobs;
    const struct month_table *months;
    struct pool *slow; /* password hashing and other slow work */
    struct pool *work; /* long jobs */
    struct templates *templates;
    struct batch *batch; /* the writer's; touched on the writer thread only */
    struct sealer *sealer;
    struct node *nodes;  /* this program among others; NULL on a store that is not shared */
    char node[17];       /* its name */
    struct refdata *ref; /* parsed reference tables; kept by feature/ledger/refdata.c */
    int64_t duty_day;    /* last day known to be opened, 0 = unknown; writer thread only, kept by
                            feature/duty */
    const char *dir;
    bool demo;
    bool test;
    bool serving; /* jobs start by themselves; on the command line their caller runs them */
    enum err (*on_batch)(struct ctx *c);
    void (*before_close)(struct app *app);
    int64_t fixed_now; /* ZHIAN_NOW on demo and test stores; NULL_INT = real clock */
    int64_t started;
    int64_t store_no; /* prefix of ids made here: lets stores be merged later */
};

/* app_open opens the store and starts what options ask for; on failure `why` holds a Chinese
 * sentence. app_close stops everything in order and loses nothing queued. */
MUST_CHECK enum err app_open(const struct app_options *o, struct app **ret);
void app_close(struct app *app);

/* app_now: the clock, ms UTC; injectable on demo and test stores only. */
int64_t app_now(const struct app *app);

/* app_ctx prepares a context of the system actor on an open connection. */
void app_ctx(struct app *app, struct ctx *c, struct arena *a, struct db_conn *db);

/* app_read runs fn with a reader connection and a context of the system actor. For the command
 * line and jobs. */
MUST_CHECK enum err app_read(struct app *app, enum err (*fn)(struct ctx *c, void *arg), void *arg);

/* app_write runs fn on the writer inside a savepoint of the group commit, as `like` (the actor,
 * source and clock of a calling context; NULL = the system), and waits for the commit. Errors and
 * problems are copied back to like. Not from the writer thread. */
MUST_CHECK enum err app_write(
    struct app *app, struct ctx *like, enum err (*fn)(struct ctx *c, void *arg), void *arg);

/* app_write_alone: the same in a group commit of its own, with nothing counted and unwritten before
 * it: for what moves counters by SQL (batch_settle first). */
MUST_CHECK enum err app_write_alone(
    struct app *app, struct ctx *like, enum err (*fn)(struct ctx *c, void *arg), void *arg);

/* app_later queues a small write (fn gets a pointer to arg) and does not wait; lost when the queue
 * is full. */
void app_later(struct app *app, enum err (*fn)(struct ctx *c, void *arg), int64_t arg);

#endif
