/* Composing one page.
 *
 * Method. The page is a keyset walk in the order (sort, sort2, id). Which index carries it depends
 * on how much the scope holds: a whole province walks the plain index; a city or county walks the
 * index that starts with its own path column (level2, level3), so no sibling is ever skipped over;
 * a station is small enough to be read by its path range and sorted. A rare filter (the counters
 * know) is read through its own index and sorted. */
#include "base/civil.h"
#include "core/app.h"
#include "core/decode.h"
#include "core/list_impl.h"

DESC(list_query, LIST_QUERY_FIELDS)
DESC(list_page, LIST_PAGE_FIELDS)

/* --- text and values -------------------------------------------------------------------------- */

static void bind(struct list_sql *s, struct value v)
{
    if (s->n == VALUES_MAX) {
        s->b.err = ERR_TOO_LARGE;
        return;
    }
    s->values[s->n++] = v;
    buf_fmt(&s->b, "$%d", s->n);
}

void list_int(struct list_sql *s, int64_t v)
{
    bind(s, (struct value){.is_int = true, .i = v});
}

void list_str(struct list_sql *s, struct str v)
{
    bind(s, (struct value){.s = v});
}

/* list_where adds one condition; further pieces of it follow by list_int/list_str and list_more. */
void list_where(struct list_sql *s, const char *text)
{
    buf_addz(&s->b, s->where ? " AND " : " WHERE ");
    buf_addz(&s->b, text);
    s->where = true;
}

void list_more(struct list_sql *s, const char *text)
{
    buf_addz(&s->b, text);
}

void list_looks(struct list_sql *s)
{
    s->looks = true;
}

static void put_part(struct list_sql *s, const char *part, int64_t v)
{
    for (const char *at = part; *at; at++) {
        if (*at == '?')
            list_int(s, v);
        else
            buf_addc(&s->b, *at);
    }
}

void list_part(struct list_sql *s, const char *part, int64_t v)
{
    list_where(s, "");
    put_part(s, part, v);
}

static void bind_all(struct q *q, const struct list_sql *s)
{
    for (int i = 0; i < s->n; i++) {
        if (s->values[i].is_int)
            q_int_at(q, i + 1, s->values[i].i);
        else
            q_str_at(q, i + 1, s->values[i].s);
    }
}

void list_plan_start(struct plan *p, struct q *q)
{
    q_begin_text(q, p->r->c->db, buf_str(&p->s.b));
    bind_all(q, &p->s);
}

/* --- columns, filters, order ------------------------------------------------------------------ */

static const struct list_col *col_find(const struct list_def *d, struct str name)
{
    for (size_t i = 0; i < d->n; i++)
        if (str_eqz(name, d->cols[i].name))
            return &d->cols[i];
    return NULL;
}

static bool chosen(const struct plan *p, const struct list_col *col)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->cols[i] == col)
            return true;
    return false;
}

static void choose(struct plan *p, const struct list_col *col)
{
    if (p->n < COLS_MAX && !chosen(p, col))
        p->cols[p->n++] = col;
}

static void choose_columns(struct plan *p)
{
    const struct list_def *d = p->r->def;
    struct str rest = p->r->lq->columns;
    for (size_t i = 0; i < d->n; i++)
        if (d->cols[i].flags & LC_ALWAYS || (d->cols[i].flags & LC_DEFAULT && !rest.n))
            choose(p, &d->cols[i]);
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        const struct list_col *col = col_find(d, one);
        if (col)
            choose(p, col);
        else
            complain(p->r->c, S("columns"), "unknown", "没有“%.*s”这一列", STR_ARG(one));
    }
}

static void choose_order(struct plan *p)
{
    struct str sort = p->r->lq->sort.n ? p->r->lq->sort : str_z(p->r->def->default_sort);
    p->order.down = sort.n && sort.p[0] == '-';
    if (p->order.down)
        sort = str_sub(sort, 1, sort.n);
    if (str_eqz(sort, "id"))
        return;
    p->order.col = col_find(p->r->def, sort);
    if (!p->order.col || !(p->order.col->flags & LC_SORT))
        complain(p->r->c, S("sort"), "unknown", "不能按“%.*s”排序", STR_ARG(sort));
}

static bool number_of(struct ctx *c, const struct list_col *col, struct str t, int64_t *ret)
{
    bool good = col->type == FT_MONEY  ? money_parse(t, ret)
                : col->type == FT_DAY  ? civil_parse_day(t, ret)
                : col->type == FT_TIME ? civil_parse_time(t, ret)
                : col->type == FT_BOOL ? (*ret = str_eqz(t, "true") || str_eqz(t, "1"), true)
                                       : str_int(t, ret);
    if (!good)
        complain(c, str_z(col->name), "type", "%s：“%.*s”不是有效的筛选值", col->label, STR_ARG(t));
    return good;
}

/* In a keyset walk the order's index must carry the query: filters are held out of index use.
 * When few rows are expected, or a search drives, the planner may take what it likes best. */
static const char *held(const struct plan *p)
{
    return p->small && !p->s.narrow ? "" : "@HOLD@";
}

static void bound(struct plan *p, const struct list_col *col, const char *op, struct str t)
{
    int64_t v;
    if (!t.n || !number_of(p->r->c, col, t, &v))
        return;
    list_where(&p->s, held(p));
    buf_fmt(&p->s.b, "%s%s", col->expr, op);
    list_int(&p->s, v);
}

static void filter_number(struct plan *p, const struct list_col *col, struct str value)
{
    ptrdiff_t dots = str_find(value, S(".."));
    if (dots < 0) {
        bound(p, col, " = ", value);
        return;
    }
    bound(p, col, " >= ", str_sub(value, 0, (size_t)dots));
    bound(p, col, " <= ", str_sub(value, (size_t)dots + 2, value.n));
}

/* Any overlap with a set column ("01,04"). */
static void filter_set(struct plan *p, const struct list_col *col, struct str value)
{
    struct list_sql *s = &p->s;
    list_where(s, "(");
    for (int i = 0; value.n; i++) {
        struct str one = str_cut(value, ',', &value);
        buf_fmt(&s->b, "%s(',' || %s || ',') LIKE ", i ? " OR " : "", col->expr);
        list_str(s, arena_fmt(p->r->c->a, "%%,%.*s,%%", STR_ARG(one)));
    }
    buf_addc(&s->b, ')');
}

static void filter_code(struct plan *p, const struct list_col *col, struct str value)
{
    struct list_sql *s = &p->s;
    list_where(s, held(p));
    buf_fmt(&s->b, "%s IN (", col->expr);
    for (int i = 0; value.n; i++) {
        buf_addz(&s->b, i ? ", " : "");
        list_str(s, str_cut(value, ',', &value));
    }
    buf_addc(&s->b, ')');
}

/* Part of a text: what people type is taken as it is, % and _ included. */
static void filter_part(struct plan *p, const struct list_col *col, struct str part)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_addc(&b, '%');
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] == '%' || part.p[i] == '_' || part.p[i] == '\\')
            buf_addc(&b, '\\');
        buf_addc(&b, part.p[i]);
    }
    buf_addc(&b, '%');
    list_where(&p->s, col->expr);
    list_more(&p->s, " LIKE ");
    list_str(&p->s, keep(p->r->c, buf_str(&b)));
    list_more(&p->s, " ESCAPE '\\'");
    buf_free(&b);
}

static void filter_text(struct plan *p, const struct list_col *col, struct str value)
{
    if (value.n > 1 && value.p[0] == '~' && col->flags & LC_PART) {
        filter_part(p, col, str_sub(value, 1, value.n));
        return;
    }
    list_where(&p->s, held(p));
    buf_fmt(&p->s.b, "%s = ", col->expr);
    list_str(&p->s, value);
}

static void add_filter(struct plan *p, const struct list_filter *f)
{
    const struct list_col *col = col_find(p->r->def, f->name);
    if (!col || !(col->flags & LC_FILTER)) {
        complain(p->r->c, f->name, "unknown", "不能按“%.*s”筛选", STR_ARG(f->name));
    } else if (str_eqz(f->value, "null")) {
        list_where(&p->s, col->expr);
        buf_addz(&p->s.b, " IS NULL");
    } else if (col->type == FT_CODES) {
        filter_set(p, col, f->value);
    } else if (col->type == FT_CODE) {
        filter_code(p, col, f->value);
    } else if (field_is_text(col->type)) {
        filter_text(p, col, f->value);
    } else {
        filter_number(p, col, f->value);
    }
}

static void add_filters(struct plan *p)
{
    const struct list_filter *f = p->r->lq->filters.p;
    for (size_t i = 0; i < p->r->lq->filters.n; i++)
        add_filter(p, &f[i]);
}

/* --- scope ------------------------------------------------------------------------------------ */

/* The path column that equals the scope's own path at city and county level. */
static const char *level_col(const struct plan *p)
{
    int level = path_level(p->path);
    return level == 2 ? p->r->def->level2 : level == 3 ? p->r->def->level3 : NULL;
}

/* The subtree and, while paths move, what counts as standing in it: the path range of the scope,
 * less what leaves it, and what comes into it from elsewhere. */
static void add_moving(struct plan *p, bool hide)
{
    const char *col = p->r->def->scope;
    for (size_t i = 0; i < p->nmoving; i++) {
        const struct move_seen *m = &p->moving[i];
        if (m->hide != hide)
            continue;
        buf_fmt(&p->s.b, hide ? " AND NOT (%s >= " : " OR (%s >= ", col);
        list_str(&p->s, m->from);
        buf_fmt(&p->s.b, " AND %s < ", col);
        list_str(&p->s, m->end);
        buf_addc(&p->s.b, ')');
    }
}

static void add_scope_moving(struct plan *p)
{
    list_where(&p->s, "((");
    buf_fmt(&p->s.b, "%s >= ", p->r->def->scope);
    list_str(&p->s, p->path);
    buf_fmt(&p->s.b, " AND %s < ", p->r->def->scope);
    list_str(&p->s, p->end);
    add_moving(p, true);
    buf_addc(&p->s.b, ')');
    add_moving(p, false);
    buf_addc(&p->s.b, ')');
}

/* The whole tree: the bound is still written, so that a path outside it can never show. As a value
 * that is not 0 a planner takes it to hold for nearly every row, as it does; of a held range it
 * believes that hardly a row passes, and would rather read and sort them all than walk. */
static void add_whole(struct plan *p)
{
    const char *col = p->r->def->scope;
    list_where(&p->s, "CASE WHEN ");
    buf_fmt(&p->s.b, "%s >= ", col);
    list_str(&p->s, p->path);
    buf_fmt(&p->s.b, " AND %s < ", col);
    list_str(&p->s, p->end);
    list_more(&p->s, " THEN 1 ELSE 0 END <> 0");
}

static void add_scope(struct plan *p)
{
    const struct list_def *d = p->r->def;
    const char *col = level_col(p);
    if (p->r->no_scope || !d->scope)
        return;
    if (p->path.n == 0) {
        list_where(&p->s, "1 = 0");
        return;
    }
    if (p->nmoving) {
        add_scope_moving(p);
        return;
    }
    bool walk = !p->small && !p->s.narrow;
    if (walk && path_level(p->path) == 1) {
        add_whole(p);
        return;
    }
    if (walk && col) {
        list_where(&p->s, col);
        buf_addz(&p->s.b, " = ");
        list_str(&p->s, p->path);
        return;
    }
    bool driven = p->small && !p->s.narrow;
    if (driven && p->leaf) {
        list_where(&p->s, d->scope);
        list_more(&p->s, " = ");
        list_str(&p->s, p->path);
        return;
    }
    list_where(&p->s, driven ? "" : "@HOLD@");
    buf_addz(&p->s.b, d->scope);
    buf_addz(&p->s.b, " >= ");
    list_str(&p->s, p->path);
    list_where(&p->s, driven ? "" : "@HOLD@");
    buf_addz(&p->s.b, d->scope);
    buf_addz(&p->s.b, " < ");
    list_str(&p->s, p->end);
}

static int64_t counted(const struct plan *p)
{
    if (p->r->no_scope || !p->r->def->count || p->r->lq->q.n || p->r->extra)
        return NULL_INT;
    return p->r->def->count(p->r->c, p->path, p->r->lq);
}

/* Few rows are likely to come, and an index leads to them. */
static bool few(const struct plan *p)
{
    if (p->r->def->driven)
        return true;
    bool other = p->r->no_scope || p->r->lq->q.n || p->r->extra || !p->r->def->guess;
    int64_t n = other ? NULL_INT : p->r->def->guess(p->r->c, p->path, p->r->lq);
    return n != NULL_INT && n <= SMALL;
}

/* Nothing lies deeper than the scope's own path. */
static bool is_leaf(const struct plan *p)
{
    const struct list_def *d = p->r->def;
    struct list_sql s = {.n = 0};
    struct q q;
    bool none = false;
    if (!p->small || !d->row || p->r->no_scope || p->nmoving || path_level(p->path) < 4)
        return false;
    buf_init(&s.b, 1000);
    buf_fmt(&s.b, "SELECT 1 FROM %s", d->row);
    list_where(&s, d->scope);
    list_more(&s, " > ");
    list_str(&s, p->path);
    list_where(&s, d->scope);
    list_more(&s, " < ");
    list_str(&s, p->end);
    list_more(&s, " LIMIT 1");
    q_begin_text(&q, p->r->c->db, buf_str(&s.b));
    bind_all(&q, &s);
    none = !q_row(&q);
    none = q_end(&q) == OK && none;
    buf_free(&s.b);
    return none;
}

/* --- order and cursor ------------------------------------------------------------------------- */

static const char *sort_expr(const struct list_col *col)
{
    return col->sort ? col->sort : col->expr;
}

static bool sort_is_text(const struct list_col *col)
{
    return field_is_text(col->type);
}

/* When rows are few or come from a search, the sort must not tempt the planner into walking the
 * whole sort index: @HOLD_…@ takes an expression out of index use. */
static const char *hold(const struct plan *p, bool text)
{
    return !p->small && !p->s.narrow ? "" : text ? "@HOLD_TEXT@" : "@HOLD_NUMBER@";
}

static const char *id_of(const struct plan *p)
{
    return p->s.narrow && p->r->def->search_id ? p->r->def->search_id : p->r->def->id;
}

static void add_order(struct plan *p)
{
    const char *way = p->order.down ? " DESC" : "";
    const struct list_col *col = p->order.col;
    buf_addz(&p->s.b, " ORDER BY ");
    if (col) {
        buf_fmt(&p->s.b, "%s%s%s, ", hold(p, sort_is_text(col)), sort_expr(col), way);
        if (col->sort2)
            buf_fmt(&p->s.b, "%s%s%s, ", hold(p, true), col->sort2, way);
    }
    bool plain = col || p->s.narrow || p->leaf; /* a leaf's index has its ids in order */
    buf_fmt(&p->s.b, "%s%s%s LIMIT ", plain ? "" : hold(p, false), id_of(p), way);
    list_int(&p->s, p->limit + 1);
    if (p->late)
        buf_fmt(&p->s.b, ") AS k @CROSS@ JOIN %s ON %s = k.k0 ORDER BY k.k1%s, k.k2%s, k.k0%s",
            p->r->def->row, p->r->def->id, way, way, way);
}

/* SQLite does not seek by a row value that starts with an expression: its first part alone leads to
 * the place, and the row value then skips the few that are equal. */
static void add_seek(struct plan *p, int64_t first)
{
    list_where(&p->s, hold(p, false));
    buf_fmt(&p->s.b, "%s%s", sort_expr(p->order.col), p->order.down ? " <= " : " >= ");
    list_int(&p->s, first);
}

/* Cursor text: the id, then the sort values, joined by '|' ("7|wsx|文水…"). It carries no
 * authority: scope is applied again on every page. */
static void add_cursor(struct plan *p)
{
    struct str rest = p->r->lq->cursor;
    const struct list_col *col = p->order.col;
    int64_t id, num = 0;
    if (!rest.n)
        return;
    struct str first = str_cut(rest, '|', &rest);
    struct str k1 = str_cut(rest, '|', &rest), k2 = rest;
    bool good = str_int(first, &id) && (!col || sort_is_text(col) || str_int(k1, &num));
    if (!good || (col && !k1.p)) {
        complain(p->r->c, S("cursor"), "invalid", "翻页位置不对，请回到第一页");
        return;
    }
    const char *cmp = p->order.down ? " < (" : " > (";
    if (col && !sort_is_text(col))
        add_seek(p, num);
    list_where(&p->s, "(");
    if (col)
        buf_fmt(&p->s.b, "%s%s, ", hold(p, sort_is_text(col)), sort_expr(col));
    if (col && col->sort2)
        buf_fmt(&p->s.b, "%s%s, ", hold(p, true), col->sort2);
    buf_fmt(&p->s.b, "%s)%s", id_of(p), cmp);
    if (col && sort_is_text(col))
        list_str(&p->s, k1);
    else if (col)
        list_int(&p->s, num);
    if (col)
        buf_addz(&p->s.b, ", ");
    if (col && col->sort2) {
        list_str(&p->s, k2.p ? k2 : S(""));
        buf_addz(&p->s.b, ", ");
    }
    list_int(&p->s, id);
    buf_addc(&p->s.b, ')');
}

/* --- composing -------------------------------------------------------------------------------- */

static const char *from_of(const struct plan *p)
{
    bool searching = p->r->lq->q.n && p->r->def->search_from && !p->dense;
    return searching ? p->r->def->search_from : p->r->def->from;
}

static void add_columns(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++)
        buf_fmt(&p->s.b, ", %s", p->cols[i]->expr);
}

static void add_select(struct plan *p)
{
    struct buf *b = &p->s.b;
    const struct list_col *col = p->order.col;
    if (p->late) {
        buf_addz(b, "SELECT k.k0, k.k1, k.k2");
        add_columns(p);
        buf_addz(b, " FROM (");
    }
    buf_fmt(b, "SELECT %s AS k0, %s AS k1, %s AS k2", p->r->def->id, col ? sort_expr(col) : "0",
        col && col->sort2 ? col->sort2 : "''");
    if (!p->late)
        add_columns(p);
    buf_addz(b, " FROM ");
    put_part(&p->s, from_of(p), p->r->from_value);
}

static enum err add_conditions(struct plan *p)
{
    const struct list_run *r = p->r;
    if (r->lq->q.n && !r->def->search)
        complain(r->c, S("q"), "unknown", "这个列表不支持查找");
    else if (p->dense)
        (void)r->def->search_row(r->c, &p->s, r->lq->q);
    else if (r->lq->q.n) {
        p->s.narrow = true;
        enum err e = r->def->search(r->c, &p->s, r->lq->q);
        if (e)
            return e;
    }
    if (r->def->always)
        r->def->always(&p->s, r->lq);
    if (r->extra) {
        enum err e = r->extra(r->c, &p->s, r->arg);
        if (e)
            return e;
    }
    add_filters(p);
    add_scope(p);
    return OK;
}

/* How many rows match the search, up to MANY + 1; the rows themselves are looked at only where its
 * words do not tell all. */
static int64_t hits(const struct list_run *r)
{
    struct list_sql s = {.n = 0};
    struct buf text;
    struct q q;
    int64_t n = 0;
    buf_init(&s.b, SQL_MAX);
    buf_init(&text, SQL_MAX);
    if (r->def->search(r->c, &s, r->lq->q) == OK) {
        bool words = r->def->search_words && !s.looks;
        list_more(&s, " LIMIT ");
        list_int(&s, MANY + 1);
        buf_fmt(&text, "SELECT count(*) FROM (SELECT 1 FROM %s",
            words ? r->def->search_words : r->def->search_from);
        buf_add(&text, buf_str(&s.b));
        buf_addz(&text, ") AS hits");
        q_begin_text(&q, r->c->db, buf_str(&text));
        bind_all(&q, &s);
        if (q_one_int(&q, &n))
            n = 0;
    }
    buf_free(&text);
    buf_free(&s.b);
    return n;
}

/* More rows match the search than are cheap to sort, and the rows can be asked instead. */
static bool many_hits(struct plan *p)
{
    const struct list_run *r = p->r;
    struct list_sql s = {.n = 0};
    if (!r->lq->q.n || !p->order.col || p->small || !r->def->search_row)
        return false;
    buf_init(&s.b, SQL_MAX);
    bool said = r->def->search_row(r->c, &s, r->lq->q);
    buf_free(&s.b);
    return said && hits(r) > MANY;
}

enum err list_plan_make(struct plan *p, const struct list_run *r)
{
    *p = (struct plan){.r = r};
    buf_init(&p->s.b, SQL_MAX);
    p->path = r->scope.p ? r->scope : r->c->actor.org_path;
    p->end = scope_end(r->c->a, p->path);
    p->limit = r->lq->limit == NULL_INT || r->lq->limit < 1 ? LIMIT_DEFAULT : r->lq->limit;
    p->moving = moves_seen(&r->c->actor.moves, r->c->a, p->path, &p->nmoving);
    p->small = path_level(p->path) >= 4 || few(p);
    p->leaf = is_leaf(p);
    choose_columns(p);
    choose_order(p);
    p->dense = many_hits(p);
    p->late = r->def->row && (p->small || r->lq->q.n);
    return OK;
}

enum err list_plan_text(struct plan *p)
{
    add_select(p);
    enum err e = add_conditions(p);
    if (e)
        return e;
    add_cursor(p);
    add_order(p);
    if (p->s.b.err)
        return fail(p->r->c, p->s.b.err, NULL, NULL);
    return checked(p->r->c);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void codes_cell(struct str joined, struct jw *w)
{
    jw_arr(w);
    while (joined.n)
        jw_str(w, str_cut(joined, ',', &joined));
    jw_end_arr(w);
}

static void cell_json(
    const struct plan *p, struct q *q, int at, const struct list_col *col, struct jw *w)
{
    if (q_get_null(q, at)) {
        jw_null(w);
        return;
    }
    int64_t v = field_is_text(col->type) ? 0 : q_get_int(q, at);
    switch (col->type) {
    case FT_INT:
        jw_int(w, v);
        break;
    case FT_BOOL:
        jw_bool(w, v != 0);
        break;
    case FT_MONEY:
        jw_money(w, v);
        break;
    case FT_DAY:
        jw_day(w, v);
        break;
    case FT_TIME:
        jw_time(w, v);
        break;
    case FT_CODES:
        codes_cell(q_get_str(q, at), w);
        break;
    case FT_JSON:
        jw_raw(w, q_get_str(q, at));
        break;
    default:
        if (col->flags & LC_MASKED)
            jw_str(w, p->r->def->mask(p->r->c, col, q_get_int(q, 0), q_get_blob(q, at)));
        else
            jw_str(w, q_get_str(q, at));
    }
}

static void row_json(const struct plan *p, struct q *q, struct jw *w)
{
    jw_obj(w);
    for (size_t i = 0; i < p->n; i++) {
        jw_key(w, p->cols[i]->name);
        cell_json(p, q, (int)i + 3, p->cols[i], w);
    }
    jw_end_obj(w);
}

struct str list_plan_cursor(const struct plan *p, struct q *q)
{
    struct arena *a = p->r->c->a;
    long long id = q_get_int(q, 0);
    if (!p->order.col)
        return arena_fmt(a, "%lld", id);
    if (!sort_is_text(p->order.col))
        return arena_fmt(a, "%lld|%lld", id, (long long)q_get_int(q, 1));
    return arena_fmt(a, "%lld|%.*s|%.*s", id, STR_ARG(q_get_str(q, 1)), STR_ARG(q_get_str(q, 2)));
}

static enum err rows_json(struct plan *p, struct jw *w, struct str *ret_next)
{
    struct q q;
    int64_t n = 0;
    struct str last = STR_NULL;
    list_plan_start(p, &q);
    jw_arr(w);
    while (q_row(&q)) {
        if (n++ == p->limit) {
            *ret_next = last;
            break;
        }
        row_json(p, &q, w);
        if (n == p->limit)
            last = list_plan_cursor(p, &q);
    }
    jw_end_arr(w);
    return db_fail(p->r->c, q_end(&q));
}

/* --- totals ----------------------------------------------------------------------------------- */

static enum err count_rows(const struct list_run *r, struct list_page *ret)
{
    struct plan p;
    struct q q;
    enum err e = list_plan_make(&p, r);
    p.order = (struct order){0};
    p.small = true; /* no order to keep: any index may drive */
    buf_addz(&p.s.b, "SELECT count(*) FROM (SELECT 1 FROM ");
    put_part(&p.s, from_of(&p), r->from_value);
    if (!e)
        e = add_conditions(&p);
    buf_addz(&p.s.b, " LIMIT ");
    list_int(&p.s, COUNT_CAP + 1);
    buf_addz(&p.s.b, ") AS few");
    if (!e && p.s.b.err)
        e = fail(r->c, p.s.b.err, NULL, NULL);
    if (!e) {
        q_begin_text(&q, r->c->db, buf_str(&p.s.b));
        bind_all(&q, &p.s);
        e = db_fail(r->c, q_one_int(&q, &ret->total));
    }
    ret->total_is_least = !e && ret->total > COUNT_CAP;
    if (ret->total_is_least)
        ret->total = COUNT_CAP;
    buf_free(&p.s.b);
    return e;
}

static enum err fill_total(struct plan *p, struct list_page *ret)
{
    if (p->r->lq->total != 1)
        return OK;
    ret->total = counted(p);
    ret->total_is_least = 0;
    return ret->total == NULL_INT ? count_rows(p->r, ret) : OK;
}

/* Column descriptions ride on the first page only. */
static void fill_columns(const struct list_run *r, struct list_page *ret)
{
    struct buf b;
    struct jw w;
    if (r->lq->cursor.n)
        return;
    buf_init(&b, 64 << 10);
    jw_init(&w, &b);
    list_columns_json(r->def, &w);
    ret->columns = keep(r->c, buf_str(&b));
    buf_free(&b);
}

static enum err to_sink(const struct list_run *r)
{
    const struct list_sink *sink = r->c->sink;
    struct plan p;
    enum err e = list_plan_make(&p, r);
    if (!e)
        e = list_plan_text(&p);
    if (!e)
        e = sink->head(sink->arg, p.cols, p.n);
    buf_free(&p.s.b);
    return e || !sink->row ? e : list_each(r, true, sink->row, sink->arg);
}

enum err list_page(const struct list_run *r, struct list_page *ret)
{
    struct plan p;
    struct buf rows;
    struct jw w;
    if (r->c->sink)
        return to_sink(r);
    buf_init(&rows, 16 << 20);
    jw_init(&w, &rows);
    enum err e = list_plan_make(&p, r);
    if (!e)
        e = list_plan_text(&p);
    if (!e)
        e = rows_json(&p, &w, &ret->next);
    if (!e && rows.err)
        e = fail(r->c, rows.err, NULL, NULL);
    if (!e)
        e = fill_total(&p, ret);
    if (!e) {
        ret->items = keep(r->c, buf_str(&rows));
        fill_columns(r, ret);
    }
    buf_free(&rows);
    buf_free(&p.s.b);
    return e;
}
