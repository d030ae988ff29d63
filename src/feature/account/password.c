/* Changing one's own password. */
#include "feature/account/account_impl.h"

#include "feature/ops.h"

struct change {
    struct lock_keys keys;
    struct credential secret;
    struct str hash;
};

static enum err write_failure(struct ctx *c, void *arg)
{
    struct change *x = arg;
    enum err e = lock_count(c, &x->keys, c->actor.account);
    return e ? e : journal_event(c, 0, "修改密码失败", S("原密码不对"));
}

static enum err refuse(struct ctx *c, struct change *x)
{
    enum err e = app_write(c->app, c, write_failure, x);
    return e ? e : fail(c, ERR_INVALID, "old_password", "原密码不对，请核对大小写后重试");
}

static enum err firm_name(struct ctx *c, struct str *ret)
{
    struct q q;
    *ret = STR_NULL;
    q_begin(&q, c->db, SQL_session_place);
    q_int(&q, "id", c->actor.account);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 1));
    return db_fail(c, q_end(&q));
}

static enum err judge(struct ctx *c, struct change *x, struct str password)
{
    struct str words[] = {c->actor.login, c->actor.name, c->actor.org_name, STR_NULL};
    enum err e = firm_name(c, &words[3]);
    if (!e)
        e = password_judge(c, "new_password", password, words, 4);
    if (e)
        return e;
    if (credential_used(c, &x->secret, password))
        complain(c, S("new_password"), "used", "新密码：最近用过，请换一个没有用过的");
    return checked(c);
}

static enum err write_change(struct ctx *c, void *arg)
{
    struct change *x = arg;
    struct credential k;
    enum err e = credential_load(c, c->actor.account, &k);
    if (e)
        return e;
    if (!str_eq(k.hash, x->secret.hash))
        return fail(c, ERR_CONFLICT, NULL, "密码刚刚在别处改过，请用新密码重新登录");
    credential_set(c, &k, x->hash);
    e = credential_save(c, &k);
    if (!e)
        e = sessions_end(c, c->actor.account, c->actor.session);
    if (!e)
        e = throttle_forget(c, x->keys.login);
    return e ? e : journal_event(c, 0, "修改密码", c->actor.login);
}

enum err op_password_change(struct ctx *c, const struct password_change *in, struct none *ret)
{
    struct change x = {.keys = lock_keys_of(c, c->actor.login)};
    (void)ret;
    if (!c->actor.account)
        return fail(c, ERR_FORBIDDEN, NULL, NULL);
    enum err e = lock_check(c, &x.keys);
    if (!e)
        e = credential_load(c, c->actor.account, &x.secret);
    if (e)
        return e;
    if (!credential_matches(c, &x.secret, in->old_password))
        return refuse(c, &x);
    e = judge(c, &x, in->new_password);
    if (!e)
        e = account_hash(c, in->new_password, &x.hash);
    return e ? e : app_write(c->app, c, write_change, &x);
}
