/* Watching a standby. */
#include "core/standby.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/app.h"

struct standby {
    const char *uri;
    struct db *db; /* set once */
    struct db_conn *conn;
    _Atomic bool fresh; /* set only behind db */
};

enum err standby_new(struct app *app, const char *uri, struct standby **ret)
{
    *ret = NULL;
    if (!uri)
        return OK;
    if (!db_is_shared(app->db))
        return ERR_UNSUPPORTED;
    struct standby *s = mem_alloc(sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->uri = uri;
    *ret = s;
    return OK;
}

static enum err open_store(struct standby *s)
{
    struct db_options o = {.target = s->uri, .read_only = true};
    if (s->db)
        return OK;
    return db_open(&o, &s->db);
}

static enum err newest_sign(struct standby *s, int64_t *ret)
{
    struct q q;
    enum err e = s->conn ? OK : db_connect(s->db, DB_STREAM, &s->conn);
    if (e)
        return e;
    q_begin(&q, s->conn, SQL_node_newest);
    return q_one_int(&q, ret);
}

void standby_watch(struct standby *s)
{
    int64_t seen = 0;
    if (!s)
        return;
    enum err e = open_store(s);
    if (!e)
        e = newest_sign(s, &seen);
    atomic_store(&s->fresh, !e && clock_real_ms() - seen <= STANDBY_LAG_MS);
}

struct db *standby_store(struct standby *s)
{
    return s && atomic_load(&s->fresh) ? s->db : NULL;
}

void standby_failed(struct standby *s)
{
    atomic_store(&s->fresh, false);
}

void standby_close(struct standby *s)
{
    if (!s)
        return;
    if (s->conn)
        db_disconnect(s->conn);
    if (s->db)
        db_close(s->db);
    mem_free(s);
}
