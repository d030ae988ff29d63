/* Accounts with their passwords. The three administrators stay behind, and so do users of firms
 * that do; a login that the target has already gets the county's prefix. Sessions and wrong
 * passwords stay behind. */
#include "core/perm.h"
#include "feature/merge/merge_impl.h"

enum { LOGIN_MAX = 40 };

static bool administers(struct str name)
{
    const struct role *role = role_find(name);
    return role && role->kind == ROLE_ADMIN;
}

static enum err login_there(struct db_conn *db, struct str login, bool *ret)
{
    struct q q;
    int64_t id;
    q_begin(&q, db, SQL_account_id_of);
    q_str(&q, "login", login);
    enum err e = q_one_int(&q, &id);
    *ret = e == OK;
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The login it gets: its own, or with the prefix; STR_NULL: neither is free. */
static enum err login_for(struct merging *x, struct str login, struct str *ret)
{
    bool there = false, here = false;
    enum err e = login_there(x->c->db, login, &there);
    *ret = login;
    if (e || !there)
        return e;
    *ret = STR_NULL;
    if (!x->spec->prefix)
        return OK;
    struct str other = arena_fmt(&x->row, "%s.%.*s", x->spec->prefix, STR_ARG(login));
    e = login_there(x->c->db, other, &there);
    if (!e)
        e = login_there(x->m.from, other, &here);
    if (!e && !there && !here && other.n <= LOGIN_MAX)
        *ret = other;
    return e;
}

static enum err account_name(struct merging *x, const struct account_row *row)
{
    struct str login;
    enum err e = login_for(x, row->login, &login);
    if (e || str_eq(login, row->login))
        return e;
    struct str who = arena_fmt(&x->r->a, "%.*s（%.*s）", STR_ARG(row->login), STR_ARG(row->name));
    if (login.p)
        merge_line_add(x, MERGE_LINE_login, who, login);
    else
        merge_line_add(x, MERGE_LINE_login_taken, who,
            x->spec->prefix ? S("加前缀后也已有人用或太长，请换一个 --prefix")
                            : S("请用 --prefix 给出本县的前缀，如 --prefix 141121"));
    return OK;
}

static enum err account_meet(void *arg, void *each)
{
    struct merging *x = arg;
    const struct account_row *row = each;
    struct merge_map *map = &merge_table_of(&x->m, "account")->map;
    arena_reset(&x->row);
    if (administers(row->role) || merge_joined(x, row->firm)) {
        merge_line_add(x, MERGE_LINE_left_account, row->login, row->name);
        return merge_map_add(map, row->id, 0);
    }
    enum err e = merge_map_add(map, row->id, MERGE_NEW);
    return e ? e : account_name(x, row);
}

enum err plan_accounts(struct merging *x)
{
    return merge_each(&x->m, &kind_account, account_meet, x);
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum err credential_take(struct merging *x, int64_t from, int64_t to)
{
    struct credential k;
    struct q q;
    desc_clear(&credential_desc, &k);
    q_begin(&q, x->m.from, SQL_credential_get);
    q_int(&q, "account", from);
    enum err e = q_one(&q, &credential_desc, &k, &x->row);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    k.account = to;
    k.failed = 0;
    k.locked_until = 0;
    q_begin(&q, x->c->db, SQL_credential_put);
    q_bind(&q, &credential_desc, &k);
    return q_exec(&q);
}

static enum err account_fix(struct merging *x, void *each, bool *skip)
{
    struct account_row *row = each;
    struct str login;
    const int64_t *to = merge_map_find(&merge_table_of(&x->m, "account")->map, row->id);
    *skip = !to || *to <= 0;
    if (*skip)
        return OK;
    enum err e = login_for(x, row->login, &login);
    if (!e && !login.p)
        e = ERR_CONFLICT;
    row->login = e ? row->login : login;
    return e ? e : credential_take(x, row->id, *to);
}

enum err take_accounts(struct merging *x)
{
    struct taking t = {.x = x, .kind = &kind_account, .fix = account_fix};
    return take_kind(&t);
}
