/* Judging a change of the tree before anything is written: what follows from it, and what stands in
 * its way. Shown as a preview, asked again when the change is filed, and once more when it is put
 * in force. */
#include <stdarg.h>
#include <stdio.h>

#include "core/app.h"
#include "domain/level.h"
#include "feature/ops.h"
#include "feature/reorg/reorg_impl.h"

enum { TEXT_MAX = 600, ROUTES_MAX = 400 };

/* --- hurdles ------------------------------------------------------------------------------------
 */

void hurdle(struct ctx *c, struct hurdles *h, const char *field, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;
    if (h->n == HURDLES_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    h->rows[h->n].field = str_z(field);
    h->rows[h->n++].text = keep(c, str_z(text));
}

enum err hurdles_complain(struct ctx *c, const struct hurdles *h)
{
    for (size_t i = 0; i < h->n; i++)
        complain(c, h->rows[i].field, "hurdle", "%.*s", STR_ARG(h->rows[i].text));
    return checked(c);
}

struct vec hurdles_list(struct ctx *c, const struct hurdles *h)
{
    struct org_hurdle *rows = arena_new(c->a, struct org_hurdle, h->n + 1);
    if (rows)
        memcpy(rows, h->rows, h->n * sizeof *rows);
    return (struct vec){rows, rows ? h->n : 0};
}

struct str desc_text(struct ctx *c, const struct desc *d, const void *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 1 << 20);
    jw_init(&w, &b);
    desc_json(d, row, &w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static enum err numbers(struct ctx *c, struct str path, struct org_numbers *ret)
{
    struct q q;
    int64_t *to[] = {&ret->children, &ret->accounts, &ret->firm_accounts, &ret->hazards,
        &ret->proposals, &ret->reviews, &ret->views, &ret->firms};
    q_begin(&q, c->db, SQL_reorg_numbers);
    q_str(&q, "path", path);
    q_str(&q, "end", scope_end(c->a, path));
    q_int(&q, "day", c->today);
    if (q_row(&q))
        for (int i = 0; i < 8; i++)
            *to[i] = q_get_int(&q, i);
    return db_fail(c, q_end(&q));
}

static enum err firms_at(struct ctx *c, struct str path, int64_t *ret)
{
    struct q q;
    *ret = 0;
    q_begin(&q, c->db, SQL_firm_count_of);
    q_int(&q, "level", path_level(path));
    q_str(&q, "path", path);
    if (q_row(&q))
        *ret = q_get_int(&q, 0);
    return db_fail(c, q_end(&q));
}

static enum err direct(struct ctx *c, int64_t parent, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_direct);
    q_int(&q, "parent", parent);
    return db_fail(c, q_all(&q, &org_row_desc, ret, c->a));
}

/* --- what stands in the way ---------------------------------------------------------------------
 */

static bool closed(const struct org_row *o, int64_t day)
{
    return o->valid_to != NULL_INT && o->valid_to < day;
}

static bool has_target(const struct change_plan *p)
{
    return p->target.id != NULL_INT;
}

static bool is(const struct change_plan *p, const char *kind)
{
    return str_eqz(p->ask.kind, kind);
}

static void check_org(struct ctx *c, struct change_plan *p)
{
    struct hurdles *h = &p->hurdles;
    if (p->org.parent == NULL_INT)
        hurdle(c, h, "org", "最上级机构不能调整");
    if (closed(&p->org, c->today))
        hurdle(c, h, "org", "%.*s已停用，不能再调整", STR_ARG(p->org.name));
    if (p->org.id == c->actor.org)
        hurdle(c, h, "org", "不能调整自己所在的机构，请由上级机构办理");
    if (p->ask.day < c->today)
        hurdle(c, h, "day", "生效日期：不能早于今天");
}

static void check_target(struct ctx *c, struct change_plan *p)
{
    struct hurdles *h = &p->hurdles;
    const struct org_row *o = &p->org, *t = &p->target;
    bool within = str_starts(t->path, o->path);
    if (within)
        hurdle(c, h, "target", "承接机构不能是%.*s自己或它的下级", STR_ARG(o->name));
    if (closed(t, p->ask.day))
        hurdle(c, h, "target", "%.*s已停用，请选择在用的机构", STR_ARG(t->name));
    if (is(p, "move") && t->level >= o->level)
        hurdle(c, h, "target", "新上级的层级应高于%.*s", STR_ARG(o->name));
    if (is(p, "move") && t->id == o->parent)
        hurdle(c, h, "target", "%.*s本来就在%.*s之下", STR_ARG(o->name), STR_ARG(t->name));
    if (!is(p, "move") && !within && t->level > o->level)
        hurdle(c, h, "target", "承接机构的层级不能低于%.*s", STR_ARG(o->name));
}

/* What nobody would answer for: a closing without a successor is refused and says what is left. */
static void check_homeless(struct ctx *c, struct change_plan *p)
{
    const struct org_numbers *n = &p->numbers;
    const struct {
        int64_t n;
        const char *what;
    } left[] = {{n->firms, "家单位"}, {n->children, "个下级机构"}, {n->accounts, "个工作人员账号"},
        {n->views, "个共享视图"}};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i].n > 0)
            hurdle(c, &p->hurdles, "target", "还有 %lld %s没有去处，请指定承接机构",
                (long long)left[i].n, left[i].what);
}

static enum err check_pending(struct ctx *c, struct change_plan *p)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, c->db, SQL_org_change_open);
    q_int(&q, "org", p->org.id);
    enum err e = q_one_int(&q, &n);
    if (!e && n > 0)
        hurdle(c, &p->hurdles, "pending", "%.*s已有一项没有完成的调整，请等它完成或先取消",
            STR_ARG(p->org.name));
    return db_fail(c, e);
}

/* --- splitting ----------------------------------------------------------------------------------
 */

static bool listed(struct str list, struct str one)
{
    while (list.n)
        if (str_eq(str_cut(list, ',', &list), one))
            return true;
    return false;
}

static void check_part(struct ctx *c, struct change_plan *p, const struct vec *kids, struct str id)
{
    const struct org_row *k = kids->p;
    for (size_t i = 0; i < kids->n; i++)
        if (str_eq(arena_fmt(c->a, "%lld", (long long)k[i].id), id))
            return;
    hurdle(c, &p->hurdles, "parts", "划出的下级机构：%.*s 不是%.*s的直接下级", STR_ARG(id),
        STR_ARG(p->org.name));
}

/* Areas go only when the authority serves them itself. */
static enum err check_areas(struct ctx *c, struct change_plan *p)
{
    struct q q;
    struct vec rows = {0};
    struct str rest = p->ask.areas;
    struct str served = S(",");
    q_begin(&q, c->db, SQL_org_areas_all);
    q_int(&q, "org", p->org.id);
    q_int(&q, "day", c->today);
    enum err e = db_fail(c, q_all(&q, &org_area_row_desc, &rows, c->a));
    const struct org_area_row *a = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++)
        served = arena_fmt(c->a, "%.*s%.*s,", STR_ARG(served), STR_ARG(a[i].area));
    while (!e && rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        if (!listed(served, one))
            hurdle(c, &p->hurdles, "areas", "%.*s现在不负责区划 %.*s", STR_ARG(p->org.name),
                STR_ARG(one));
    }
    return e;
}

static enum err check_twin(struct ctx *c, struct change_plan *p)
{
    struct q q;
    int64_t id;
    q_begin(&q, c->db, SQL_org_twin);
    q_int(&q, "parent", p->org.parent);
    q_str(&q, "name", p->ask.name);
    q_int(&q, "id", 0);
    q_int(&q, "day", c->today);
    enum err e = q_one_int(&q, &id);
    if (!e)
        hurdle(c, &p->hurdles, "name", "同一上级下已有“%.*s”", STR_ARG(p->ask.name));
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static enum err check_split(struct ctx *c, struct change_plan *p)
{
    struct str rest = p->parts;
    struct vec kids = {0};
    enum err e = OK;
    if (!p->ask.name.n)
        hurdle(c, &p->hurdles, "name", "新机构名称：必须填写");
    else
        e = check_twin(c, p);
    if (!p->parts.n && !p->ask.areas.n)
        hurdle(c, &p->hurdles, "parts", "请选择划给新机构的下级机构或乡镇（街道）");
    if (!e)
        e = direct(c, p->org.id, &kids);
    while (!e && rest.n)
        check_part(c, p, &kids, str_cut(rest, ',', &rest));
    return e ? e : check_areas(c, p);
}

/* --- where things go ----------------------------------------------------------------------------
 */

struct routes {
    struct org_route *rows;
    size_t n;
};

static void route(struct routes *r, struct str name, struct str from, struct str to, int64_t firms)
{
    if (r->rows && r->n < ROUTES_MAX)
        r->rows[r->n++] = (struct org_route){.name = name, .from = from, .to = to, .firms = firms};
}

static enum err route_children(struct ctx *c, struct change_plan *p, struct routes *r)
{
    struct vec kids = {0};
    enum err e = direct(c, p->org.id, &kids);
    const struct org_row *k = kids.p;
    struct str to = is(p, "split") ? p->ask.name : p->target.name;
    for (size_t i = 0; !e && i < kids.n; i++) {
        int64_t firms = 0;
        struct str id = arena_fmt(c->a, "%lld", (long long)k[i].id);
        if (is(p, "split") && !listed(p->parts, id))
            continue;
        e = firms_at(c, k[i].path, &firms);
        route(r, k[i].name, p->org.name, to, firms);
    }
    return e;
}

static enum err route_towns(struct ctx *c, struct change_plan *p, struct routes *r)
{
    struct str rest = p->ask.areas;
    enum err e = OK;
    while (!e && rest.n) {
        struct q q;
        struct area_row area;
        int64_t firms = 0;
        struct str code = str_cut(rest, ',', &rest);
        q_begin(&q, c->db, SQL_reorg_town_count);
        q_str(&q, "path", p->org.path);
        q_str(&q, "town", code);
        e = db_fail(c, q_one_int(&q, &firms));
        enum err known = e ? e : area_get(c, code, &area);
        route(r, known ? code : area.name, p->org.name, p->ask.name, firms);
    }
    return e;
}

static enum err routes_make(struct ctx *c, struct change_plan *p)
{
    struct routes r = {arena_new(c->a, struct org_route, ROUTES_MAX), 0};
    int64_t own = 0;
    enum err e = firms_at(c, p->org.path, &own);
    if (e)
        return e;
    if (is(p, "move"))
        route(&r, p->org.name, org_name(c, p->org.parent), p->target.name, own);
    else
        e = route_children(c, p, &r);
    for (size_t i = 0; i < r.n && !is(p, "move"); i++)
        own -= r.rows[i].firms;
    if (!e && has_target(p) && !is(p, "move"))
        route(&r, S("直接由本机构负责的单位"), p->org.name, p->target.name, own);
    if (!e && is(p, "split"))
        e = route_towns(c, p, &r);
    p->routes = (struct vec){r.rows, r.n};
    return e;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

/* The part of both paths that is the same: who stands above both. */
static struct str common(struct str a, struct str b)
{
    size_t n = 0;
    while (n + 5 <= a.n && n + 5 <= b.n && str_eq(str_sub(a, n, 5), str_sub(b, n, 5)))
        n += 5;
    return str_sub(a, 0, n);
}

static enum err load_both(struct ctx *c, struct change_plan *p)
{
    desc_clear(&org_row_desc, &p->target);
    enum err e = org_load(c, p->ask.org, &p->org);
    if (!e && p->ask.target != NULL_INT && !is(p, "split"))
        e = org_load(c, p->ask.target, &p->target);
    if (e)
        return e;
    struct str over = str_sub(p->org.path, 0, p->org.path.n - 5);
    p->superior = has_target(p) ? common(over, p->target.path) : over;
    return OK;
}

struct str picked(struct ctx *c, const struct vec *list)
{
    const struct pick *rows = list->p;
    struct str out = S("");
    for (size_t i = 0; i < list->n; i++)
        out = arena_fmt(c->a, "%.*s%s%lld", STR_ARG(out), i ? "," : "", (long long)rows[i].id);
    return out;
}

enum err change_judge(
    struct ctx *c, const struct org_change_ask *ask, struct str parts, struct change_plan *p)
{
    *p = (struct change_plan){.ask = *ask, .parts = parts};
    p->ask.day = ask->day == NULL_INT ? c->today : ask->day;
    enum err e = load_both(c, p);
    if (!e)
        e = numbers(c, p->org.path, &p->numbers);
    if (e)
        return e;
    check_org(c, p);
    if (has_target(p))
        check_target(c, p);
    else if (is(p, "close"))
        check_homeless(c, p);
    else if (!is(p, "split"))
        hurdle(c, &p->hurdles, "target", is(p, "move") ? "请选择新的上级机构" : "请选择承接机构");
    if (is(p, "split"))
        e = check_split(c, p);
    if (!e)
        e = check_pending(c, p);
    return e ? e : routes_make(c, p);
}

enum err op_org_change_preview(
    struct ctx *c, const struct org_change_ask *in, struct org_preview *ret)
{
    struct change_plan *p = arena_new(c->a, struct change_plan, 1);
    enum err e = p ? change_judge(c, in, picked(c, &in->parts), p) : fail(c, ERR_NOMEM, NULL, NULL);
    if (e)
        return e;
    ret->ok = p->hurdles.n == 0;
    ret->org_name = p->org.name;
    ret->target_name = is(p, "split") ? p->ask.name : p->target.name;
    const struct org_numbers *n = &p->numbers;
    ret->children = n->children;
    ret->accounts = n->accounts;
    ret->firm_accounts = n->firm_accounts;
    ret->hazards = n->hazards;
    ret->proposals = n->proposals;
    ret->reviews = n->reviews;
    ret->views = n->views;
    ret->firms = n->firms;
    ret->routes = p->routes;
    ret->hurdles = hurdles_list(c, &p->hurdles);
    return OK;
}
