/* Areas and authorities. An authority of the source is that of the target with the same area code
 * and level under the same parent; one that the target lacks is made there. */
#include "feature/merge/merge_impl.h"

enum { ORGS_MAX = 20000, SEGMENT = 5 };

/* --- finding its like ------------------------------------------------------------------------- */

struct tree {
    struct org_row *rows; /* of the target, by path */
    bool *taken;          /* stands for one of the source already */
    size_t n;
};

static enum err orgs_read(struct db_conn *db, struct arena *a, struct vec *ret)
{
    struct q q;
    q_begin(&q, db, SQL_merge_orgs);
    return q_all(&q, &org_row_desc, ret, a);
}

static bool alike(const struct org_row *a, const struct org_row *b)
{
    return a->level == b->level && str_eq(a->area, b->area);
}

/* Those of the target it could be: the only one, or the one of its name. */
static size_t candidate(const struct tree *t, const struct org_row *o, int64_t parent)
{
    size_t found = t->n, n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->taken[i] || !alike(&t->rows[i], o))
            continue;
        if (parent != NULL_INT && t->rows[i].parent != parent)
            continue;
        if (str_eq(t->rows[i].name, o->name))
            return i;
        found = i;
        n++;
    }
    return n == 1 ? found : t->n;
}

/* One of the same area and level that stands elsewhere: the trees contradict each other. */
static const struct org_row *elsewhere(const struct tree *t, const struct org_row *o)
{
    for (size_t i = 0; i < t->n; i++)
        if (!t->taken[i] && alike(&t->rows[i], o))
            return &t->rows[i];
    return NULL;
}

static void contradicts(struct merging *x, const struct org_row *o, const struct org_row *other)
{
    struct str from = arena_fmt(&x->r->a, "%.*s（%.*s）", STR_ARG(o->name), STR_ARG(o->area));
    struct str to = other ? arena_fmt(&x->r->a, "目标里同区划同级的是 %.*s（路径 %.*s）",
                                STR_ARG(other->name), STR_ARG(other->path))
                          : S("目标里没有它的上级");
    merge_line_add(x, MERGE_LINE_org, from, to);
}

static enum err org_meet(struct merging *x, struct tree *t, struct merge_org *o)
{
    struct merge_org *up = o->row.parent == NULL_INT ? NULL : merge_org_at(x, o->row.parent);
    bool under_new = up && up->to == MERGE_NEW;
    size_t at = t->n;
    if (up && up->to == MERGE_LEFT)
        return OK; /* told at its parent */
    if (!under_new)
        at = candidate(t, &o->row, up ? up->to : NULL_INT);
    if (at < t->n) {
        t->taken[at] = true;
        o->to = t->rows[at].id;
        o->path = t->rows[at].path;
        return OK;
    }
    const struct org_row *other = elsewhere(t, &o->row);
    if (other || !up) {
        contradicts(x, &o->row, other);
        return OK;
    }
    o->to = MERGE_NEW;
    merge_line_add(x, MERGE_LINE_made_org, o->row.name, o->row.area);
    return OK;
}

static enum err orgs_load(struct merging *x)
{
    struct vec rows;
    enum err e = orgs_read(x->m.from, &x->a, &rows);
    if (e)
        return e;
    x->orgs = arena_new(&x->a, struct merge_org, rows.n + 1);
    if (!x->orgs)
        return ERR_NOMEM;
    x->norgs = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        x->orgs[i] = (struct merge_org){.row = ((struct org_row *)rows.p)[i], .to = MERGE_LEFT};
    return OK;
}

/* The map is by id; the orgs stand by path. */
static enum err orgs_map(struct merging *x)
{
    struct merge_table *t = merge_table_of(&x->m, "org");
    enum err e = plan_ids(x, &kind_org, MERGE_LEFT);
    for (size_t i = 0; !e && i < x->norgs; i++) {
        int64_t *to = merge_map_find(&t->map, x->orgs[i].row.id);
        if (to)
            *to = x->orgs[i].to;
    }
    return e ? e : plan_ids(x, &kind_org_area, MERGE_LEFT);
}

enum err plan_orgs(struct merging *x)
{
    struct tree t = {0};
    struct vec rows;
    enum err e = orgs_load(x);
    if (!e)
        e = orgs_read(x->c->db, &x->a, &rows);
    if (e)
        return e;
    t.rows = rows.p;
    t.n = rows.n;
    t.taken = arena_new(&x->a, bool, rows.n + 1);
    if (!t.taken)
        return ERR_NOMEM;
    for (size_t i = 0; !e && i < x->norgs; i++)
        e = org_meet(x, &t, &x->orgs[i]);
    return e ? e : orgs_map(x);
}

/* --- looking up ------------------------------------------------------------------------------- */

struct merge_org *merge_org_at(struct merging *x, int64_t id)
{
    for (size_t i = 0; i < x->norgs; i++)
        if (x->orgs[i].row.id == id)
            return &x->orgs[i];
    return NULL;
}

static struct merge_org *org_by_path(struct merging *x, struct str path)
{
    size_t low = 0, high = x->norgs;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (str_cmp(x->orgs[mid].row.path, path) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < x->norgs && str_eq(x->orgs[low].row.path, path) ? &x->orgs[low] : NULL;
}

/* A path kept as a fact may be that of an authority of former times: then its nearest ancestor. */
struct str merge_path(void *arg, struct str path)
{
    struct merging *x = arg;
    for (; path.n >= SEGMENT; path.n -= SEGMENT) {
        const struct merge_org *o = org_by_path(x, path);
        if (o)
            return o->path;
    }
    return STR_NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum err areas_take(struct merging *x)
{
    struct q q;
    enum err e = OK;
    int64_t n = 0;
    q_begin(&q, x->m.from, SQL_merge_areas);
    while (!e && q_row(&q)) {
        struct area_row row, own;
        arena_reset(&x->row);
        desc_clear(&area_row_desc, &row);
        q_read(&q, &area_row_desc, &row, &x->row);
        e = q.err ? q.err : area_get(x->c, row.code, &own);
        if (e != ERR_NOT_FOUND)
            continue;
        e = area_put(x->c, &row);
        n++;
    }
    enum err end = q_end(&q);
    merge_count_set(x, "area", "区划", n);
    return e ? e : end;
}

static enum err served(struct merging *x, struct str area, bool *ret)
{
    struct q q;
    q_begin(&q, x->c->db, SQL_org_serving);
    q_str(&q, "area", area);
    q_int(&q, "day", x->c->today);
    *ret = q_row(&q);
    return q_end(&q);
}

/* The areas it serves without end, but for those that somebody serves in the target. */
static enum err areas_serve(struct merging *x, const struct merge_org *o)
{
    struct q q;
    enum err e = OK;
    q_begin(&q, x->m.from, SQL_merge_org_areas);
    q_int(&q, "org", o->row.id);
    while (!e && q_row(&q)) {
        struct str area = arena_str(&x->row, q_get_str(&q, 0));
        bool taken = false;
        e = served(x, area, &taken);
        if (!e && !taken)
            e = org_area_add(x->c, o->to, area, o->row.valid_from);
    }
    enum err end = q_end(&q);
    return e ? e : end;
}

static enum err org_make(struct merging *x, struct merge_org *o)
{
    struct org_row row = o->row;
    enum err e = merge_ref(&x->m, "org", row.parent, &row.parent);
    if (!e)
        e = org_insert(x->c, &row);
    if (e)
        return e;
    o->to = row.id;
    o->path = arena_str(&x->a, row.path);
    *merge_map_find(&merge_table_of(&x->m, "org")->map, o->row.id) = row.id;
    return o->path.p ? areas_serve(x, o) : ERR_NOMEM;
}

enum err take_orgs(struct merging *x)
{
    enum err e = areas_take(x);
    for (size_t i = 0; !e && i < x->norgs; i++) {
        arena_reset(&x->row);
        if (x->orgs[i].to == MERGE_NEW)
            e = org_make(x, &x->orgs[i]);
    }
    return e;
}
