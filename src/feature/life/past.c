/* The file on a day. */
#include "feature/life/past.h"

#include "feature/life/life_impl.h"
#include "feature/ops.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)
#define ZONE_MS (8 * 3600 * (int64_t)1000) /* Asia/Shanghai */

enum { NAMES_MAX = 64 << 10 };

/* The records of a file on their way back. */
struct file {
    struct ctx *c;
    int64_t end; /* last instant of the day */
    struct past firm;
    struct past *products, *people;
    size_t nproducts, npeople;
    int64_t changes;
};

static struct past *among(struct past *all, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (*(const int64_t *)all[i].row == id) /* id is every record's first column */
            return &all[i];
    return NULL;
}

static struct past *record_of(struct file *f, int64_t kind, int64_t ref)
{
    if (kind == kind_firm.code)
        return &f->firm;
    if (kind == kind_product.code)
        return among(f->products, f->nproducts, ref);
    return kind == kind_person.code ? among(f->people, f->npeople, ref) : NULL;
}

static enum err undo(struct file *f, struct q *q)
{
    struct past *p = record_of(f, q_get_int(q, 1), q_get_int(q, 2));
    const struct jin *note = NULL;
    f->changes++;
    if (!p)
        return OK;
    enum err e = jin_parse(q_get_str(q, 3), 32, &note);
    e = e ? fail(f->c, ERR_CORRUPT, NULL, "变更史中有一条记录读不出来") : past_undo(f->c, p, note);
    jin_free(note);
    return e;
}

static enum err undo_all(struct file *f, int64_t firm)
{
    struct q q;
    enum err e = OK;
    q_begin(&q, f->c->db, SQL_journal_firm_since);
    q_int(&q, "firm", firm);
    q_int(&q, "at", f->end);
    while (!e && q_row(&q))
        e = undo(f, &q);
    enum err end = q_end(&q);
    return e ? e : db_fail(f->c, end);
}

/* A record that was entered without a note and never changed since: its journal row tells when. */
static enum err entered_later(struct file *f, struct past *p)
{
    struct q q;
    int64_t at = 0;
    const struct desc *d = p->kind->desc;
    if (p->undone)
        return OK;
    q_begin(&q, f->c->db, SQL_past_entered);
    q_int(&q, "id", *field_int(d, p->row, d->n - 1)); /* jseq is every record's last column */
    enum err e = q_one_int(&q, &at);
    p->made_later = e == OK && at > f->end;
    return e == ERR_NOT_FOUND ? OK : db_fail(f->c, e);
}

static enum err start_many(struct file *f, enum sql_id id, const struct record_kind *k,
    int64_t firm, struct past **ret, size_t *ret_n)
{
    struct q q;
    struct vec rows;
    q_begin(&q, f->c->db, id);
    q_int(&q, "firm", firm);
    enum err e = q_all(&q, k->desc, &rows, f->c->a);
    if (e)
        return db_fail(f->c, e);
    struct past *all = arena_new(f->c->a, struct past, rows.n + 1);
    if (!all)
        return fail(f->c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < rows.n; i++)
        all[i] = (struct past){.kind = k, .row = (char *)rows.p + i * k->desc->size};
    *ret = all;
    *ret_n = rows.n;
    return OK;
}

static enum err prove(struct file *f, struct past_file *ret)
{
    struct q q;
    q_begin(&q, f->c->db, SQL_journal_left_so);
    q_int(&q, "firm", ret->firm.id);
    q_int(&q, "at", f->end);
    q_int(&q, "kind", kind_firm.code);
    q_int(&q, "ref", ret->firm.id);
    if (q_row(&q))
        ret->proved = past_proved(&f->firm, q_get_blob(&q, 1));
    return db_fail(f->c, q_end(&q));
}

/* Those that were there, as an array of rows. */
static struct vec present(struct ctx *c, const struct past *all, size_t n, size_t size)
{
    char *rows = arena_array(c->a, size, n + 1);
    struct vec v = {rows, 0};
    for (size_t i = 0; rows && i < n; i++)
        if (!all[i].made_later)
            memcpy(rows + v.n++ * size, all[i].row, size);
    return v;
}

static void add_codes(struct buf *to, struct str codes)
{
    while (codes.n) {
        struct str one = str_cut(codes, ',', &codes), rest = buf_str(to);
        bool there = false;
        while (rest.n && !there)
            there = str_eq(str_cut(rest, ',', &rest), one);
        if (there)
            continue;
        buf_addz(to, to->n ? "," : "");
        buf_add(to, one);
    }
}

static void products_see(struct ctx *c, struct past_file *f)
{
    struct buf names, classes;
    const struct product_row *p = f->products.p;
    buf_init(&names, NAMES_MAX);
    buf_init(&classes, 1000);
    for (size_t i = 0; i < f->products.n; i++) {
        const struct str words[] = {p[i].cat1, p[i].cat2, p[i].product};
        add_codes(&classes, p[i].applicability);
        for (int k = 0; k < 3; k++) {
            buf_add(&names, words[k]);
            buf_addc(&names, ' ');
        }
    }
    f->products_seen = (struct firm_products){keep(c, buf_str(&names)), keep(c, buf_str(&classes))};
    buf_free(&names);
    buf_free(&classes);
}

static enum err put_back(struct file *f, struct past_file *ret)
{
    int64_t firm = ret->firm.id;
    enum err e = start_many(f, SQL_firm_products, &kind_product, firm, &f->products, &f->nproducts);
    if (!e)
        e = start_many(f, SQL_past_people, &kind_person, firm, &f->people, &f->npeople);
    if (!e)
        e = undo_all(f, firm);
    for (size_t i = 0; !e && i < f->nproducts; i++)
        e = entered_later(f, &f->products[i]);
    for (size_t i = 0; !e && i < f->npeople; i++)
        e = entered_later(f, &f->people[i]);
    if (e)
        return e;
    ret->exists = !f->firm.made_later && ret->firm.created <= f->end;
    ret->lost = f->firm.lost;
    ret->changes_since = f->changes;
    ret->products = present(f->c, f->products, f->nproducts, product_row_desc.size);
    ret->people = present(f->c, f->people, f->npeople, person_row_desc.size);
    products_see(f->c, ret);
    return prove(f, ret);
}

enum err past_load(struct ctx *c, int64_t firm, int64_t day, struct past_file *ret)
{
    *ret = (struct past_file){0};
    enum err e = firm_need(c, firm, &ret->firm);
    if (!e && day > c->today) {
        complain(c, S("day"), "range", "日期：不能晚于今天");
        e = checked(c);
    }
    if (e)
        return e;
    struct file f = {.c = c, .end = (day + 1) * DAY_MS - ZONE_MS - 1};
    f.firm = (struct past){.kind = &kind_firm, .row = &ret->firm};
    return put_back(&f, ret);
}

/* --- showing ---------------------------------------------------------------------------------- */

static struct str rows_text(struct ctx *c, const struct vec *rows, const struct desc *d)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 4 << 20);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < rows->n; i++)
        desc_json(d, (char *)rows->p + i * d->size, &w);
    jw_end_arr(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str org_of(struct ctx *c, int64_t id)
{
    struct q q;
    struct str name = STR_NULL;
    if (id == NULL_INT)
        return name;
    q_begin(&q, c->db, SQL_org_name_of);
    q_int(&q, "id", id);
    if (q_row(&q))
        name = keep(c, q_get_str(&q, 0));
    return q_end(&q) ? STR_NULL : name;
}

static struct str remark_of(const struct past_file *f)
{
    if (!f->exists)
        return S("这一天还没有建档");
    if (f->lost)
        return S("监管责任人电话此后变更过，旧号码不保留，显示为现在的号码");
    return f->proved ? S("与当时的存证一致") : STR_NULL;
}

enum err op_firm_past(struct ctx *c, const struct past_ask *in, struct past_view *ret)
{
    struct past_file f;
    enum err e = past_load(c, in->firm, in->day, &f);
    if (e)
        return e;
    ret->id = in->firm;
    ret->day = in->day;
    ret->exists = f.exists;
    ret->changes_since = f.changes_since;
    ret->remark = remark_of(&f);
    if (!f.exists)
        return OK;
    ret->proved = f.proved;
    ret->record = firm_json(c, &f.firm);
    ret->labels = firm_labels(c, &f.firm);
    ret->org_name = org_of(c, f.firm.org);
    ret->town_name = town_name(c, f.firm.town);
    ret->sup_org_name = org_of(c, f.firm.sup_org);
    ret->products = rows_text(c, &f.products, &product_row_desc);
    ret->people = rows_text(c, &f.people, &person_row_desc);
    return OK;
}
