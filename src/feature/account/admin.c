/* What administrators do with accounts. Two people make an account usable: the system administrator
 * asks for it and hands out the one-time password, the security administrator grants the role
 * (security.md §2: the three administrators exclude one another; R-131: org users see their own
 * subtree). */
#include "core/masked.h"
#include "feature/account/account_impl.h"

#include "domain/idcard.h"
#include "feature/ops.h"
#include "feature/org/org.h"

/* --- who may see which --------------------------------------------------------------------------
 */

bool account_sees_all(const struct ctx *c)
{
    const struct role *r = role_find(c->actor.role);
    return c->actor.account == 0 || (r && r->kind == ROLE_ADMIN);
}

enum err account_seen(struct ctx *c, int64_t id, struct account_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_account, id, ret) : ERR_NOT_FOUND;
    if (!e && !account_sees_all(c) && !(ret->org_path.n && scope_has(c, ret->org_path)))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static struct str phone_shown(struct ctx *c, const struct account_row *row)
{
    struct crypto_place at = {"account", "phone", row->id};
    return masked(c, &at, row->phone, phone_mask);
}

enum err account_show(struct ctx *c, int64_t id, struct account_view *ret)
{
    struct account_row row;
    struct q q;
    enum err e = account_seen(c, id, &row);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_account_view_of);
    q_int(&q, "id", id);
    e = q_one(&q, &account_view_desc, ret, c->a);
    if (e)
        return db_fail(c, e);
    const struct role *r = role_find(ret->role);
    ret->role_label = r ? str_z(r->label) : STR_NULL;
    ret->phone = phone_shown(c, &row);
    if (ret->locked_until != NULL_INT && ret->locked_until <= c->now)
        ret->locked_until = NULL_INT;
    c->reply.version = ret->version;
    return OK;
}

enum err op_account_get(struct ctx *c, const struct account_ref *in, struct account_view *ret)
{
    return account_show(c, in->account, ret);
}

/* --- the list -----------------------------------------------------------------------------------
 */

#define COL(n, t, f, l, x)                                                                         \
    {                                                                                              \
        .name = n, .type = t, .flags = f, .label = l, .expr = x                                    \
    }

static const struct list_col cols[] = {
    COL("id", FT_INT, LC_ALWAYS, "编号", "a.id"),
    COL("login", FT_STR, LC_DEFAULT | LC_SORT | LC_FILTER, "账号", "a.login"),
    COL("name", FT_STR, LC_DEFAULT, "姓名", "a.name"),
    {.name = "role",
        .type = FT_CODE,
        .flags = LC_DEFAULT | LC_FILTER,
        .label = "角色",
        .codes = "role",
        .expr = "a.role"},
    COL("org", FT_INT, LC_DEFAULT | LC_FILTER, "机构", "a.org"),
    COL("org_name", FT_STR, LC_DEFAULT, "机构名称", "o.name"),
    COL("firm", FT_INT, LC_DEFAULT | LC_FILTER, "单位", "a.firm"),
    COL("state", FT_CODE, LC_DEFAULT | LC_FILTER, "状态", "a.state"),
    COL("locked_until", FT_TIME, LC_DEFAULT | LC_FILTER, "锁定至", "nullif(k.locked_until, 0)"),
    COL("last_login", FT_TIME, LC_DEFAULT | LC_FILTER, "最近登录", "k.last_login"),
    COL("created", FT_TIME, LC_DEFAULT | LC_SORT, "建立时间", "a.created"),
    COL("version", FT_INT, LC_ALWAYS, "版本", "a.version"),
};

/* By any part of login or name. LIKE's own signs in q are left out: nobody is called that. */
static enum err search(struct ctx *c, struct list_sql *s, struct str q)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_addc(&b, '%');
    for (size_t i = 0; i < q.n; i++)
        if (q.p[i] != '%')
            buf_addc(&b, q.p[i]);
    buf_addc(&b, '%');
    struct str pattern = keep(c, buf_str(&b));
    buf_free(&b);
    list_where(s, "(a.login || ' ' || a.name) LIKE ");
    list_str(s, pattern);
    return OK;
}

static const struct list_def account_list = {
    .name = "accounts",
    .from = "account a LEFT JOIN org o ON o.id = a.org LEFT JOIN credential k ON k.account = a.id",
    .id = "a.id",
    .scope = "a.org_path",
    .default_sort = "id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols,
    .search = search,
};

enum err op_account_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &account_list, .lq = in, .no_scope = account_sees_all(c)};
    struct org_row org;
    if (in->org != NULL_INT) {
        enum err e = org_load(c, in->org, &org);
        if (e)
            return e;
        r.scope = org.path;
        r.no_scope = false;
    }
    return list_page(&r, ret);
}

/* --- asking for an account ----------------------------------------------------------------------
 */

struct request_for {
    struct account_row row;
    struct account_secret secret;
};

static enum err read_phone(struct ctx *c, struct str typed, struct str *ret)
{
    struct buf b;
    if (!typed.n)
        return OK;
    buf_init(&b, 200);
    phone_normalise(typed, &b);
    *ret = keep(c, buf_str(&b));
    buf_free(&b);
    if (!phone_valid(*ret))
        complain(c, S("phone"), "phone", "手机：应为 11 位手机号，或区号加 7 到 8 位号码");
    return OK;
}

static enum err read_org(struct ctx *c, int64_t id, struct account_row *row)
{
    struct org_row org;
    row->org = NULL_INT;
    row->org_path = S("");
    if (id == NULL_INT)
        return account_sees_all(c) ? OK : fail(c, ERR_FORBIDDEN, "org", NULL);
    enum err e = org_load(c, id, &org);
    if (e)
        return e;
    if (org.valid_to != NULL_INT && org.valid_to < c->today)
        complain(c, S("org"), "closed", "机构：%.*s已停用，请选择在用的机构", STR_ARG(org.name));
    row->org = org.id;
    row->org_path = org.path;
    return OK;
}

static enum err read_request(struct ctx *c, const struct account_new *in, struct request_for *r)
{
    struct account_row *row = &r->row;
    desc_clear(&account_row_desc, row);
    row->name = in->name;
    row->role = S("");
    row->state = S("pending");
    r->secret = (struct account_secret){.must_change = 1, .label = "申请账号"};
    r->secret.expires = password_once_until(c);
    enum err e = login_read(c, "login", in->login, &row->login);
    if (!e)
        e = read_org(c, in->org, row);
    if (!e)
        e = read_phone(c, in->phone, &r->secret.phone);
    return e ? e : checked(c);
}

static enum err write_request(struct ctx *c, void *arg)
{
    struct request_for *r = arg;
    return account_add(c, &r->row, &r->secret);
}

enum err op_account_create(struct ctx *c, const struct account_new *in, struct account_made *ret)
{
    struct request_for r;
    struct str once = password_once(c);
    enum err e = read_request(c, in, &r);
    if (!e)
        e = account_hash(c, once, &r.secret.hash);
    if (!e)
        e = app_write(c->app, c, write_request, &r);
    if (e)
        return e;
    *ret = (struct account_made){.account = r.row.id, .login = r.row.login, .password = once};
    return OK;
}

/* --- granting -----------------------------------------------------------------------------------
 */

static bool is_admin(struct str role)
{
    const struct role *r = role_find(role);
    return r && r->kind == ROLE_ADMIN;
}

/* Nobody grants himself, nor what he asked for himself: two people, always. */
static enum err check_two_people(struct ctx *c, const struct account_row *row)
{
    if (c->actor.account == 0)
        return OK;
    if (row->id == c->actor.account)
        return fail(c, ERR_FORBIDDEN, NULL, "不能办理自己的账号，请由另一名安全管理员办理");
    if (row->created_by == c->actor.account)
        return fail(c, ERR_FORBIDDEN, NULL, "申请人和授权人不能是同一人，请由另一名安全管理员办理");
    return OK;
}

static const char *role_problem(const struct account_row *row, const struct role *r)
{
    bool placed = row->org != NULL_INT, firm = row->firm != NULL_INT;
    if (!r)
        return "角色：没有这个角色，请从列表中选择";
    if (r->kind == ROLE_ORG && !placed)
        return "角色：没有机构的账号不能授予业务角色，请为本人在机构下另行申请";
    if (r->kind == ROLE_ADMIN && (placed || firm))
        return "角色：管理员账号不能属于机构或单位，请另行申请";
    if (r->kind == ROLE_FIRM && !firm)
        return "角色：企业人员的账号由监管部门邀请产生，不能在这里授予";
    if (r->kind == ROLE_FIRM && !str_eqz(row->role, r->name))
        return "角色：企业人员的岗位随任职变动，不能在这里更改";
    if (is_admin(row->role) && !str_eqz(row->role, r->name))
        return "角色：系统、安全、审计管理员互斥，不能改任，请另行申请账号";
    return NULL;
}

static enum err store_grant(
    struct ctx *c, const struct account_row *old, struct str role, struct str reason)
{
    struct account_row row = *old;
    bool same = str_eq(old->role, role) && str_eqz(old->state, "active");
    if (same)
        return OK;
    row.role = role;
    row.state = S("active");
    row.version++;
    struct note n = {.label = "授权启用", .text = reason};
    enum err e = rec_update(c, &kind_account, old, &row, &n);
    return e ? e : sessions_end(c, row.id, 0);
}

/* A firm's account comes back only for who is still in post there. */
static enum err check_in_post(struct ctx *c, const struct account_row *row)
{
    struct q q;
    int64_t posts = 0;
    if (row->firm == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_account_posts);
    q_int(&q, "firm", row->firm);
    q_int(&q, "account", row->id);
    enum err e = q_one_int(&q, &posts);
    if (!e && posts == 0)
        return fail(c, ERR_STATE, NULL, "该人员已离任，请由市场监管部门重新邀请");
    return db_fail(c, e);
}

enum err op_account_grant(struct ctx *c, const struct account_grant *in, struct account_view *ret)
{
    struct account_row row;
    enum err e = account_seen(c, in->account, &row);
    if (!e)
        e = check_two_people(c, &row);
    if (e)
        return e;
    const char *wrong = role_problem(&row, role_find(in->role));
    if (wrong)
        complain(c, S("role"), "role", "%s", wrong);
    e = checked(c);
    if (!e)
        e = check_in_post(c, &row);
    if (!e)
        e = store_grant(c, &row, in->role, in->reason);
    return e ? e : account_show(c, row.id, ret);
}

enum err op_account_disable(struct ctx *c, const struct account_state *in, struct account_view *ret)
{
    struct account_row row;
    enum err e = account_seen(c, in->account, &row);
    if (!e && row.id == c->actor.account)
        e = fail(c, ERR_FORBIDDEN, NULL, "不能停用自己的账号");
    if (!e)
        e = account_stop(c, row.id, in->reason);
    return e ? e : account_show(c, row.id, ret);
}

enum err op_account_unlock(struct ctx *c, const struct account_state *in, struct account_view *ret)
{
    struct account_row row;
    struct credential k;
    enum err e = account_seen(c, in->account, &row);
    if (!e)
        e = credential_load(c, row.id, &k);
    if (e)
        return e;
    k.failed = 0;
    k.locked_until = 0;
    e = credential_save(c, &k);
    if (!e)
        e = throttle_forget(c, lock_keys_of(c, row.login).login);
    if (!e)
        e = journal_event(c, 0, "解除锁定",
            arena_fmt(c->a, "%.*s：%.*s", STR_ARG(row.login), STR_ARG(in->reason)));
    return e ? e : account_show(c, row.id, ret);
}

/* --- a new one-time password --------------------------------------------------------------------
 */

struct reset {
    int64_t account;
    struct str hash;
};

/* Who hands out an administrator's password could enter as that administrator, so the account waits
 * for a security administrator again; the last of those can only be reset on the server itself. */
static enum err hold_admin(struct ctx *c, const struct account_row *old)
{
    struct account_row row = *old;
    struct q q;
    int64_t others = 0;
    if (!is_admin(old->role) || c->actor.account == 0 || !str_eqz(old->state, "active"))
        return OK;
    q_begin(&q, c->db, SQL_account_others_in_role);
    q_str(&q, "role", S("secadmin"));
    q_int(&q, "id", old->id);
    enum err e = q_one_int(&q, &others);
    if (e)
        return db_fail(c, e);
    if (others == 0)
        return fail(c, ERR_STATE, NULL, "这是唯一在用的安全管理员，请在服务器上用命令行重置");
    row.state = S("pending");
    row.version++;
    struct note n = {.label = "重置管理员密码", .text = S("须由安全管理员重新授权")};
    return rec_update(c, &kind_account, old, &row, &n);
}

static enum err write_reset(struct ctx *c, void *arg)
{
    struct reset *r = arg;
    struct account_row row;
    struct credential k;
    enum err e = account_seen(c, r->account, &row);
    if (!e)
        e = hold_admin(c, &row);
    if (!e)
        e = credential_load(c, row.id, &k);
    if (e)
        return e;
    credential_set(c, &k, r->hash);
    k.must_change = 1;
    k.expires = password_once_until(c);
    e = credential_save(c, &k);
    if (!e)
        e = sessions_end(c, row.id, 0);
    if (!e)
        e = throttle_forget(c, lock_keys_of(c, row.login).login);
    return e ? e : journal_event(c, 0, "签发一次性密码", row.login);
}

enum err op_account_reset(struct ctx *c, const struct account_ref *in, struct account_made *ret)
{
    struct account_row row;
    struct reset r = {.account = in->account};
    struct str once = password_once(c);
    enum err e = account_seen(c, in->account, &row);
    if (!e && row.id == c->actor.account)
        e = fail(c, ERR_FORBIDDEN, NULL, "自己的密码请在“我的”里修改");
    if (!e && str_eqz(row.state, "disabled"))
        e = fail(c, ERR_STATE, NULL, "账号已停用，请先由安全管理员恢复");
    if (!e)
        e = account_hash(c, once, &r.hash);
    if (!e)
        e = app_write(c->app, c, write_reset, &r);
    if (e)
        return e;
    *ret = (struct account_made){.account = row.id, .login = row.login, .password = once};
    return OK;
}
