/* Sessions and actors. */
#include "core/session.h"

#include "base/hash.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/template.h"

enum { MINUTE = 60000 };

static void token_digest(struct str token, unsigned char out[SM3_LEN])
{
    sm3(token, out);
}

/* Idle limit in ms: staff minutes, firms days (settings). */
static int64_t idle_limit(struct ctx *c, bool firm)
{
    if (firm)
        return setting_int(c->app, "firm_session_days", 30) * 24 * 60 * MINUTE;
    return setting_int(c->app, "session_idle_minutes", 30) * MINUTE;
}

static int64_t absolute_limit(struct ctx *c, bool firm)
{
    if (firm)
        return setting_int(c->app, "firm_session_days", 30) * 24 * 60 * MINUTE;
    return setting_int(c->app, "session_hours", 8) * 60 * MINUTE;
}

/* What is on the move is read only when something is. */
static enum err moves_of(struct ctx *c, bool any, struct actor *ret)
{
    return any && ret->org_path.n ? moves_load(c->db, c->a, &ret->moves) : OK;
}

/* Reads the columns of actor_find; the role's permissions follow from the table of roles. */
static enum err actor_read(struct ctx *c, struct q *q, struct actor *ret)
{
    struct actor a = {.account = q_get_int(q, 0),
        .login = keep(c, q_get_str(q, 1)),
        .name = keep(c, q_get_str(q, 2)),
        .role = keep(c, q_get_str(q, 3)),
        .org = q_get_null(q, 4) ? 0 : q_get_int(q, 4),
        .org_path = keep(c, q_get_str(q, 5)),
        .firm = q_get_null(q, 6) ? 0 : q_get_int(q, 6),
        .org_name = keep(c, q_get_str(q, 8)),
        .level = q_get_null(q, 9) ? 0 : q_get_int(q, 9)};
    const struct role *r = role_find(a.role);
    if (!str_eqz(q_get_str(q, 7), "active") || !r)
        return ERR_FORBIDDEN;
    role_grants(r, a.perms);
    if (r->kind != ROLE_ORG)
        a.org_path = S("");
    *ret = a;
    return OK;
}

enum err actor_load(struct ctx *c, int64_t account, struct actor *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_actor_find);
    q_int(&q, "id", account);
    bool moves = false;
    enum err read = q_row(&q) ? actor_read(c, &q, ret) : ERR_NOT_FOUND;
    if (!read)
        moves = q_get_int(&q, 10) > 0;
    enum err e = q_end(&q);
    if (!e && !read)
        e = moves_of(c, moves, ret);
    return e ? db_fail(c, e) : read;
}

struct actor actor_system(struct arena *a)
{
    (void)a;
    return (struct actor){.name = S("系统"),
        .login = S("system"),
        .role = S("system"),
        .org_path = S("0001."),
        .org_name = S("系统"),
        .level = 1,
        .perms = {UINT64_MAX, UINT64_MAX}};
}

static bool alive(struct ctx *c, const struct session_info *s, bool firm)
{
    return c->now < s->expires && c->now - s->seen < idle_limit(c, firm);
}

enum err session_load(struct ctx *c, struct str token, struct session_info *ret)
{
    unsigned char hash[SM3_LEN];
    struct q q;
    struct session_info s = {0};
    enum err read = ERR_UNAUTHENTICATED;
    bool moves = false;
    if (token.n != TOKEN_LEN)
        return ERR_UNAUTHENTICATED;
    token_digest(token, hash);
    q_begin(&q, c->db, SQL_session_find);
    q_blob(&q, "token_hash", (struct str){(const char *)hash, SM3_LEN});
    if (q_row(&q)) {
        read = actor_read(c, &q, &s.actor);
        s.actor.session = q_get_int(&q, 10);
        s.csrf = keep(c, q_get_str(&q, 11));
        s.seen = q_get_int(&q, 12);
        s.expires = q_get_int(&q, 13);
        s.actor.must_change = q_get_null(&q, 14) ? 0 : q_get_int(&q, 14);
        moves = q_get_int(&q, 15) > 0;
    }
    enum err e = q_end(&q);
    if (!e && !read)
        e = moves_of(c, moves, &s.actor);
    if (e)
        return db_fail(c, e);
    if (read || !alive(c, &s, s.actor.firm != 0))
        return ERR_UNAUTHENTICATED;
    *ret = s;
    return OK;
}

enum err session_create(struct ctx *c, int64_t account, struct str *ret_token)
{
    char token[TOKEN_LEN], csrf[24];
    unsigned char hash[SM3_LEN];
    struct actor who;
    struct q q;
    enum err e = actor_load(c, account, &who);
    if (e)
        return fail(c, e, NULL, NULL);
    rand_token(token, sizeof token);
    rand_token(csrf, sizeof csrf);
    token_digest((struct str){token, sizeof token}, hash);
    q_begin(&q, c->db, SQL_session_add);
    q_int(&q, "id", id_next(c));
    q_blob(&q, "token_hash", (struct str){(const char *)hash, SM3_LEN});
    q_int(&q, "account", account);
    q_str(&q, "csrf", (struct str){csrf, sizeof csrf});
    q_int(&q, "created", c->now);
    q_int(&q, "seen", c->now);
    q_int(&q, "expires", c->now + absolute_limit(c, who.firm != 0));
    q_str(&q, "ip", c->ip);
    q_str(&q, "agent", c->agent);
    *ret_token = keep(c, (struct str){token, sizeof token});
    return db_fail(c, q_exec(&q));
}

bool session_stale(struct ctx *c, const struct session_info *s)
{
    return c->now - s->seen >= MINUTE;
}

enum err session_touch(struct ctx *c, int64_t session)
{
    struct q q;
    q_begin(&q, c->db, SQL_session_seen);
    q_int(&q, "id", session);
    q_int(&q, "seen", c->now);
    return db_fail(c, q_exec(&q));
}
