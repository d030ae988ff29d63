/* Entries that look like one: at creation, at editing, for the record. What could be alike is found
 * through indexes (code, name, person and address in the county, words of the name in the county),
 * then compared like every pair (domain/twin.c). */
#include "base/utf8.h"
#include "core/batch.h"
#include "domain/uscc.h"
#include "feature/ledger/refdata.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum { WORDS_MAX = 2000, GRAMS_ASKED = 3, COUNTY_PATH = 15 };

struct looking {
    struct ctx *c;
    const struct firm_row *row;
    struct twin_face face;
    struct twin_near *best;
    size_t n;
};

static bool known(const struct looking *k, int64_t id)
{
    if (id == k->row->id)
        return true;
    for (size_t i = 0; i < k->n; i++)
        if (k->best[i].id == id)
            return true;
    return false;
}

static struct twin_facts facts_of(struct q *q)
{
    struct str path = q_get_str(q, 5);
    return (struct twin_facts){q_get_str(q, 2), q_get_str(q, 1), q_get_str(q, 3), q_get_str(q, 4),
        str_sub(path, 0, COUNTY_PATH)};
}

static void put_in_order(struct looking *k, const struct twin_near *n)
{
    size_t at = k->n < TWIN_NEAREST ? k->n++ : TWIN_NEAREST - 1;
    for (; at && k->best[at - 1].s.score < n->s.score; at--)
        k->best[at] = k->best[at - 1];
    k->best[at] = *n;
}

static void look_at(struct looking *k, struct q *q)
{
    struct twin_face face;
    struct twin_facts f = facts_of(q);
    int64_t id = q_get_int(q, 0);
    twin_face_make(&f, &ref_tables(k->c->app)->areas, &face);
    struct twin_near n = {.id = id, .s = twin_compare(&k->face, &face)};
    bool full = k->n == TWIN_NEAREST && k->best[TWIN_NEAREST - 1].s.score >= n.s.score;
    if (n.s.score < TWIN_SUSPECT || full || known(k, id))
        return;
    n.name = keep(k->c, f.name);
    n.uscc = keep(k->c, f.uscc);
    n.site = keep(k->c, f.address);
    n.person = keep(k->c, f.person);
    n.path = keep(k->c, q_get_str(q, 5));
    put_in_order(k, &n);
}

static enum err through(struct looking *k, struct q *q)
{
    while (q_row(q))
        look_at(k, q);
    return db_fail(k->c, q_end(q));
}

static enum err by_one(struct looking *k, enum sql_id id, const char *name, struct str v)
{
    struct q q;
    if (!v.n)
        return OK;
    q_begin(&q, k->c->db, id);
    if (id == SQL_twin_by_person || id == SQL_twin_by_site)
        q_str(&q, "p3", k->row->p3);
    q_str(&q, name, v);
    return through(k, &q);
}

/* The first pairs of characters of the distinctive name, in the county. */
static struct str words_of(struct looking *k)
{
    struct buf folded, m;
    struct str f;
    size_t at = 0, n = 0;
    buf_init(&folded, WORDS_MAX);
    buf_init(&m, WORDS_MAX);
    gram_fold(gram_distinctive(k->row->name, &ref_tables(k->c->app)->areas), &folded);
    f = buf_str(&folded);
    buf_addz(&m, "\"o");
    for (size_t i = 0; i < k->row->p3.n; i++)
        if (k->row->p3.p[i] != '.')
            buf_addc(&m, k->row->p3.p[i]);
    buf_addz(&m, "\" AND (");
    for (size_t next = 0; n < GRAMS_ASKED && at < f.n; at = next, n++) {
        next = at;
        (void)utf8_next(f, &next);
        size_t end = next;
        if (utf8_next(f, &end) < 0)
            break;
        buf_fmt(&m, "%s\"%.*s\"", n ? " OR " : "", (int)(end - at), f.p + at);
    }
    buf_addc(&m, ')');
    struct str s = n && k->row->p3.n ? keep(k->c, buf_str(&m)) : STR_NULL;
    buf_free(&m);
    buf_free(&folded);
    return s;
}

enum err twin_nearest(
    struct ctx *c, const struct firm_row *row, struct twin_near *ret, size_t *ret_n)
{
    struct looking k = {.c = c, .row = row, .best = ret};
    struct twin_facts f = {row->uscc, row->name, row->site_address, row->legal_person, row->p3};
    twin_face_make(&f, &ref_tables(c->app)->areas, &k.face);
    enum err e = by_one(&k, SQL_twin_by_code, "uscc", row->uscc);
    if (!e)
        e = by_one(&k, SQL_twin_by_name, "name", row->name);
    if (!e && row->p3.n)
        e = by_one(&k, SQL_twin_by_person, "legal_person", row->legal_person);
    if (!e && row->p3.n)
        e = by_one(&k, SQL_twin_by_site, "site_address", row->site_address);
    if (!e)
        e = by_one(&k, SQL_twin_by_words, "words", words_of(&k));
    *ret_n = k.n;
    return e;
}

/* --- what people see -------------------------------------------------------------------------- */

static struct str why_text(struct ctx *c, unsigned why)
{
    struct buf b;
    buf_init(&b, 400);
    twin_put_why(why, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* Who lies out of scope shows its county authority and nothing of its file. */
static void item_of(struct ctx *c, const struct twin_near *n, struct str mine, struct twin_item *it)
{
    desc_clear(&twin_item_desc, it);
    it->inside = scope_has(c, n->path);
    it->score = n->s.score;
    it->why = why_text(c, n->s.why);
    it->org_name = path_org_name(c, it->inside ? n->path : str_sub(n->path, 0, COUNTY_PATH));
    it->decider = path_org_name(c, path_common(c, mine, n->path));
    it->state = S("open");
    if (!it->inside)
        return;
    it->id = n->id;
    it->name = n->name;
    it->uscc = n->uscc;
    it->site_address = n->site;
    it->legal_person = n->person;
}

static enum err items_of(
    struct ctx *c, const struct twin_near *near, size_t n, struct str mine, struct twin_list *ret)
{
    struct twin_item *items = arena_new(c->a, struct twin_item, n + 1);
    if (!items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        item_of(c, &near[i], mine, &items[i]);
    ret->items = (struct vec){items, n};
    return OK;
}

static struct str code_of(struct ctx *c, struct str typed)
{
    struct buf b;
    buf_init(&b, 200);
    uscc_normalise(typed, &b);
    struct str s = typed.n ? keep(c, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return s;
}

enum err op_twin_suggest(struct ctx *c, const struct twin_ask *in, struct twin_list *ret)
{
    struct firm_row row;
    struct twin_near near[TWIN_NEAREST];
    size_t n = 0;
    desc_clear(&firm_row_desc, &row);
    row.id = in->except;
    row.name = in->name;
    row.uscc = code_of(c, in->uscc);
    row.site_address = in->site_address;
    row.legal_person = in->legal_person;
    row.org_path = c->actor.org_path;
    enum err e = in->town.n ? firm_place(c, &row, in->town) : OK;
    row.p3 = str_sub(row.org_path, 0, COUNTY_PATH);
    if (!e)
        e = twin_nearest(c, &row, near, &n);
    return e ? e : items_of(c, near, n, row.org_path, ret);
}

/* --- pairs ------------------------------------------------------------------------------------ */

enum err twin_keep(struct ctx *c, const struct twin_pair *p, bool *ret_new)
{
    struct twin_row t;
    struct q q;
    struct buf b;
    struct note n = {.silent = true};
    int64_t have = 0;
    q_begin(&q, c->db, SQL_twin_known);
    q_int(&q, "a", p->a < p->b ? p->a : p->b);
    q_int(&q, "b", p->a < p->b ? p->b : p->a);
    enum err e = q_one_int(&q, &have);
    if (ret_new)
        *ret_new = e == ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e ? db_fail(c, e) : OK;
    desc_clear(&twin_row_desc, &t);
    t.a = p->a < p->b ? p->a : p->b;
    t.b = p->a < p->b ? p->b : p->a;
    t.path = p->path;
    t.state = S("open");
    t.score = p->s.score;
    buf_init(&b, 200);
    twin_put_codes(p->s.why, &b);
    t.why = keep(c, buf_str(&b));
    buf_free(&b);
    t.found_at = c->now;
    t.version = 1;
    return rec_insert(c, &kind_twin, &t, &n);
}

enum err op_twin_check(struct ctx *c, const struct firm_ref *in, struct twin_list *ret)
{
    struct firm_row row;
    struct twin_near near[TWIN_NEAREST];
    size_t n = 0;
    enum err e = firm_need(c, in->firm, &row);
    if (!e)
        e = life_alive(c, &row);
    if (!e)
        e = twin_nearest(c, &row, near, &n);
    for (size_t i = 0; !e && i < n; i++) {
        struct twin_pair p = {
            row.id, near[i].id, path_common(c, row.org_path, near[i].path), near[i].s};
        e = twin_keep(c, &p, NULL);
    }
    return e ? e : op_twin_of_firm(c, in, ret);
}

/* --- pairs of one firm ------------------------------------------------------------------------ */

static enum err pairs_of(struct ctx *c, enum sql_id id, int64_t firm, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    return db_fail(c, q_all(&q, &twin_row_desc, ret, c->a));
}

static struct str why_labels(struct ctx *c, struct str codes)
{
    static const char *const names[] = {"code", "near_code", "name", "address", "person"};
    static const unsigned bits[] = {
        TWIN_CODE, TWIN_NEAR_CODE, TWIN_NAME, TWIN_ADDRESS, TWIN_PERSON};
    unsigned why = 0;
    while (codes.n) {
        struct str one = str_cut(codes, ',', &codes);
        for (size_t i = 0; i < 5; i++)
            why |= str_eqz(one, names[i]) ? bits[i] : 0;
    }
    return why_text(c, why);
}

static enum err pair_item(
    struct ctx *c, const struct twin_row *t, int64_t firm, struct twin_item *it)
{
    struct firm_row other;
    enum err e = rec_get(c, &kind_firm, t->a == firm ? t->b : t->a, &other);
    if (e)
        return e;
    struct twin_near n = {.id = other.id,
        .name = other.name,
        .uscc = other.uscc,
        .site = other.site_address,
        .person = other.legal_person,
        .path = other.org_path};
    item_of(c, &n, t->path, it);
    it->twin = t->id;
    it->state = t->state;
    it->score = t->score;
    it->why = why_labels(c, t->why);
    it->decider = path_org_name(c, t->path);
    return OK;
}

enum err op_twin_of_firm(struct ctx *c, const struct firm_ref *in, struct twin_list *ret)
{
    struct firm_row row;
    struct vec all[2];
    enum err e = firm_need(c, in->firm, &row);
    if (!e)
        e = pairs_of(c, SQL_twin_of_firm_a, row.id, &all[0]);
    if (!e)
        e = pairs_of(c, SQL_twin_of_firm_b, row.id, &all[1]);
    if (e)
        return e;
    struct twin_item *items = arena_new(c->a, struct twin_item, all[0].n + all[1].n + 1);
    if (!items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    ret->items = (struct vec){items, 0};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; !e && i < all[k].n; i++)
            e = pair_item(c, (struct twin_row *)all[k].p + i, row.id, &items[ret->items.n++]);
    return e;
}
