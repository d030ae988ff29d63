/* The tree of authorities: reading it, asking who answers for an area, adding to it. */
#include "feature/org/org_impl.h"

#include "core/batch.h"
#include "core/perm.h"

enum { AREAS_TEXT_MAX = 64 << 10 };

bool org_sees_all(const struct ctx *c)
{
    const struct role *r = role_find(c->actor.role);
    return c->actor.account == 0 || (r && r->kind == ROLE_ADMIN);
}

enum err org_get(struct ctx *c, int64_t id, struct org_row *ret)
{
    return id > 0 ? rec_get(c, &kind_org, id, ret) : fail(c, ERR_NOT_FOUND, NULL, NULL);
}

/* A closed authority is seen by whoever sees the one that stands for it now. */
static enum err load_former(struct ctx *c, int64_t id)
{
    struct q q;
    enum err e = ERR_NOT_FOUND;
    q_begin(&q, c->db, SQL_org_path_of);
    q_int(&q, "id", id);
    if (q_row(&q) && scope_has(c, q_get_str(&q, 0)))
        e = OK;
    enum err end = q_end(&q);
    return end ? end : e;
}

enum err org_load(struct ctx *c, int64_t id, struct org_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_org, id, ret) : ERR_NOT_FOUND;
    if (!e && !org_sees_all(c) && !scope_has(c, ret->path))
        e = load_former(c, id);
    return e ? fail(c, e, NULL, NULL) : OK;
}

struct str org_name(struct ctx *c, int64_t id)
{
    struct q q;
    struct str name = S("");
    if (id <= 0)
        return name;
    q_begin(&q, c->db, SQL_org_get);
    q_int(&q, "id", id);
    struct org_row row;
    desc_clear(&org_row_desc, &row);
    return q_one(&q, &org_row_desc, &row, c->a) ? name : row.name;
}

struct str org_root_name(struct ctx *c)
{
    struct q q;
    struct str name = S("");
    q_begin(&q, c->db, SQL_org_root_name);
    if (q_row(&q))
        name = keep(c, q_get_str(&q, 0));
    return q_end(&q) || !name.p ? S("") : name;
}

/* --- who answers for an area --------------------------------------------------------------------
 */

struct answering {
    int64_t day;
    struct org_row *row;
    enum err err;
    bool found;
};

static void first_row(struct ctx *c, struct answering *x, enum sql_id how, struct str area)
{
    struct q q;
    q_begin(&q, c->db, how);
    q_str(&q, "area", area);
    q_int(&q, "day", x->day);
    if (q_row(&q)) {
        desc_clear(&org_row_desc, x->row);
        q_read(&q, &org_row_desc, x->row, c->a);
        x->found = true;
    }
    x->err = q_end(&q);
}

static bool ask_area(struct ctx *c, void *arg, const struct area_row *area)
{
    struct answering *x = arg;
    first_row(c, x, SQL_org_serving, area->code);
    if (!x->err && !x->found)
        first_row(c, x, SQL_org_of_area, area->code);
    return !x->err && !x->found;
}

enum err org_by_area(struct ctx *c, struct str area, int64_t day, struct org_row *ret)
{
    struct answering x = {.day = day, .row = ret};
    enum err e = area_chain(c, area, ask_area, &x);
    if (e || x.err)
        return db_fail(c, e ? e : x.err);
    return x.found ? OK : ERR_NOT_FOUND;
}

/* --- views --------------------------------------------------------------------------------------
 */

static void join_text(struct buf *b, const char *sep, struct str s)
{
    if (b->n)
        buf_addz(b, sep);
    buf_add(b, s);
}

enum err org_fill(struct ctx *c, struct org_view *v)
{
    struct q q;
    struct buf codes, names;
    buf_init(&codes, AREAS_TEXT_MAX);
    buf_init(&names, AREAS_TEXT_MAX);
    q_begin(&q, c->db, SQL_org_area_names);
    q_int(&q, "org", v->id);
    q_int(&q, "day", c->today);
    while (q_row(&q)) {
        join_text(&codes, ",", q_get_str(&q, 0));
        join_text(&names, "、", q_get_null(&q, 1) ? q_get_str(&q, 0) : q_get_str(&q, 1));
    }
    enum err e = q_end(&q);
    v->areas = keep(c, buf_str(&codes));
    v->area_names = keep(c, buf_str(&names));
    buf_free(&codes);
    buf_free(&names);
    if (!can(c, PERM_FIRM_READ))
        v->firms = NULL_INT;
    return db_fail(c, e);
}

enum err org_children(struct ctx *c, int64_t parent, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_children_of);
    q_int(&q, "parent", parent);
    enum err e = db_fail(c, q_all(&q, &org_view_desc, ret, c->a));
    struct org_view *rows = ret->p;
    for (size_t i = 0; !e && i < ret->n; i++)
        e = org_fill(c, &rows[i]);
    return e;
}

/* --- adding -------------------------------------------------------------------------------------
 */

static enum err last_path(struct ctx *c, int64_t parent, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, parent == NULL_INT ? SQL_org_last_root : SQL_org_last_child);
    if (parent != NULL_INT)
        q_int(&q, "parent", parent);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

/* The parent's path and the number behind the last subordinate's. Numbers are not used again while
 * a later one exists: authorities are closed, never deleted. */
static enum err next_path(struct ctx *c, const struct org_row *row, struct str *ret)
{
    struct str last = STR_NULL, base = S("");
    struct org_row parent;
    int64_t n = 0;
    enum err e = last_path(c, row->parent, &last);
    if (!e && row->parent != NULL_INT) {
        e = org_get(c, row->parent, &parent);
        base = e ? base : parent.path;
    }
    if (e)
        return e;
    if (last.n >= ORG_SEGMENT && !str_int(str_sub(last, last.n - ORG_SEGMENT, 4), &n))
        return fail(c, ERR_CORRUPT, NULL, NULL);
    if (n >= ORG_CHILDREN_MAX)
        return fail(c, ERR_CONFLICT, NULL, "这个上级机构的下级已满 9999 个");
    *ret = arena_fmt(c->a, "%.*s%04lld.", STR_ARG(base), (long long)n + 1);
    return ret->p ? OK : fail(c, ERR_NOMEM, NULL, NULL);
}

enum err org_area_add(struct ctx *c, int64_t org, struct str area, int64_t from)
{
    struct org_area_row row = {
        .id = NULL_INT, .org = org, .area = area, .valid_from = from, .valid_to = NULL_INT};
    struct note n = {.label = "增加服务区划"};
    return rec_insert(c, &kind_org_area, &row, &n);
}

enum err org_insert(struct ctx *c, struct org_row *row)
{
    enum err e = next_path(c, row, &row->path);
    if (e)
        return e;
    row->id = NULL_INT;
    row->version = 1;
    row->short_name = row->short_name.n ? row->short_name : row->name;
    row->valid_from = row->valid_from == NULL_INT ? c->today : row->valid_from;
    struct note n = {.label = "新建机构"};
    return rec_insert(c, &kind_org, row, &n);
}

enum err org_add(struct ctx *c, struct org_row *row, struct str areas)
{
    enum err e = org_insert(c, row);
    areas = areas.n ? areas : row->area;
    while (!e && areas.n)
        e = org_area_add(c, row->id, str_cut(areas, ',', &areas), row->valid_from);
    return e;
}
