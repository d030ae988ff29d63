/* Putting a change of the tree in force.
 *
 * Everything that is not counted by the thousand changes in one commit: the authorities' rows and
 * paths, the areas they serve, officials' accounts, shared views, successors, and all counters
 * (by SQL, org_counters.c). In the same commit path_move says which paths are on the move, so that
 * the change counts for everybody from then on; the job rewrites firms and their accounts behind it
 * (org_job.c). Nothing is deleted: a closed authority keeps its row and its past. */
#include "core/app.h"
#include "core/batch.h"
#include "feature/account/account.h"
#include "feature/ledger/ledger.h"
#include "feature/reorg/reorg_impl.h"

enum { SEG = 5 };

struct carry {
    struct ctx *c;
    struct org_change_row *row;
    struct org_row org, target;
    int64_t last; /* last day of what ends */
    int seq;
};

/* --- paths --------------------------------------------------------------------------------------
 */

static enum err note_past(struct carry *k, const struct org_row *o)
{
    struct q q;
    q_begin(&q, k->c->db, SQL_org_past_add);
    q_str(&q, "path", o->path);
    q_int(&q, "org", o->id);
    q_int(&q, "parent", o->parent);
    q_str(&q, "name", o->name);
    q_int(&q, "to_day", k->last);
    q_int(&q, "change", k->row->id);
    return db_fail(k->c, q_exec(&q));
}

static enum err note_move(struct carry *k, struct str from, struct str to, bool exact)
{
    struct q q;
    q_begin(&q, k->c->db, SQL_path_move_add);
    q_int(&q, "change", k->row->id);
    q_int(&q, "seq", ++k->seq);
    q_str(&q, "from_path", from);
    q_str(&q, "to_path", to);
    q_int(&q, "exact", exact);
    enum err e = db_fail(k->c, q_exec(&q));
    return e ? e : counters_move(k->c, from, to, exact);
}

/* The next free segment below an authority. */
static enum err free_path(struct carry *k, const struct org_row *parent, struct str *ret)
{
    struct q q;
    struct str last = STR_NULL;
    int64_t n = 0;
    q_begin(&q, k->c->db, SQL_org_last_child);
    q_int(&q, "parent", parent->id);
    if (q_row(&q))
        last = keep(k->c, q_get_str(&q, 0));
    enum err e = db_fail(k->c, q_end(&q));
    if (e)
        return e;
    if (last.n >= SEG && !str_int(str_sub(last, last.n - SEG, 4), &n))
        return fail(k->c, ERR_CORRUPT, NULL, NULL);
    if (n >= 9999)
        return fail(k->c, ERR_CONFLICT, NULL, "接收机构的下级已满 9999 个");
    *ret = arena_fmt(k->c->a, "%.*s%04lld.", STR_ARG(parent->path), (long long)n + 1);
    return path_level(*ret) > TREE_DEPTH - 2 ? fail(k->c, ERR_CONFLICT, NULL, "机构层次过多") : OK;
}

static enum err org_put(struct carry *k, const struct org_row *old, struct org_row *row)
{
    struct note n = {.label = "机构调整", .text = k->row->reason};
    row->version = old->version + 1;
    return rec_update(k->c, &kind_org, old, row, &n);
}

/* One authority with all below it goes under another parent. Rows are rewritten from the lowest
 * up: a path is free before it is taken. */
static enum err subtree_move(struct carry *k, const struct org_row *top, const struct org_row *to)
{
    struct ctx *c = k->c;
    struct vec rows = {0};
    struct str path;
    struct q q;
    enum err e = free_path(k, to, &path);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_org_below);
    q_str(&q, "path", top->path);
    q_str(&q, "end", scope_end(c->a, top->path));
    e = db_fail(c, q_all(&q, &org_row_desc, &rows, c->a));
    const struct org_row *all = rows.p;
    for (size_t i = rows.n; !e && i-- > 0;) {
        struct org_row row = all[i];
        struct str rest = str_sub(row.path, top->path.n, row.path.n);
        row.path = arena_fmt(c->a, "%.*s%.*s", STR_ARG(path), STR_ARG(rest));
        row.parent = row.id == top->id ? to->id : row.parent;
        e = note_past(k, &all[i]);
        if (!e)
            e = org_put(k, &all[i], &row);
    }
    return e ? e : note_move(k, top->path, path, false);
}

/* --- areas --------------------------------------------------------------------------------------
 */

static enum err areas_of(struct carry *k, int64_t org, struct vec *ret)
{
    struct q q;
    q_begin(&q, k->c->db, SQL_org_areas_all);
    q_int(&q, "org", org);
    q_int(&q, "day", k->c->today);
    return db_fail(k->c, q_all(&q, &org_area_row_desc, ret, k->c->a));
}

static bool among(const struct vec *rows, struct str area)
{
    const struct org_area_row *r = rows->p;
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(r[i].area, area))
            return true;
    return false;
}

static enum err serve(struct carry *k, int64_t org, struct str area)
{
    struct org_area_row row = {.id = NULL_INT, .org = org, .area = area, .valid_to = NULL_INT};
    struct note n = {.label = "承接服务区划"};
    row.valid_from = k->row->day;
    return rec_insert(k->c, &kind_org_area, &row, &n);
}

static enum err serve_no_more(struct carry *k, const struct org_area_row *old)
{
    struct org_area_row row = *old;
    struct note n = {.label = "取消服务区划"};
    row.valid_to = k->last;
    return rec_update(k->c, &kind_org_area, old, &row, &n);
}

/* Areas go from the authority to another: all of them, or those listed. */
static enum err areas_move(struct carry *k, int64_t to, struct str only)
{
    struct vec from = {0}, has = {0};
    struct str list = arena_fmt(k->c->a, ",%.*s,", STR_ARG(only));
    enum err e = areas_of(k, k->org.id, &from);
    if (!e)
        e = areas_of(k, to, &has);
    const struct org_area_row *r = from.p;
    for (size_t i = 0; !e && i < from.n; i++) {
        struct str one = arena_fmt(k->c->a, ",%.*s,", STR_ARG(r[i].area));
        if (only.n && str_find(list, one) < 0)
            continue;
        e = serve_no_more(k, &r[i]);
        if (!e && !among(&has, r[i].area))
            e = serve(k, to, r[i].area);
    }
    return e;
}

/* --- people and views ---------------------------------------------------------------------------
 */

static enum err account_move(struct carry *k, const struct account_row *old)
{
    struct account_row row = *old;
    struct note n = {.label = "随机构调整转入新机构"};
    row.org = k->target.id;
    row.org_path = k->target.path;
    row.version++;
    return rec_update(k->c, &kind_account, old, &row, &n);
}

/* Officials of the authority itself go to its successor; who is placed below goes with his own. */
static enum err accounts_move(struct carry *k)
{
    struct vec rows = {0};
    struct q q;
    q_begin(&q, k->c->db, SQL_reorg_accounts);
    q_str(&q, "path", k->org.path);
    q_str(&q, "end", arena_fmt(k->c->a, "%.*s0", STR_ARG(k->org.path)));
    q_int(&q, "limit", 1000000);
    enum err e = db_fail(k->c, q_all(&q, &account_row_desc, &rows, k->c->a));
    const struct account_row *a = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++)
        if (a[i].firm == NULL_INT && a[i].org == k->org.id)
            e = account_move(k, &a[i]);
    return e;
}

static enum err views_move(struct carry *k)
{
    struct vec rows = {0};
    struct q q;
    struct note n = {.label = "随机构调整转给承接机构"};
    q_begin(&q, k->c->db, SQL_reorg_views);
    q_int(&q, "org", k->org.id);
    enum err e = db_fail(k->c, q_all(&q, &view_row_desc, &rows, k->c->a));
    const struct view_row *v = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct view_row row = v[i];
        row.org = k->target.id;
        row.version++;
        e = rec_update(k->c, &kind_view, &v[i], &row, &n);
    }
    return e;
}

static enum err stand_for(struct carry *k)
{
    struct q q;
    q_begin(&q, k->c->db, SQL_org_successor_on);
    q_int(&q, "org", k->org.id);
    q_int(&q, "successor", k->target.id);
    enum err e = q_exec(&q);
    if (e)
        return db_fail(k->c, e);
    q_begin(&q, k->c->db, SQL_org_successor_put);
    q_int(&q, "org", k->org.id);
    q_int(&q, "successor", k->target.id);
    q_int(&q, "from_day", k->row->day);
    q_int(&q, "change", k->row->id);
    return db_fail(k->c, q_exec(&q));
}

/* --- the kinds ----------------------------------------------------------------------------------
 */

static enum err children(struct carry *k, struct vec *ret)
{
    struct q q;
    q_begin(&q, k->c->db, SQL_org_direct);
    q_int(&q, "parent", k->org.id);
    return db_fail(k->c, q_all(&q, &org_row_desc, ret, k->c->a));
}

static enum err close_org(struct carry *k)
{
    struct org_row row = k->org;
    row.valid_to = k->last;
    return org_put(k, &k->org, &row);
}

static enum err carry_merge(struct carry *k)
{
    struct vec kids = {0};
    if (k->target.id == NULL_INT)
        return close_org(k); /* nothing hangs from it */
    enum err e = children(k, &kids);
    const struct org_row *o = kids.p;
    for (size_t i = 0; !e && i < kids.n; i++)
        e = subtree_move(k, &o[i], &k->target);
    if (!e)
        e = note_move(k, k->org.path, k->target.path, true);
    if (!e)
        e = areas_move(k, k->target.id, S(""));
    if (!e)
        e = accounts_move(k);
    if (!e)
        e = views_move(k);
    if (!e)
        e = stand_for(k);
    return e ? e : close_org(k);
}

static enum err carry_parts(struct carry *k)
{
    struct str rest = k->row->parts;
    enum err e = OK;
    while (!e && rest.n) {
        struct org_row part;
        int64_t id = 0;
        if (!str_int(str_cut(rest, ',', &rest), &id))
            continue;
        e = org_get(k->c, id, &part);
        if (!e)
            e = subtree_move(k, &part, &k->target);
    }
    return e;
}

static enum err carry_split(struct carry *k)
{
    struct org_row *z = &k->target, parent;
    struct str areas = k->row->areas, first = str_cut(areas, ',', &areas);
    desc_clear(&org_row_desc, z);
    z->parent = k->org.parent;
    z->level = k->org.level;
    z->name = k->row->target_name;
    z->area = first.n ? first : k->org.area;
    z->valid_from = k->row->day;
    enum err e = org_get(k->c, z->parent, &parent);
    if (!e)
        e = org_add(k->c, z, k->row->areas);
    if (!e && k->row->areas.n)
        e = areas_move(k, z->id, k->row->areas); /* what the new one has already is only ended */
    k->row->target = z->id;
    return e ? e : carry_parts(k);
}

enum err change_carry(struct ctx *c, struct org_change_row *row)
{
    struct carry k = {.c = c, .row = row, .last = row->day - 1};
    struct org_change_row old = *row;
    struct note n = {.label = "机构调整开始执行", .text = row->reason};
    desc_clear(&org_row_desc, &k.target);
    enum err e = batch_settle(c);
    if (!e)
        e = org_get(c, row->org, &k.org);
    if (!e && row->target != NULL_INT)
        e = org_get(c, row->target, &k.target);
    if (e)
        return e;
    if (str_eqz(row->kind, "move"))
        e = subtree_move(&k, &k.org, &k.target);
    else
        e = str_eqz(row->kind, "split") ? carry_split(&k) : carry_merge(&k);
    row->state = S("moving");
    row->version++;
    if (!e)
        e = rec_update(c, &kind_org_change, &old, row, &n);
    return e ? e : batch_moves_changed(c);
}
