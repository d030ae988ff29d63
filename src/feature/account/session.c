/* Signing in and out: one way in for passwords (here) and invitations (people), the view every page
 * needs, and a person's own sessions.
 *
 * Method of signing in. The password is hashed on a slow thread; everything that changes is one
 * write. An unknown login takes the same steps as a known one — the same hash work, the same
 * counting, the same answers — so neither text nor timing tells which logins exist. */
#include "feature/account/account_impl.h"

#include "core/batch.h"
#include "core/session.h"
#include "core/template.h"
#include "feature/ops.h"

enum { SESSIONS_MOST = 10, PERMS_JSON_MAX = 8192 };

/* --- the view -----------------------------------------------------------------------------------
 */

static const char *kind_name(const struct role *r)
{
    static const char *const names[] = {
        [ROLE_ORG] = "org", [ROLE_FIRM] = "firm", [ROLE_ADMIN] = "admin"};
    return r ? names[r->kind] : "admin";
}

static enum err perms_json(struct ctx *c, struct str *ret)
{
    struct buf b;
    struct jw w;
    buf_init(&b, PERMS_JSON_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    for (int p = PERM_ANY + 1; p < PERM_COUNT; p++)
        if (can(c, (enum perm)p))
            jw_strz(&w, perm_name((enum perm)p));
    jw_end_arr(&w);
    enum err e = b.err;
    *ret = e ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err root_name(struct ctx *c, struct str *ret)
{
    struct q q;
    *ret = STR_NULL;
    q_begin(&q, c->db, SQL_org_root_name);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

static enum err place_of(struct ctx *c, struct session_view *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_session_place);
    q_int(&q, "id", c->actor.account);
    if (q_row(&q)) {
        ret->area = keep(c, q_get_str(&q, 0));
        ret->firm_name = keep(c, q_get_str(&q, 1));
    }
    return db_fail(c, q_end(&q));
}

static void fill_actor(struct ctx *c, struct session_view *ret)
{
    const struct actor *a = &c->actor;
    const struct role *r = role_find(a->role);
    ret->account = a->account;
    ret->login = a->login;
    ret->name = a->name;
    ret->role = a->role;
    ret->role_label = r ? str_z(r->label) : a->role;
    ret->kind = str_z(kind_name(r));
    ret->org = a->org ? a->org : NULL_INT;
    ret->org_name = a->org ? a->org_name : STR_NULL;
    ret->level = a->level ? a->level : NULL_INT;
    ret->firm = a->firm ? a->firm : NULL_INT;
    ret->must_change = a->must_change == 1;
}

enum err session_fill(struct ctx *c, struct str csrf, struct session_view *ret)
{
    fill_actor(c, ret);
    ret->csrf = csrf;
    ret->demo = c->app->demo;
    ret->now = c->now;
    ret->today = c->today;
    enum err e = place_of(c, ret);
    if (!e)
        e = root_name(c, &ret->organ);
    return e ? e : perms_json(c, &ret->perms);
}

enum err session_tell(struct ctx *c, struct str token, struct session_view *ret)
{
    struct session_info s;
    enum err e = session_load(c, token, &s);
    if (e)
        return fail(c, e, NULL, NULL);
    c->actor = s.actor;
    e = session_fill(c, s.csrf, ret);
    if (!e)
        c->reply.cookie = token;
    return e;
}

enum err op_session_get(struct ctx *c, const struct none *in, struct session_view *ret)
{
    struct q q;
    struct str csrf = STR_NULL;
    (void)in;
    q_begin(&q, c->db, SQL_session_csrf);
    q_int(&q, "id", c->actor.session);
    if (q_row(&q))
        csrf = keep(c, q_get_str(&q, 0));
    enum err e = db_fail(c, q_end(&q));
    return e ? e : session_fill(c, csrf, ret);
}

/* --- entering -----------------------------------------------------------------------------------
 */

/* The session that came with the request does not outlive signing in. */
static enum err drop_presented(struct ctx *c)
{
    unsigned char hash[SM3_LEN];
    struct q q;
    if (!c->token.n)
        return OK;
    sm3(c->token, hash);
    q_begin(&q, c->db, SQL_session_drop_token);
    q_blob(&q, "token_hash", (struct str){(const char *)hash, sizeof hash});
    return db_fail(c, q_exec(&q));
}

static enum err trim(struct ctx *c, int64_t account)
{
    struct q q;
    q_begin(&q, c->db, SQL_session_trim);
    q_int(&q, "account", account);
    q_int(&q, "now", c->now);
    q_int(&q, "most", SESSIONS_MOST);
    return db_fail(c, q_exec(&q));
}

/* Staff change their password every password_days (0 = never). */
static bool outdated(struct ctx *c, const struct actor *who, const struct credential *k)
{
    int64_t days = setting_int(c->app, "password_days", 90);
    return !who->firm && days > 0 && c->now - k->changed >= days * ACCOUNT_DAY;
}

static enum err note_entry(struct ctx *c, const struct actor *who)
{
    struct credential k;
    enum err e = credential_load(c, who->account, &k);
    if (e)
        return e;
    if (outdated(c, who, &k))
        k.must_change = 1;
    k.failed = 0;
    k.locked_until = 0;
    k.last_login = c->now;
    return credential_save(c, &k);
}

enum err session_enter(struct ctx *c, int64_t account, const char *label, struct str *ret_token)
{
    struct actor who;
    enum err e = actor_load(c, account, &who);
    if (e)
        return fail(c, e, NULL, "这个账号没有启用，请联系账号管理人员");
    c->actor = who;
    e = drop_presented(c);
    if (!e)
        e = note_entry(c, &who);
    if (!e)
        e = session_create(c, account, ret_token);
    if (!e)
        e = trim(c, account);
    if (!e)
        e = throttle_forget(c, lock_keys_of(c, who.login).login);
    return e ? e : journal_event(c, 0, label, who.login);
}

/* --- by password --------------------------------------------------------------------------------
 */

struct attempt {
    struct str login;
    struct lock_keys keys;
    int64_t account; /* 0: no such login */
    struct account_row row;
    struct credential secret;
    struct str new_hash; /* when the cost of hashing has changed */
    struct str token;
};

static struct str login_typed(struct ctx *c, struct str typed)
{
    struct str s = keep(c, typed);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            ((char *)(uintptr_t)s.p)[i] = (char)(s.p[i] + 32);
    return s;
}

static enum err attempt_account(struct ctx *c, struct attempt *t)
{
    struct q q;
    q_begin(&q, c->db, SQL_account_id_of);
    q_str(&q, "login", t->login);
    enum err e = q_one_int(&q, &t->account);
    if (e == ERR_NOT_FOUND) {
        t->account = 0;
        return credential_load(c, 0, &t->secret);
    }
    if (!e)
        e = rec_get(c, &kind_account, t->account, &t->row);
    return e ? db_fail(c, e) : credential_load(c, t->account, &t->secret);
}

static enum err attempt_begin(struct ctx *c, const struct session_ask *in, struct attempt *t)
{
    *t = (struct attempt){.login = login_typed(c, in->login)};
    if (!t->login.p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    c->actor = (struct actor){0};
    t->keys = lock_keys_of(c, t->login);
    enum err e = lock_check(c, &t->keys);
    return e ? e : attempt_account(c, t);
}

/* What was typed as a login is only written down when it is one: it may be a password. */
static enum err write_failure(struct ctx *c, void *arg)
{
    struct attempt *t = arg;
    enum err e = lock_count(c, &t->keys, t->account);
    return e ? e : journal_event(c, 0, "登录失败", t->account ? t->login : S("（不存在的账号）"));
}

static enum err refuse(struct ctx *c, struct attempt *t)
{
    enum err e = app_write(c->app, c, write_failure, t);
    return e ? e : fail(c, ERR_CREDENTIALS, NULL, NULL);
}

static enum err write_idle_stop(struct ctx *c, void *arg)
{
    struct attempt *t = arg;
    return account_stop(c, t->account, S("长期未使用，自动停用"));
}

/* Staff accounts that nobody used for idle_account_days are stopped when they are used again. */
static enum err check_idle(struct ctx *c, struct attempt *t)
{
    struct q q;
    int64_t since = 0, days = setting_int(c->app, "idle_account_days", 90);
    if (t->row.firm != NULL_INT || days <= 0)
        return OK;
    q_begin(&q, c->db, SQL_account_changed_at);
    q_int(&q, "id", t->account);
    enum err e = q_one_int(&q, &since);
    if (e)
        return db_fail(c, e);
    if (t->secret.last_login != NULL_INT && t->secret.last_login > since)
        since = t->secret.last_login;
    if (c->now - since < days * ACCOUNT_DAY)
        return OK;
    e = app_write(c->app, c, write_idle_stop, t);
    return e ? e : fail(c, ERR_FORBIDDEN, NULL, "账号长期没有使用，已停用，请联系安全管理员恢复");
}

/* The password is right; may this account enter? Only its owner gets to read why not. */
static enum err check_allowed(struct ctx *c, struct attempt *t)
{
    if (str_eqz(t->row.state, "pending"))
        return fail(c, ERR_FORBIDDEN, NULL, "账号还没有授权，请等安全管理员授权后再登录");
    if (!str_eqz(t->row.state, "active"))
        return fail(c, ERR_FORBIDDEN, NULL, "账号已停用，请联系账号管理人员");
    if (t->secret.expires != NULL_INT && c->now >= t->secret.expires)
        return fail(c, ERR_FORBIDDEN, NULL, "一次性密码已过期，请联系系统管理员重新签发");
    return check_idle(c, t);
}

static enum err write_entry(struct ctx *c, void *arg)
{
    struct attempt *t = arg;
    enum err e = session_enter(c, t->account, "登录", &t->token);
    if (e || !t->new_hash.p)
        return e;
    struct credential k;
    e = credential_load(c, t->account, &k);
    if (e || !str_eq(k.hash, t->secret.hash))
        return e;
    k.hash = t->new_hash;
    return credential_save(c, &k);
}

static enum err rehash(struct ctx *c, struct attempt *t, struct str password)
{
    struct crypto_cost cost = c->app->test ? CRYPTO_COST_TEST : CRYPTO_COST_DEFAULT;
    if (!crypto_password_old(cost, t->secret.hash))
        return OK;
    return account_hash(c, password, &t->new_hash);
}

enum err op_session_create(struct ctx *c, const struct session_ask *in, struct session_view *ret)
{
    struct attempt t;
    enum err e = attempt_begin(c, in, &t);
    if (e)
        return e;
    if (!credential_matches(c, &t.secret, in->password))
        return refuse(c, &t);
    e = check_allowed(c, &t);
    if (!e)
        e = rehash(c, &t, in->password);
    if (!e)
        e = app_write(c->app, c, write_entry, &t);
    return e ? e : session_tell(c, t.token, ret);
}

/* --- leaving ------------------------------------------------------------------------------------
 */

static enum err drop_one(struct ctx *c, int64_t session)
{
    struct q q;
    q_begin(&q, c->db, SQL_session_drop);
    q_int(&q, "id", session);
    q_int(&q, "account", c->actor.account);
    enum err e = q_exec(&q);
    if (e)
        return db_fail(c, e);
    return q_changes(c->db) == 1 ? OK : fail(c, ERR_NOT_FOUND, NULL, NULL);
}

enum err op_session_delete(struct ctx *c, const struct none *in, struct none *ret)
{
    (void)in;
    (void)ret;
    enum err e = c->actor.session ? drop_one(c, c->actor.session) : OK;
    if (e)
        return e;
    c->reply.cookie = S("");
    return journal_event(c, 0, "退出登录", c->actor.login);
}

enum err op_session_list(struct ctx *c, const struct none *in, struct session_list *ret)
{
    struct q q;
    (void)in;
    q_begin(&q, c->db, SQL_session_mine);
    q_int(&q, "account", c->actor.account);
    q_int(&q, "now", c->now);
    enum err e = q_all(&q, &session_item_desc, &ret->items, c->a);
    struct session_item *items = ret->items.p;
    for (size_t i = 0; !e && i < ret->items.n; i++)
        items[i].current = items[i].id == c->actor.session;
    return db_fail(c, e);
}

enum err op_session_end(struct ctx *c, const struct session_ref *in, struct none *ret)
{
    (void)ret;
    enum err e = drop_one(c, in->session);
    if (e)
        return e;
    if (in->session == c->actor.session)
        c->reply.cookie = S("");
    return journal_event(c, 0, "结束一处登录", c->actor.login);
}
