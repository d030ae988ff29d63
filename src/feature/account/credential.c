/* The secrets of accounts: reading and storing them, the lock, new accounts. */
#include "feature/account/account_impl.h"

#include "core/batch.h"
#include "core/template.h"
#include "domain/idcard.h"

enum { IP_FAILURES = 20, ONCE_DAYS = 7, HISTORY_MAX = 4096 };

static struct crypto_cost cost_of(const struct ctx *c)
{
    return c->app->test ? CRYPTO_COST_TEST : CRYPTO_COST_DEFAULT;
}

enum err account_hash(struct ctx *c, struct str password, struct str *ret_hash)
{
    char hash[CRYPTO_HASH_MAX];
    enum err e = crypto_password_hash(cost_of(c), password, hash);
    if (e)
        return fail(c, e, NULL, NULL);
    *ret_hash = keep(c, str_z(hash));
    return ret_hash->p ? OK : fail(c, ERR_NOMEM, NULL, NULL);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

enum err credential_load(struct ctx *c, int64_t account, struct credential *ret)
{
    struct q q;
    desc_clear(&credential_desc, ret);
    q_begin(&q, c->db, SQL_credential_get);
    q_int(&q, "account", account);
    enum err e = q_one(&q, &credential_desc, ret, c->a);
    if (!e)
        return OK;
    *ret = (struct credential){.account = account,
        .hash = S(""),
        .history = S(""),
        .last_login = NULL_INT,
        .expires = NULL_INT};
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

enum err credential_save(struct ctx *c, const struct credential *k)
{
    struct q q;
    q_begin(&q, c->db, SQL_credential_put);
    q_bind(&q, &credential_desc, k);
    return db_fail(c, q_exec(&q));
}

/* The newest `most` hashes of "hash history", joined by blanks. */
static struct str history_of(struct ctx *c, const struct credential *k, int64_t most)
{
    struct buf b;
    struct str rest = k->history;
    buf_init(&b, HISTORY_MAX);
    if (most > 0)
        buf_add(&b, k->hash);
    for (int64_t i = 1; i < most && rest.n; i++) {
        buf_addc(&b, ' ');
        buf_add(&b, str_cut(rest, ' ', &rest));
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

void credential_set(struct ctx *c, struct credential *k, struct str hash)
{
    if (k->hash.n)
        k->history = history_of(c, k, setting_int(c->app, "password_history", 5));
    k->hash = hash;
    k->changed = c->now;
    k->must_change = 0;
    k->failed = 0;
    k->locked_until = 0;
    k->expires = NULL_INT;
}

bool credential_matches(struct ctx *c, const struct credential *k, struct str password)
{
    return crypto_password_check(cost_of(c), k->hash, password);
}

bool credential_used(struct ctx *c, const struct credential *k, struct str password)
{
    struct str rest = k->history;
    bool used = credential_matches(c, k, password);
    while (!used && rest.n) {
        struct str hash = str_cut(rest, ' ', &rest);
        used = crypto_password_check(cost_of(c), hash, password);
    }
    return used;
}

int64_t password_once_until(struct ctx *c)
{
    return c->now + setting_int(c->app, "password_once_days", ONCE_DAYS) * ACCOUNT_DAY;
}

/* --- wrong passwords ----------------------------------------------------------------------------
 */

struct lock_keys lock_keys_of(struct ctx *c, struct str login)
{
    struct lock_keys k = {login, throttle_key(c, "login", login), STR_NULL};
    if (c->ip.n)
        k.ip = throttle_key(c, "login-ip", c->ip);
    return k;
}

enum err lock_check(struct ctx *c, const struct lock_keys *keys)
{
    int64_t wait = 0;
    enum err e = throttle_wait(c, keys->login, &wait);
    if (e || wait)
        return e ? e : throttle_refuse(c, ERR_LOCKED, wait);
    if (keys->ip.p)
        e = throttle_wait(c, keys->ip, &wait);
    if (e || wait)
        return e ? e : throttle_refuse(c, ERR_THROTTLED, wait);
    return OK;
}

static enum err lock_account(struct ctx *c, int64_t account, int64_t until)
{
    struct credential k;
    enum err e = credential_load(c, account, &k);
    if (e)
        return e;
    k.failed++;
    if (until)
        k.locked_until = until;
    return credential_save(c, &k);
}

enum err lock_count(struct ctx *c, const struct lock_keys *keys, int64_t account)
{
    struct throttle_rule name = {setting_int(c->app, "lockout_failures", 5),
        setting_int(c->app, "lockout_minutes", 15) * ACCOUNT_MINUTE};
    struct throttle_rule ip = {setting_int(c->app, "ip_failures", IP_FAILURES), name.window_ms};
    bool closed = false;
    enum err e = throttle_hit(c, keys->login, name, &closed);
    if (!e && keys->ip.p)
        e = throttle_hit(c, keys->ip, ip, NULL);
    if (!e && account)
        e = lock_account(c, account, closed ? c->now + name.window_ms : 0);
    if (!e && closed && account)
        e = journal_event(c, 0, "连续输错密码，账号锁定", keys->name);
    return e;
}

/* --- new and stopped accounts -------------------------------------------------------------------
 */

static enum err set_phone(struct ctx *c, struct account_row *row, struct str phone)
{
    struct crypto_place at = {"account", "phone", row->id};
    unsigned char index[CRYPTO_INDEX_LEN];
    if (!phone.n)
        return OK;
    enum err e = crypto_encrypt(c->app->crypto, &at, phone, c->a, &row->phone);
    if (!e)
        e = crypto_index(c->app->crypto, S("phone"), phone, index);
    if (e)
        return fail(c, e, NULL, NULL);
    row->phone_idx = keep(c, (struct str){(const char *)index, sizeof index});
    return OK;
}

static enum err login_free(struct ctx *c, struct str login)
{
    struct q q;
    int64_t id;
    q_begin(&q, c->db, SQL_account_id_of);
    q_str(&q, "login", login);
    enum err e = q_one_int(&q, &id);
    if (e == ERR_NOT_FOUND)
        return OK;
    return e ? db_fail(c, e)
             : fail(c, ERR_CONFLICT, "login",
                   "这个账号已经有人用过，请换一个（停用的账号也不再分配）");
}

enum err account_add(struct ctx *c, struct account_row *row, const struct account_secret *s)
{
    enum err e = login_free(c, row->login);
    if (e)
        return e;
    row->id = row->id > 0 ? row->id : id_next(c);
    row->phone = row->phone_idx = STR_NULL;
    row->created = c->now;
    row->created_by = row->created_by == NULL_INT ? c->actor.account : row->created_by;
    row->version = 1;
    e = c->err ? c->err : set_phone(c, row, s->phone);
    if (e)
        return e;
    struct note n = {.label = s->label};
    e = rec_insert(c, &kind_account, row, &n);
    if (e)
        return e;
    struct credential k = {.account = row->id,
        .hash = s->hash,
        .changed = c->now,
        .must_change = s->must_change,
        .last_login = NULL_INT,
        .history = S(""),
        .expires = s->expires};
    return credential_save(c, &k);
}

enum err sessions_end(struct ctx *c, int64_t account, int64_t keep_id)
{
    struct q q;
    q_begin(&q, c->db, SQL_session_drop_others);
    q_int(&q, "account", account);
    q_int(&q, "keep", keep_id);
    return db_fail(c, q_exec(&q));
}

enum err account_stop(struct ctx *c, int64_t id, struct str reason)
{
    struct account_row old, row;
    enum err e = id > 0 ? rec_get(c, &kind_account, id, &old) : OK;
    if (e || id <= 0 || str_eqz(old.state, "disabled"))
        return e;
    row = old;
    row.state = S("disabled");
    row.version++;
    struct note n = {.label = "停用账号", .text = reason};
    e = rec_update(c, &kind_account, &old, &row, &n);
    return e ? e : sessions_end(c, id, 0);
}
