/* Using an invitation: looking at what it is for, and setting up the account it gives. Open to
 * anyone, therefore counted per address and per code; a mistyped code is told by its check
 * character and costs nothing. */
#include "feature/people/people_impl.h"

#include "core/batch.h"
#include "core/codes.h"
#include "core/template.h"
#include "feature/org/org.h"
#include "feature/ops.h"

enum { IP_FAILURES = 20, CODE_FAILURES = 20, WINDOW_MINUTES = 15, MINUTE_MS = 60000 };

struct knock {
    struct str ip_key, code_key; /* ip_key STR_NULL: no address (console) */
    struct invite_row invite;
    bool found;
    const char *why; /* of the journal */
};

static struct throttle_rule rule_of(struct ctx *c, int64_t limit)
{
    return (struct throttle_rule){
        limit, setting_int(c->app, "lockout_minutes", WINDOW_MINUTES) * MINUTE_MS};
}

static enum err knock_check(struct ctx *c, const struct knock *k)
{
    int64_t wait = 0;
    enum err e = k->ip_key.p ? throttle_wait(c, k->ip_key, &wait) : OK;
    if (!e && !wait)
        e = throttle_wait(c, k->code_key, &wait);
    if (e || !wait)
        return e;
    return throttle_refuse(c, ERR_THROTTLED, wait);
}

static enum err knock_count(struct ctx *c, void *arg)
{
    struct knock *k = arg;
    enum err e = throttle_hit(c, k->code_key, rule_of(c, CODE_FAILURES), NULL);
    if (!e && k->ip_key.p)
        e = throttle_hit(
            c, k->ip_key, rule_of(c, setting_int(c->app, "ip_failures", IP_FAILURES)), NULL);
    return e ? e : journal_event(c, 0, "邀请码未通过", str_z(k->why));
}

static enum err invite_find(struct ctx *c, struct str code, struct knock *k)
{
    unsigned char hash[SM3_LEN];
    struct q q;
    enum err e = crypto_code_hash(c->app->crypto, "invite", code, hash);
    if (e)
        return fail(c, e, NULL, NULL);
    desc_clear(&invite_row_desc, &k->invite);
    q_begin(&q, c->db, SQL_invite_by_code);
    q_blob(&q, "code_hash", (struct str){(const char *)hash, sizeof hash});
    e = q_one(&q, &invite_row_desc, &k->invite, c->a);
    k->found = !e && str_eqz(k->invite.state, "open") && c->now < k->invite.expires;
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

/* Finds the open invitation of a typed code, or refuses. Used up, withdrawn, expired and never made
 * read alike. */
static enum err knock_open(struct ctx *c, struct str typed, struct knock *k)
{
    char bare[CRYPTO_CODE_BARE + 1];
    *k = (struct knock){0};
    if (!crypto_code_read(typed, bare))
        return fail(c, ERR_INVALID, "code", "邀请码：有字抄错了，请对照邀请单逐字核对");
    struct str code = {bare, CRYPTO_CODE_BARE};
    k->code_key = throttle_key(c, "invite", code);
    k->ip_key = c->ip.n ? throttle_key(c, "invite-ip", c->ip) : STR_NULL;
    enum err e = knock_check(c, k);
    if (!e)
        e = invite_find(c, code, k);
    if (e || k->found)
        return e;
    k->why = "不存在、已用过或已过期";
    e = app_write(c->app, c, knock_count, k);
    return e ? e
             : fail(c, ERR_INVALID, "code",
                   "邀请码：不存在、已用过或已过期，请联系邀请您的市场监管部门重新邀请");
}

enum err op_invite_look(struct ctx *c, const struct invite_look *in, struct invite_face *ret)
{
    struct knock k;
    struct q q;
    enum err e = knock_open(c, in->code, &k);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_invite_face_of);
    q_int(&q, "id", k.invite.id);
    e = q_one(&q, &invite_face_desc, ret, c->a);
    ret->post_label = code_label(c, "post", k.invite.post);
    ret->person = k.invite.person;
    ret->expires = k.invite.expires;
    if (!ret->organ.p)
        ret->organ = org_root_name(c);
    return db_fail(c, e);
}

/* --- redeeming ----------------------------------------------------------------------------------
 */

struct redeem {
    struct knock knock;
    struct firm_row firm;
    struct account_row account;
    struct account_secret secret;
    struct str token;
};

static enum err invite_again(struct ctx *c, struct redeem *r)
{
    struct invite_row *row = &r->knock.invite;
    enum err e = rec_get(c, &kind_invite, row->id, row);
    bool open = !e && str_eqz(row->state, "open") && c->now < row->expires;
    return e || open ? e : fail(c, ERR_STATE, NULL, "邀请码刚刚被用过或撤回，请联系市场监管部门");
}

static enum err invite_use(struct ctx *c, const struct redeem *r)
{
    const struct invite_row *old = &r->knock.invite;
    struct invite_row row = *old;
    struct note n = {.label = "使用邀请码", .text = old->person};
    row.state = S("used");
    row.used = c->now;
    row.account = r->account.id;
    return rec_update(c, &kind_invite, old, &row, &n);
}

static enum err link_one(struct ctx *c, const struct redeem *r, const struct person_row *old)
{
    struct person_row row = *old;
    struct note n = {.label = "启用账号", .text = r->account.login};
    row.account = r->account.id;
    row.version++;
    enum err e = rec_update(c, &kind_person, old, &row, &n);
    return e ? e : account_stop(c, old->account, S("重新邀请，改用新账号"));
}

/* The person invited gets the account; whom he had before ends. */
static enum err link_person(struct ctx *c, const struct redeem *r)
{
    struct vec have;
    const struct invite_row *i = &r->knock.invite;
    enum err e = person_posts(c, i->firm, i->post, &have);
    if (e)
        return e;
    const struct person_row *rows = have.p;
    for (size_t n = 0; n < have.n; n++)
        if (str_eq(rows[n].name, i->person))
            return link_one(c, r, &rows[n]);
    return fail(c, ERR_STATE, NULL, "您已不在这个岗位，请联系市场监管部门");
}

static enum err write_redeem(struct ctx *c, void *arg)
{
    struct redeem *r = arg;
    enum err e = invite_again(c, r);
    if (e)
        return e;
    r->account.id = id_next(c);
    c->actor = (struct actor){.account = r->account.id, .name = r->account.name};
    e = c->err ? c->err : account_add(c, &r->account, &r->secret);
    if (!e)
        e = link_person(c, r);
    if (!e)
        e = invite_use(c, r);
    if (!e)
        e = session_enter(c, r->account.id, "凭邀请码登录", &r->token);
    return e;
}

static enum err firm_of(struct ctx *c, struct redeem *r)
{
    const struct invite_row *i = &r->knock.invite;
    struct crypto_place at = {"invite", "phone", i->id};
    enum err e = rec_get(c, &kind_firm, i->firm, &r->firm);
    if (!e && i->phone.n)
        e = crypto_decrypt(c->app->crypto, &at, i->phone, c->a, &r->secret.phone);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static void account_of(struct redeem *r)
{
    struct account_row *row = &r->account;
    struct str login = row->login;
    desc_clear(&account_row_desc, row);
    row->login = login;
    row->name = r->knock.invite.person;
    row->role = r->knock.invite.post;
    row->org_path = r->firm.org_path;
    row->firm = r->firm.id;
    row->state = S("active");
    row->created_by = r->knock.invite.created_by;
    r->secret.label = "凭邀请码建立账号";
    r->secret.expires = NULL_INT;
}

/* A login that is taken counts: the answer tells that somebody has it. */
static enum err choose_login(struct ctx *c, struct redeem *r, struct str typed)
{
    int before = c->problem_count;
    enum err e = login_read(c, "login", typed, &r->account.login);
    if (e || c->problem_count == before || !r->account.login.p)
        return e;
    r->knock.why = "所选账号已有人用";
    return app_write(c->app, c, knock_count, &r->knock);
}

enum err op_invite_redeem(struct ctx *c, const struct invite_redeem *in, struct session_view *ret)
{
    struct redeem r = {0};
    enum err e = knock_open(c, in->code, &r.knock);
    if (!e)
        e = firm_of(c, &r);
    if (!e)
        e = choose_login(c, &r, in->login);
    if (e)
        return e;
    struct str words[] = {
        r.account.login.p ? r.account.login : in->login, r.knock.invite.person, r.firm.name};
    e = password_judge(c, "password", in->password, words, 3);
    if (!e)
        e = account_hash(c, in->password, &r.secret.hash);
    if (e)
        return e;
    account_of(&r);
    e = app_write(c->app, c, write_redeem, &r);
    return e ? e : session_tell(c, r.token, ret);
}
