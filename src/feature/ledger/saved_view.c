/* Saved views of a list: filters, order and columns under a name, private or shared in the org. */
#include "core/app.h"
#include "feature/ledger/ledger.h"
#include "feature/ops.h"

static void item_of(struct ctx *c, const struct view_row *v, struct view_item *it)
{
    desc_clear(&view_item_desc, it);
    it->id = v->id;
    it->version = v->version;
    it->opens = 0;
    it->name = v->name;
    it->shared = v->org != NULL_INT;
    it->mine = v->account == c->actor.account;
    it->spec = v->spec;
}

/* The view the actor's list opens with, or 0. */
static enum err opening(struct ctx *c, struct str list, int64_t *ret)
{
    struct q q;
    *ret = 0;
    q_begin(&q, c->db, SQL_view_default_of);
    q_int(&q, "account", c->actor.account);
    q_str(&q, "list", list);
    enum err e = q_one_int(&q, ret);
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

enum err op_view_list(struct ctx *c, const struct view_ask *in, struct view_list *ret)
{
    struct q q;
    struct vec rows = {0};
    q_begin(&q, c->db, SQL_view_visible);
    q_str(&q, "list", in->list);
    q_int(&q, "account", c->actor.account);
    q_int(&q, "org", c->actor.org ? c->actor.org : -1);
    enum err e = q_all(&q, &view_row_desc, &rows, c->a);
    struct view_item *items = arena_new(c->a, struct view_item, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    int64_t opens = 0;
    e = opening(c, in->list, &opens);
    for (size_t i = 0; i < rows.n; i++) {
        item_of(c, (struct view_row *)rows.p + i, &items[i]);
        items[i].opens = items[i].id == opens;
    }
    ret->items = (struct vec){items, rows.n};
    return e;
}

enum err op_view_create(struct ctx *c, const struct view_new *in, struct view_item *ret)
{
    struct view_row v;
    struct note n = {.label = "保存视图", .text = in->name};
    desc_clear(&view_row_desc, &v);
    v.list = in->list;
    v.name = in->name;
    v.account = c->actor.account;
    v.org = in->shared == 1 && c->actor.org ? c->actor.org : NULL_INT;
    v.spec = in->spec;
    v.version = 1;
    v.void_flag = 0;
    enum err e = rec_insert(c, &kind_view, &v, &n);
    item_of(c, &v, ret);
    return e;
}

enum err op_view_delete(struct ctx *c, const struct view_ref *in, struct none *ret)
{
    struct view_row old, v;
    struct note n = {.label = "删除视图"};
    (void)ret;
    enum err e = rec_get(c, &kind_view, in->view, &old);
    if (e)
        return e;
    if (old.account != c->actor.account)
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    v = old;
    v.void_flag = 1;
    v.version++;
    return rec_update(c, &kind_view, &old, &v, &n);
}

/* A view the actor may use: his own, or one shared in his authority. */
static enum err view_need(struct ctx *c, int64_t id, bool own, struct view_row *ret)
{
    enum err e = rec_get(c, &kind_view, id, ret);
    if (e)
        return e;
    bool mine = ret->account == c->actor.account;
    bool ours = !own && ret->org != NULL_INT && ret->org == c->actor.org;
    return ret->void_flag != 1 && (mine || ours) ? OK : fail(c, ERR_NOT_FOUND, NULL, NULL);
}

enum err op_view_edit(struct ctx *c, const struct view_edit *in, struct view_item *ret)
{
    struct view_row old, v;
    struct note n = {.label = "修改视图", .text = in->name};
    enum err e = view_need(c, in->view, true, &old);
    if (e)
        return e;
    if (c->if_match != old.version) {
        c->reply.current = old.spec;
        return fail(c, ERR_STALE, NULL, NULL);
    }
    v = old;
    if (in->name.n)
        v.name = in->name;
    if (in->shared != NULL_INT)
        v.org = in->shared == 1 && c->actor.org ? c->actor.org : NULL_INT;
    if (in->spec.n)
        v.spec = in->spec;
    v.version++;
    e = rec_update(c, &kind_view, &old, &v, &n);
    item_of(c, &v, ret);
    c->reply.version = v.version;
    return e;
}

enum err op_view_open(struct ctx *c, const struct view_open *in, struct none *ret)
{
    struct view_row v;
    struct q q;
    (void)ret;
    enum err e = view_need(c, in->view, false, &v);
    if (e)
        return e;
    q_begin(&q, c->db, in->on == 1 ? SQL_view_default_put : SQL_view_default_drop);
    q_int(&q, "account", c->actor.account);
    q_str(&q, "list", v.list);
    if (in->on == 1)
        q_int(&q, "view", v.id);
    return db_fail(c, q_exec(&q));
}
