/* The front of the database: stores, connections and transactions. Statements are in query.c. */
#include "db/backend.h"

#include "base/mem.h"

static const struct sql_catalog *chosen;

static const struct db_backend *const backends[] = {&db_sqlite, &db_postgres};

void db_use_catalog(const struct sql_catalog *c)
{
    chosen = c;
}

/* --- stores ----------------------------------------------------------------------------------- */

static const struct db_backend *backend_of(const char *target)
{
    struct str t = str_z(target);
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (t.p && str_starts(t, str_z(backends[i]->scheme)))
            return backends[i];
    return NULL;
}

static struct sql_catalog catalog(void)
{
    if (chosen)
        return *chosen;
    return (struct sql_catalog){sql_stmts, SQL_COUNT, sql_migrations, sql_nmigrations};
}

static enum err store_new(const struct db_options *o, struct db **ret)
{
    const struct db_backend *be = backend_of(o->target);
    if (!be)
        return ERR_UNSUPPORTED;
    struct str path = str_z(o->target + strlen(be->scheme));
    struct db *db = mem_alloc(sizeof *db);
    char *copy = mem_alloc(path.n + 1);
    if (!db || !copy) {
        mem_free(db);
        mem_free(copy);
        return ERR_NOMEM;
    }
    memcpy(copy, path.p, path.n);
    *db = (struct db){be, catalog(), copy, o->read_only, o->cache_kib};
    *ret = db;
    return OK;
}

/* The store as people may see it: who connects, and with what password, is left out. */
static const char *shown(const struct db *db)
{
    const char *host = strrchr(db->path, '@');
    return host ? host + 1 : db->path;
}

static enum err store_find(const struct db *db, const struct db_options *o, struct buf *why)
{
    bool there = false;
    enum err e = db->be->exists(db, &there, why);
    if (e)
        return e;
    if (there && o->fresh) {
        buf_addz(why, "那里已经有数据，没有改动它");
        return ERR_CONFLICT;
    }
    if (there)
        return OK;
    if (o->create && !db->read_only)
        return db->be->make(db);
    buf_fmt(why, "没有找到数据库 %s，请检查地址，或先建立数据库", shown(db));
    return ERR_NOT_FOUND;
}

static enum err conn_open(struct db *db, enum db_mode mode, struct db_conn **ret, struct buf *why);

/* The store is ours, and its schema what `how` asks for. */
static enum err store_prepare(struct db *db, enum migrate how, struct buf *why)
{
    struct db_conn *c = NULL;
    enum err e = conn_open(db, how == MIGRATE_APPLY ? DB_MIGRATE : DB_READ, &c, why);
    if (e != OK)
        return e;
    e = db->be->claim(c->v, how == MIGRATE_APPLY, why);
    if (e == ERR_STATE)
        buf_fmt(why, "%s 不是本程序的数据库，请检查地址", shown(db));
    if (e == OK)
        e = migrate_run(c, how, why);
    if (e == OK && how == MIGRATE_ALLOW_OLDER)
        e = db_intact(c);
    db_disconnect(c);
    return e;
}

static void explain(const struct db_options *o, enum err e, struct buf *why)
{
    if (!o->why || o->why_size == 0)
        return;
    if (why->n == 0 && e == ERR_UNSUPPORTED)
        buf_addz(why, "数据库地址应写成 sqlite:文件路径，或 postgresql://用户@主机/库名");
    else if (why->n == 0 && e == ERR_CORRUPT)
        buf_addz(why, "不是本程序的数据库文件，或文件已损坏，请检查路径，必要时用备份恢复");
    else if (why->n == 0)
        buf_fmt(why, "打开数据库失败：%s", err_text(e));
    struct str s = buf_str(why);
    size_t n = s.n < o->why_size - 1 ? s.n : o->why_size - 1;
    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--; /* never half a character */
    memcpy(o->why, s.p, n);
    o->why[n] = 0;
}

enum err db_open(const struct db_options *o, struct db **ret)
{
    struct db *db = NULL;
    struct buf why;
    buf_init(&why, 4096);
    enum err e = store_new(o, &db);
    if (e == OK)
        e = store_find(db, o, &why);
    if (e == OK)
        e = store_prepare(db, o->read_only ? MIGRATE_EXPECT : MIGRATE_APPLY, &why);
    if (e == OK) {
        *ret = db;
    } else {
        explain(o, e, &why);
        db_close(db);
    }
    buf_free(&why);
    return e;
}

bool db_folder(const char *target, char *ret_path, size_t size)
{
    const struct db_backend *be = backend_of(target);
    if (!be || be->server)
        return false;
    const char *path = target + strlen(be->scheme), *slash = strrchr(path, '/');
    struct str dir = slash == path ? S("/") : S(".");
    if (slash && slash > path)
        dir = (struct str){path, (size_t)(slash - path)};
    if (dir.n >= size)
        return false;
    memcpy(ret_path, dir.p, dir.n);
    ret_path[dir.n] = 0;
    return true;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    mem_free(db->path);
    mem_free(db);
}

enum err db_backup(struct db *db, const char *path, db_progress_fn *progress, void *arg)
{
    return db->be->backup ? db->be->backup(db, path, progress, arg) : ERR_UNSUPPORTED;
}

/* A backup file as a store that is only read. */
static enum err file_store(const char *path, const struct db_backend *be, struct db **ret)
{
    struct buf target;
    buf_init(&target, 4096);
    buf_fmt(&target, "%s%s", be->scheme, path);
    struct db_options o = {.target = buf_z(&target), .read_only = true};
    enum err e = o.target ? store_new(&o, ret) : target.err;
    buf_free(&target);
    return e;
}

enum err db_restore(
    const char *from, const struct db_options *o, db_progress_fn *progress, void *arg)
{
    struct db *file = NULL;
    struct buf why;
    buf_init(&why, 4096);
    const struct db_backend *be = backend_of(o->target);
    enum err e = be && be->backup ? file_store(from, be, &file) : ERR_UNSUPPORTED;
    if (e == OK)
        e = store_find(file, &(struct db_options){.read_only = true}, &why);
    if (e == OK)
        e = store_prepare(file, MIGRATE_ALLOW_OLDER, &why);
    if (e == OK)
        e = be->backup(file, o->target + strlen(be->scheme), progress, arg);
    if (e == ERR_CONFLICT)
        buf_addz(&why, "那里已经有一个数据库，为免覆盖没有恢复；请先把它移走，或恢复到别的目录");
    if (e != OK)
        explain(o, e, &why);
    db_close(file);
    buf_free(&why);
    return e;
}

enum err db_intact(struct db_conn *c)
{
    return c->be->intact(c->v);
}

enum err db_flaws(struct db_conn *c, const char *table, db_flaw_fn *found, void *arg)
{
    return c->be->flaws ? c->be->flaws(c->v, table, found, arg) : OK;
}

/* --- connections ------------------------------------------------------------------------------ */

static enum err conn_open(struct db *db, enum db_mode mode, struct db_conn **ret, struct buf *why)
{
    bool write = mode != DB_READ && mode != DB_STREAM;
    if (write && db->read_only)
        return ERR_STATE;
    struct db_conn *c = mem_alloc(sizeof *c);
    struct db_stmt **named = mem_alloc((size_t)(db->cat.nstmts + 1) * sizeof *named);
    if (!c || !named) {
        mem_free(c);
        mem_free(named);
        return ERR_NOMEM;
    }
    *c = (struct db_conn){.db = db, .be = db->be, .write = write, .named = named};
    enum err e = db->be->connect(db, mode, &c->v, why);
    if (e != OK) {
        mem_free(named);
        mem_free(c);
        return e;
    }
    *ret = c;
    return OK;
}

enum err db_connect(struct db *db, enum db_mode mode, struct db_conn **ret)
{
    struct buf why; /* told where a store is opened; later connections only fail */
    buf_init(&why, 1024);
    enum err e = conn_open(db, mode, ret, &why);
    buf_free(&why);
    return e;
}

void db_disconnect(struct db_conn *c)
{
    if (!c)
        return;
    stmt_free_all(c);
    c->be->disconnect(c->v);
    mem_free(c->named);
    mem_free(c);
}

const char *db_message(struct db_conn *c)
{
    return c->be->message(c->v);
}

void db_interrupt(struct db_conn *c)
{
    c->be->interrupt(c->v);
}

void db_deadline(struct db_conn *c, int64_t monotonic_ms)
{
    c->be->deadline(c->v, monotonic_ms);
}

int64_t q_changes(struct db_conn *c)
{
    return c->be->changes(c->v);
}

/* --- several programs ------------------------------------------------------------------------- */

bool db_is_shared(const struct db *db)
{
    return db->be->listen != NULL;
}

void db_notify(struct db_conn *c, const char *topic)
{
    if (c->be->notify)
        c->be->notify(c->v, topic);
}

enum err db_listen(struct db_conn *c)
{
    return c->be->listen ? c->be->listen(c->v) : OK;
}

enum err db_wait_notice(struct db_conn *c, int ms, char *topic, size_t size)
{
    topic[0] = 0;
    return c->be->wait_notice ? c->be->wait_notice(c->v, ms, topic, size) : OK;
}

/* --- transactions ----------------------------------------------------------------------------- */

enum err tx_begin(struct db_conn *c)
{
    return c->be->tx(c->v, c->write ? TX_BEGIN_WRITE : TX_BEGIN_READ);
}

enum err tx_commit(struct db_conn *c)
{
    enum err e = c->be->tx(c->v, TX_COMMIT);
    if (e != OK)
        tx_rollback(c);
    return e;
}

void tx_rollback(struct db_conn *c)
{
    if (!c->be->in_tx(c->v))
        return;
    enum err ignored = c->be->tx(c->v, TX_ROLLBACK);
    (void)ignored; /* the vendor ends the transaction in any case */
}

enum err tx_save(struct db_conn *c)
{
    return c->be->tx(c->v, TX_SAVE);
}

enum err tx_release(struct db_conn *c)
{
    return c->be->tx(c->v, TX_RELEASE);
}

void tx_undo(struct db_conn *c)
{
    if (!c->be->in_tx(c->v))
        return; /* the failure ended the whole transaction already */
    enum err e = c->be->tx(c->v, TX_UNDO);
    if (e != OK)
        tx_rollback(c); /* rather nothing of the transaction than half an operation */
}
