/* The whole list for exports, the columns' description, the filters of the query string. */
#include "core/codes.h"
#include "core/list_impl.h"

void list_columns_json(const struct list_def *d, struct jw *w)
{
    jw_arr(w);
    for (size_t i = 0; i < d->n; i++) {
        const struct list_col *col = &d->cols[i];
        static const char *const types[] = {
            "int", "bool", "text", "money", "day", "time", "code", "codes", "json", "text", "json"};
        jw_obj(w);
        jw_key(w, "name");
        jw_strz(w, col->name);
        jw_key(w, "label");
        jw_strz(w, col->label);
        jw_key(w, "type");
        jw_strz(w, types[col->type]);
        jw_key(w, "codes");
        jw_strz(w, col->codes);
        jw_key(w, "shown");
        jw_bool(w, (col->flags & LC_DEFAULT) != 0);
        jw_key(w, "filter");
        jw_bool(w, (col->flags & LC_FILTER) != 0);
        jw_key(w, "part");
        jw_bool(w, (col->flags & LC_PART) != 0);
        jw_key(w, "sort");
        jw_bool(w, (col->flags & LC_SORT) != 0);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

/* --- the whole list --------------------------------------------------------------------------- */

static struct str labels_of(
    struct ctx *c, struct arena *a, const struct list_col *col, struct str v)
{
    struct buf b;
    buf_init(&b, 4096);
    while (v.n) {
        struct str one = str_cut(v, ',', &v);
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, code_label(c, col->codes, one));
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct list_cell cell_of(
    const struct plan *p, struct q *q, size_t i, bool labels, struct arena *a)
{
    const struct list_col *col = p->cols[i];
    struct list_cell cell = {col, STR_NULL, NULL_INT};
    int at = (int)i + 3;
    if (q_get_null(q, at))
        return cell;
    if (!field_is_text(col->type)) {
        cell.num = q_get_int(q, at);
        return cell;
    }
    if (col->flags & LC_MASKED)
        cell.text = p->r->def->mask(p->r->c, col, q_get_int(q, 0), q_get_blob(q, at));
    else
        cell.text = q_get_str(q, at);
    if (labels && col->codes)
        cell.text = labels_of(p->r->c, a, col, cell.text);
    return cell;
}

static enum err each_page(struct plan *p, struct arena *a, bool labels,
    bool (*fn)(void *arg, const struct list_cell *cells, size_t n), void *arg, struct str *next)
{
    struct q q;
    struct list_cell cells[COLS_MAX];
    int64_t n = 0;
    bool go = true;
    *next = STR_NULL;
    list_plan_start(p, &q);
    while (go && q_row(&q)) {
        if (n++ == p->limit)
            break;
        for (size_t i = 0; i < p->n; i++)
            cells[i] = cell_of(p, &q, i, labels, a);
        go = fn(arg, cells, p->n);
        if (n == p->limit)
            *next = list_plan_cursor(p, &q);
    }
    return db_fail(p->r->c, q_end(&q));
}

enum err list_each(const struct list_run *r, bool labels,
    bool (*fn)(void *arg, const struct list_cell *cells, size_t n), void *arg)
{
    struct list_query lq = *r->lq;
    struct list_run run = *r;
    struct ctx c = *r->c;
    struct arena a;
    enum err e;
    arena_init(&a, 64 << 20);
    run.lq = &lq;
    run.c = &c;
    c.a = &a;
    lq.limit = PAGE_EXPORT;
    struct str kept = lq.cursor;
    struct buf cursor;
    buf_init(&cursor, 4096);
    buf_add(&cursor, kept);
    do {
        struct plan p;
        struct str next = STR_NULL;
        arena_reset(&a);
        lq.cursor = buf_str(&cursor);
        e = list_plan_make(&p, &run);
        if (!e)
            e = list_plan_text(&p);
        if (!e)
            e = each_page(&p, &a, labels, fn, arg, &next);
        buf_free(&p.s.b);
        buf_reset(&cursor);
        buf_add(&cursor, next);
    } while (!e && cursor.n);
    buf_free(&cursor);
    if (e && !r->c->err)
        fail(r->c, e, NULL, c.err_message.p);
    arena_free(&a);
    return e;
}

/* --- filters of the query string -------------------------------------------------------------- */

void list_query_add(struct ctx *c, void *list_query, struct str name, struct str value)
{
    struct list_query *lq = list_query;
    struct list_filter *f = arena_new(c->a, struct list_filter, lq->filters.n + 1);
    if (!f)
        return;
    if (lq->filters.n)
        memcpy(f, lq->filters.p, lq->filters.n * sizeof *f);
    f[lq->filters.n++] = (struct list_filter){name, value};
    lq->filters.p = f;
}

struct str list_filter_get(const struct list_query *lq, const char *name)
{
    const struct list_filter *f = lq->filters.p;
    for (size_t i = 0; i < lq->filters.n; i++)
        if (str_eqz(f[i].name, name))
            return f[i].value;
    return STR_NULL;
}

struct str list_filter_take(struct ctx *c, struct list_query *lq, const char *name)
{
    const struct list_filter *was = lq->filters.p;
    struct list_filter *f = arena_new(c->a, struct list_filter, lq->filters.n + 1);
    struct str value = STR_NULL;
    size_t n = 0;
    for (size_t i = 0; f && i < lq->filters.n; i++) {
        if (str_eqz(was[i].name, name))
            value = was[i].value;
        else
            f[n++] = was[i];
    }
    if (f)
        lq->filters = (struct vec){f, n};
    return value;
}
