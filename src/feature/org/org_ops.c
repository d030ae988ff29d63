/* The operations on authorities. Moving one under another parent is not among them. */
#include "feature/org/org_impl.h"

#include "base/utf8.h"
#include "core/app.h"
#include "domain/level.h"
#include "feature/ops.h"

enum { FOUND_MAX = 50, CURRENT_MAX = 8192 };

/* --- the tree -----------------------------------------------------------------------------------
 */

static enum err view_of(struct ctx *c, int64_t id, struct org_view *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_view_of);
    q_int(&q, "id", id);
    enum err e = q_one(&q, &org_view_desc, ret, c->a);
    return e ? db_fail(c, e) : org_fill(c, ret);
}

static enum err fill_all(struct ctx *c, struct vec *items)
{
    struct org_view *rows = items->p;
    enum err e = OK;
    for (size_t i = 0; !e && i < items->n; i++)
        e = org_fill(c, &rows[i]);
    return e;
}

static enum err find(struct ctx *c, struct str text, struct org_tree *ret)
{
    struct q q;
    struct str path = org_sees_all(c) ? S("") : c->actor.org_path;
    if (!path.n && !org_sees_all(c))
        return fail(c, ERR_FORBIDDEN, NULL, NULL);
    q_begin(&q, c->db, SQL_org_named);
    q_str(&q, "path", path);
    q_str(&q, "end", scope_end(c->a, path));
    q_str(&q, "pattern", like_pattern(c, "%", text));
    q_str(&q, "code", like_pattern(c, "", text));
    q_int(&q, "limit", FOUND_MAX);
    enum err e = db_fail(c, q_all(&q, &org_view_desc, &ret->items, c->a));
    return e ? e : fill_all(c, &ret->items);
}

static enum err roots(struct ctx *c, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_roots);
    enum err e = db_fail(c, q_all(&q, &org_view_desc, ret, c->a));
    return e ? e : fill_all(c, ret);
}

/* One's own authority (or the roots) and what is directly below it. */
static enum err own_and_below(struct ctx *c, struct org_tree *ret)
{
    struct vec top = {0}, below = {0};
    struct org_view own;
    enum err e;
    desc_clear(&org_view_desc, &own);
    if (c->actor.org) {
        top = (struct vec){&own, 1};
        e = view_of(c, c->actor.org, &own);
    } else {
        e = roots(c, &top);
    }
    if (!e && top.n == 1)
        e = org_children(c, ((struct org_view *)top.p)[0].id, &below);
    if (e)
        return e;
    struct org_view *all = arena_new(c->a, struct org_view, top.n + below.n + 1);
    if (!all)
        return fail(c, ERR_NOMEM, NULL, NULL);
    memcpy(all, top.p, top.n * sizeof *all);
    if (below.n)
        memcpy(all + top.n, below.p, below.n * sizeof *all);
    ret->items = (struct vec){all, top.n + below.n};
    return OK;
}

enum err op_org_list(struct ctx *c, const struct org_tree_ask *in, struct org_tree *ret)
{
    struct org_row parent;
    if (in->q.n)
        return find(c, in->q, ret);
    if (in->parent == NULL_INT)
        return own_and_below(c, ret);
    enum err e = org_load(c, in->parent, &parent);
    return e ? e : org_children(c, parent.id, &ret->items);
}

/* --- areas of an authority ----------------------------------------------------------------------
 */

/* Does the parent answer for the area: is it, or an area above it, the parent's main area or one of
 * those it serves? */
struct cover {
    struct str main;
    struct vec served; /* struct org_area_row */
    bool yes;
};

static bool covers(struct ctx *c, void *arg, const struct area_row *area)
{
    struct cover *x = arg;
    const struct org_area_row *rows = x->served.p;
    (void)c;
    x->yes = str_eq(area->code, x->main);
    for (size_t i = 0; !x->yes && i < x->served.n; i++)
        x->yes = str_eq(rows[i].area, area->code);
    return !x->yes;
}

static enum err served_by(struct ctx *c, int64_t org, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_areas_of);
    q_int(&q, "org", org);
    q_int(&q, "day", c->today);
    return db_fail(c, q_all(&q, &org_area_row_desc, ret, c->a));
}

static enum err check_inside(
    struct ctx *c, const struct org_row *parent, const char *field, struct str code)
{
    struct area_row area;
    struct cover x = {.main = parent->area};
    enum err e = area_get(c, code, &area);
    if (e == ERR_NOT_FOUND) {
        complain(c, str_z(field), "area", "区划代码：没有“%.*s”，请从列表中选择",
            STR_ARG(utf8_prefix(code, 12)));
        return OK;
    }
    if (!e)
        e = served_by(c, parent->id, &x.served);
    if (!e)
        e = area_chain(c, code, covers, &x);
    if (!e && !x.yes)
        complain(c, str_z(field), "outside", "%.*s不在%.*s的辖区内", STR_ARG(area.name),
            STR_ARG(parent->name));
    return db_fail(c, e);
}

/* An area may be served at several levels of one branch, but by one branch only. own is the path of
 * the branch: an authority above or below it is no rival. */
static enum err check_rival(struct ctx *c, struct str own, struct str code)
{
    struct q q;
    struct org_row other;
    enum err e;
    desc_clear(&org_row_desc, &other);
    q_begin(&q, c->db, SQL_org_serving);
    q_str(&q, "area", code);
    q_int(&q, "day", c->today);
    while (q_row(&q)) {
        q_read(&q, &org_row_desc, &other, c->a);
        bool kin = str_starts(other.path, own) || str_starts(own, other.path);
        if (!kin)
            complain(c, S("areas"), "served", "%.*s已由%.*s负责，请先在那里取消", STR_ARG(code),
                STR_ARG(other.name));
    }
    e = q_end(&q);
    return db_fail(c, e);
}

static enum err check_areas(
    struct ctx *c, const struct org_row *parent, struct str own, struct str areas)
{
    enum err e = OK;
    while (!e && areas.n) {
        struct str code = str_cut(areas, ',', &areas);
        e = check_inside(c, parent, "areas", code);
        if (!e)
            e = check_rival(c, own, code);
    }
    return e;
}

static bool listed(struct str list, struct str code)
{
    while (list.n)
        if (str_eq(str_cut(list, ',', &list), code))
            return true;
    return false;
}

/* The same code twice counts once. */
static struct str distinct(struct ctx *c, struct str areas)
{
    struct str kept = S("");
    while (areas.n) {
        struct str code = str_cut(areas, ',', &areas);
        if (!listed(kept, code))
            kept = arena_fmt(c->a, "%.*s%s%.*s", STR_ARG(kept), kept.n ? "," : "", STR_ARG(code));
    }
    return kept;
}

/* --- creating -----------------------------------------------------------------------------------
 */

static enum err check_twin(struct ctx *c, const struct org_row *row)
{
    struct q q;
    int64_t id;
    if (!row->name.n || row->parent == NULL_INT)
        return OK;
    q_begin(&q, c->db, SQL_org_twin);
    q_int(&q, "parent", row->parent);
    q_str(&q, "name", row->name);
    q_int(&q, "id", row->id > 0 ? row->id : 0);
    q_int(&q, "day", c->today);
    enum err e = q_one_int(&q, &id);
    if (!e)
        complain(c, S("name"), "taken", "名称：同一上级下已有“%.*s”", STR_ARG(row->name));
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static void check_place(struct ctx *c, const struct org_new *in, const struct org_row *parent)
{
    if (in->level <= parent->level || in->level > LEVEL_STATION)
        complain(c, S("level"), "level", "层级：应低于上级机构（%.*s），最低为所",
            STR_ARG(parent->name));
    if (parent->valid_to != NULL_INT && parent->valid_to < c->today)
        complain(c, S("parent"), "closed", "上级机构：%.*s已停用", STR_ARG(parent->name));
}

/* A station stands for townships; with a county as its main area it must say which. */
static enum err check_station(struct ctx *c, const struct org_new *in)
{
    struct area_row area;
    enum err e = area_get(c, in->area, &area);
    if (!e && in->level == LEVEL_STATION && area.level <= LEVEL_COUNTY && !in->areas.n)
        complain(c, S("areas"), "required", "服务的乡镇（街道）：请选择这个所负责的乡镇（街道）");
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

/* The path that the new authority is judged under: no real sibling begins with it. */
static struct str path_to_be(struct ctx *c, const struct org_row *parent)
{
    return arena_fmt(c->a, "%.*s----.", STR_ARG(parent->path));
}

enum err op_org_create(struct ctx *c, const struct org_new *in, struct org_view *ret)
{
    struct org_row parent, row;
    struct str areas = distinct(c, in->areas.n ? in->areas : in->area);
    desc_clear(&org_row_desc, &row);
    enum err e = org_load(c, in->parent, &parent);
    if (e)
        return e;
    check_place(c, in, &parent);
    row.parent = parent.id;
    row.level = in->level;
    row.name = in->name;
    row.short_name = in->short_name;
    row.area = in->area;
    row.valid_from = in->valid_from;
    e = check_twin(c, &row);
    if (!e)
        e = check_station(c, in);
    if (!e)
        e = check_inside(c, &parent, "area", in->area);
    if (!e)
        e = check_areas(c, &parent, path_to_be(c, &parent), areas);
    if (!e)
        e = checked(c);
    if (!e)
        e = org_add(c, &row, areas);
    c->reply.version = row.version;
    return e ? e : view_of(c, row.id, ret);
}

/* --- editing ------------------------------------------------------------------------------------
 */

static enum err check_version(struct ctx *c, const struct org_row *row)
{
    struct org_view now;
    struct buf b;
    struct jw w;
    if (c->if_match == row->version)
        return OK;
    desc_clear(&org_view_desc, &now);
    enum err e = view_of(c, row->id, &now);
    if (e)
        return e;
    buf_init(&b, CURRENT_MAX);
    jw_init(&w, &b);
    desc_json(&org_view_desc, &now, &w);
    c->reply.current = keep(c, buf_str(&b));
    buf_free(&b);
    return fail(c, ERR_STALE, NULL, NULL);
}

static enum err count_open(struct ctx *c, int64_t org, int64_t day, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_open_children);
    q_int(&q, "parent", org);
    q_int(&q, "day", day);
    return db_fail(c, q_one_int(&q, ret));
}

static enum err firms_under(struct ctx *c, int64_t org, int64_t *ret)
{
    struct q q;
    struct org_view v;
    desc_clear(&org_view_desc, &v);
    q_begin(&q, c->db, SQL_org_view_of);
    q_int(&q, "id", org);
    enum err e = q_one(&q, &org_view_desc, &v, c->a);
    *ret = v.firms;
    return db_fail(c, e);
}

/* Who still has subordinates or firms cannot close: nobody would answer for them. */
static enum err check_closing(struct ctx *c, const struct org_row *row, int64_t day)
{
    int64_t open = 0, firms = 0;
    enum err e = count_open(c, row->id, day, &open);
    if (!e)
        e = firms_under(c, row->id, &firms);
    if (e)
        return e;
    if (row->parent == NULL_INT)
        complain(c, S("valid_to"), "root", "停用日期：最上级机构不能停用");
    else if (row->valid_from != NULL_INT && day < row->valid_from)
        complain(c, S("valid_to"), "range", "停用日期：不能早于启用日期");
    else if (open > 0)
        complain(c, S("valid_to"), "children", "停用日期：还有 %lld 个在用的下级机构，请先停用下级",
            (long long)open);
    else if (firms > 0)
        complain(c, S("valid_to"), "firms",
            "停用日期：还有 %lld 家单位由这个机构负责，请先把单位转到接收的机构", (long long)firms);
    return OK;
}

static enum err area_end(struct ctx *c, const struct org_area_row *old)
{
    struct org_area_row row = *old;
    struct note n = {.label = "取消服务区划"};
    row.valid_to = c->today - 1;
    return rec_update(c, &kind_org_area, old, &row, &n);
}

/* Brings the areas served to the given list: those left out end yesterday, new ones begin today. */
static enum err areas_set(struct ctx *c, int64_t org, struct str areas)
{
    struct vec have;
    struct str kept = S("");
    enum err e = served_by(c, org, &have);
    const struct org_area_row *rows = have.p;
    for (size_t i = 0; !e && i < have.n; i++) {
        if (!listed(areas, rows[i].area))
            e = area_end(c, &rows[i]);
        else
            kept = arena_fmt(c->a, "%.*s%.*s,", STR_ARG(kept), STR_ARG(rows[i].area));
    }
    while (!e && areas.n) {
        struct str code = str_cut(areas, ',', &areas);
        if (!listed(kept, code))
            e = org_area_add(c, org, code, c->today);
    }
    return e;
}

static enum err check_edit(struct ctx *c, const struct org_edit *in, const struct org_row *row)
{
    struct org_row parent = *row;
    enum err e = check_twin(c, row);
    if (!e && row->parent != NULL_INT)
        e = org_get(c, row->parent, &parent);
    if (!e && in->areas.n)
        e = check_areas(c, &parent, row->path, in->areas);
    if (!e && in->valid_to != NULL_INT)
        e = check_closing(c, row, in->valid_to);
    return e ? e : checked(c);
}

static enum err store_edit(struct ctx *c, const struct org_row *old, struct org_row *row)
{
    struct note n = {.label = row->valid_to == old->valid_to ? "修改机构" : "停用机构"};
    return rec_update(c, &kind_org, old, row, &n);
}

enum err op_org_edit(struct ctx *c, const struct org_edit *in, struct org_view *ret)
{
    struct org_row old;
    enum err e = org_load(c, in->org, &old);
    if (!e)
        e = check_version(c, &old);
    if (e)
        return e;
    struct org_row row = old;
    row.name = in->name.n ? in->name : old.name;
    row.short_name = in->short_name.n ? in->short_name : old.short_name;
    row.valid_to = in->valid_to != NULL_INT ? in->valid_to : old.valid_to;
    e = check_edit(c, in, &row);
    row.version++;
    if (!e)
        e = store_edit(c, &old, &row);
    if (!e && in->areas.n)
        e = areas_set(c, row.id, distinct(c, in->areas));
    c->reply.version = row.version;
    return e ? e : view_of(c, row.id, ret);
}
