/* Phase "apply": accepted rows become firms, products and persons.
 *
 * The file is read and judged again, now against what is stored; rows go to the writer some hundred
 * at a time. When the program ends in between, the job starts over and meets what is stored already
 * as duplicates, so it goes on where it stopped and never writes a row twice. */
#include <stdio.h>

#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/crypto.h"
#include "core/template.h"
#include "domain/idcard.h"
#include "feature/import/import_run.h"
#include "feature/ledger/ledger.h"
#include "feature/people/people.h"

enum { ROWS_A_WRITE = 400, BATCH_MEMORY = 64 << 20, ROW_TEXT = 200 };

/* A row waiting to be written. */
struct pending {
    enum imp_verdict verdict;
    struct imp_ref of;
    uint32_t sheet, row;
    bool suspect; /* figures look like 元 */
    struct str warnings;
    struct imp_unit unit;
    struct imp_product product;
};

struct place {
    uint64_t key; /* sheet << 32 | row, 0 = empty */
    int64_t firm;
};

struct applying {
    struct import_pass pass;
    struct job *j;
    struct arena a; /* the rows of one write */
    struct pending *rows;
    size_t n;
    struct place *places; /* rows of this file -> their firms */
    size_t nplaces, slots;
    int64_t created, products, skipped, rejected, people;
};

/* --- rows of the file and their firms
 * --------------------------------------------------------------- */

static uint64_t key_of(uint32_t sheet, uint32_t row)
{
    return ((uint64_t)sheet + 1) << 32 | row;
}

static struct place *slot_of(struct place *places, size_t slots, uint64_t key)
{
    size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (slots - 1);
    while (places[i].key && places[i].key != key)
        i = (i + 1) & (slots - 1);
    return &places[i];
}

static enum err places_grow(struct applying *x)
{
    size_t slots = x->slots ? x->slots * 2 : 1 << 12;
    struct place *to = mem_alloc(slots * sizeof *to);
    if (!to)
        return ERR_NOMEM;
    for (size_t i = 0; i < x->slots; i++)
        if (x->places[i].key)
            *slot_of(to, slots, x->places[i].key) = x->places[i];
    mem_free(x->places);
    x->places = to;
    x->slots = slots;
    return OK;
}

static enum err place_put(struct applying *x, uint64_t key, int64_t firm)
{
    if (x->nplaces * 2 >= x->slots && places_grow(x))
        return ERR_NOMEM;
    *slot_of(x->places, x->slots, key) = (struct place){key, firm};
    x->nplaces++;
    return OK;
}

static int64_t firm_at(const struct applying *x, const struct imp_ref *of)
{
    if (of->firm)
        return of->firm;
    return x->slots ? slot_of(x->places, x->slots, key_of(of->sheet, of->row))->firm : 0;
}

/* --- one row
 * ---------------------------------------------------------------------------------------------- */

static void unit_to_firm(struct ctx *c, const struct pending *p, struct firm_row *row)
{
    const struct imp_unit *u = &p->unit;
    for (size_t i = 0; i < imp_unit_desc.n; i++) {
        const struct field *f = &imp_unit_desc.fields[i];
        int j = desc_find(&firm_row_desc, str_z(f->name));
        if (j < 0 || firm_row_desc.fields[j].type != f->type)
            continue;
        const void *from = (const char *)u + f->off;
        void *to = (char *)row + firm_row_desc.fields[j].off;
        memcpy(to, from, field_is_text(f->type) ? sizeof(struct str) : sizeof(int64_t));
    }
    row->stat_size = row->grade = STR_NULL; /* computed, never taken over (H1) */
    row->supervisor = u->officer;
    row->supervisor_since = u->officer_since;
    row->risk_level = u->risk;
    row->credit_class = u->credit;
    row->sup_level = NULL_INT;
    row->figures_suspect = p->suspect;
    row->warnings = p->warnings;
    if (!row->uscc.n)
        row->temp_code = arena_fmt(c->a, "LS%012lld", (long long)row->id);
}

static void product_of(const struct imp_product *from, struct product_row *to)
{
    for (size_t i = 0; i < imp_product_desc.n; i++) {
        const struct field *f = &imp_product_desc.fields[i];
        int j = desc_find(&product_row_desc, str_z(f->name));
        if (j < 0 || product_row_desc.fields[j].type != f->type)
            continue;
        memcpy((char *)to + product_row_desc.fields[j].off, (const char *)from + f->off,
            field_is_text(f->type) ? sizeof(struct str) : sizeof(int64_t));
    }
    if (to->lic_to == IMP_NO_END) {
        to->lic_to = NULL_INT;
        to->lic_forever = 1;
    }
    if (to->ccc_to == IMP_NO_END)
        to->ccc_to = NULL_INT;
}

static enum err product_put(
    struct ctx *c, const struct applying *x, const struct pending *p, int64_t firm)
{
    struct product_row row;
    struct note n = {.label = "导入产品", .text = p->product.product, .silent = true};
    desc_clear(&product_row_desc, &row);
    product_of(&p->product, &row);
    row.firm = firm;
    row.kind = str_eqz(x->pass.spec.kind, "sales") ? S("seller") : S("producer");
    row.source = c->via;
    row.version = 1;
    n.silent = p->verdict != IMP_PRODUCT_ADDED;
    return rec_insert(c, &kind_product, &row, &n);
}

static enum err person_put(
    struct ctx *c, int64_t firm, const char *post, struct str name, struct str phone)
{
    struct person_row row;
    struct note quiet = {.silent = true};
    unsigned char index[CRYPTO_INDEX_LEN];
    if (!name.n)
        return OK;
    desc_clear(&person_row_desc, &row);
    row.id = id_next(c);
    row.firm = firm;
    row.post = str_z(post);
    row.name = name;
    row.version = 1;
    struct crypto_place at = {"person", "phone", row.id};
    enum err e = OK;
    if (phone.n) {
        e = crypto_encrypt(c->app->crypto, &at, phone, c->a, &row.phone);
        if (!e)
            e = crypto_index(c->app->crypto, S("phone"), phone, index);
        row.phone_idx = keep(c, (struct str){(const char *)index, sizeof index});
    }
    return e ? fail(c, e, NULL, NULL) : rec_insert(c, &kind_person, &row, &quiet);
}

static enum err people_put(
    struct ctx *c, struct applying *x, const struct imp_unit *u, int64_t firm)
{
    enum err e = person_put(c, firm, "principal", u->principal, u->principal_phone);
    if (!e)
        e = person_put(c, firm, "director", u->director, u->director_phone);
    if (!e)
        e = person_put(c, firm, "officer", u->safety, u->safety_phone);
    x->people += (u->principal.n > 0) + (u->director.n > 0) + (u->safety.n > 0);
    return e;
}

static enum err firm_put(struct ctx *c, struct applying *x, const struct pending *p)
{
    struct firm_row row;
    struct firm_products products = {p->product.product, p->product.applicability};
    struct note n = {.label = "导入", .text = c->via};
    bool sales = str_eqz(x->pass.spec.kind, "sales");
    desc_clear(&firm_row_desc, &row);
    row.id = id_next(c);
    unit_to_firm(c, p, &row);
    row.kind = sales ? S("seller") : S("producer");
    row.applicability = p->product.applicability;
    row.state = S("submitted");
    row.source = c->via;
    (void)template_body(c->app, sales ? "att3" : "att2", &row.template_version);
    enum err e = firm_place(c, &row, row.town);
    if (!e && p->unit.officer_phone.n)
        e = firm_phone_set(c, &row, p->unit.officer_phone);
    if (!e)
        e = firm_add(c, &row, &products, &n);
    if (!e)
        e = product_put(c, x, p, row.id);
    if (!e)
        e = people_put(c, x, &p->unit, row.id);
    return e ? e : place_put(x, key_of(p->sheet, p->row), row.id);
}

/* A product more: the firm's 适用情形 and grade follow. */
static enum err product_more(struct ctx *c, struct applying *x, const struct pending *p)
{
    struct firm_row old, row;
    struct firm_products now;
    struct note quiet = {.silent = true};
    int64_t firm = firm_at(x, &p->of);
    if (!firm)
        return fail(c, ERR_INTERNAL, NULL, "找不到这一行所属的单位");
    enum err e = rec_get(c, &kind_firm, firm, &old);
    if (!e)
        e = product_put(c, x, p, firm);
    if (!e)
        e = firm_products_load(c, firm, &now);
    if (e || str_eq(now.applicability, old.applicability))
        return e;
    row = old;
    row.applicability = now.applicability;
    return firm_change(c, &old, &row, &quiet);
}

static enum err row_put(struct ctx *c, struct applying *x, const struct pending *p)
{
    c->via = arena_fmt(c->a, "导入 %.*s %.*s 第%u行", STR_ARG(x->pass.spec.file),
        STR_ARG(sheet_info(x->pass.job.book, p->sheet)->name), p->row);
    return p->verdict == IMP_PRODUCT_ADDED ? product_more(c, x, p) : firm_put(c, x, p);
}

static enum err rows_put(struct ctx *c, void *arg)
{
    struct applying *x = arg;
    for (size_t i = 0; i < x->n; i++) {
        enum err e = row_put(c, x, &x->rows[i]);
        if (e)
            return e;
    }
    return OK;
}

/* --- collecting
 * --------------------------------------------------------------------------------------------- */

static enum err flush(struct applying *x)
{
    struct ctx c = *x->pass.c;
    if (!x->n)
        return OK;
    c.a = &x->a;
    c.source = SRC_IMPORT;
    enum err e = app_write(c.app, &c, rows_put, x);
    if (e)
        fail(x->pass.c, e, NULL, c.err_message.p);
    for (size_t i = 0; !e && i < x->n; i++) {
        x->created += x->rows[i].verdict != IMP_PRODUCT_ADDED;
        x->products += x->rows[i].verdict == IMP_PRODUCT_ADDED;
    }
    x->n = 0;
    arena_reset(&x->a);
    x->rows = arena_new(&x->a, struct pending, ROWS_A_WRITE);
    return e ? e : x->rows ? OK : ERR_NOMEM;
}

static void copy_texts(struct arena *a, const struct desc *d, void *s)
{
    for (size_t i = 0; i < d->n; i++)
        if (field_is_text(d->fields[i].type))
            *field_str(d, s, i) = arena_str(a, *field_str(d, s, i));
}

static struct str warnings_json(struct applying *x, const struct imp_row *r)
{
    struct buf b;
    struct jw w;
    if (!r->nwarnings)
        return STR_NULL;
    buf_init(&b, 256 << 10);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < r->nwarnings; i++) {
        struct buf text;
        buf_init(&text, 64 << 10);
        imp_put_reason(x->pass.job.rules, &r->warnings[i], &text);
        jw_obj(&w);
        jw_key(&w, "field");
        jw_strz(&w, imp_key_name(r->warnings[i].key));
        jw_key(&w, "code");
        jw_strz(&w, imp_code_name(r->warnings[i].code));
        jw_key(&w, "message");
        jw_str(&w, buf_str(&text));
        jw_end_obj(&w);
        buf_free(&text);
    }
    jw_end_arr(&w);
    struct str s = arena_str(&x->a, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool has_warning(const struct imp_row *r, enum imp_code code)
{
    for (size_t i = 0; i < r->nwarnings; i++)
        if (r->warnings[i].code == code)
            return true;
    return false;
}

static void collect(struct applying *x, const struct imp_row *r)
{
    struct pending *p = &x->rows[x->n++];
    *p = (struct pending){.verdict = r->verdict,
        .of = r->of,
        .sheet = r->sheet,
        .row = r->row,
        .suspect = has_warning(r, W_UNIT_SUSPECT),
        .warnings = warnings_json(x, r),
        .unit = *r->unit,
        .product = *r->product};
    copy_texts(&x->a, &imp_unit_desc, &p->unit);
    copy_texts(&x->a, &imp_product_desc, &p->product);
}

static enum err on_row(void *arg, const struct imp_row *r)
{
    struct applying *x = arg;
    enum err e = OK;
    if (r->verdict <= IMP_PRODUCT_ADDED)
        collect(x, r);
    x->skipped += r->verdict == IMP_DUPLICATE;
    x->rejected += r->verdict == IMP_REJECTED;
    if (x->a.failed)
        return ERR_NOMEM;
    if (x->n == ROWS_A_WRITE)
        e = flush(x);
    if (e)
        return e;
    return job_step(x->pass.c, x->j, (int64_t)sheet_done(x->pass.job.book), x->pass.size);
}

static struct str applied_json(struct ctx *c, const struct applying *x)
{
    return arena_fmt(c->a,
        "{\"created\":%lld,\"products\":%lld,\"duplicates\":%lld,\"rejected\":%lld,\"people\":%"
        "lld}",
        (long long)x->created, (long long)x->products, (long long)x->skipped,
        (long long)x->rejected, (long long)x->people);
}

/* The summary of the check stays; what was written joins it. */
static struct str join_result(struct ctx *c, const struct job *j, struct str applied)
{
    struct str was = j->row.result.n > 2 ? str_sub(j->row.result, 0, j->row.result.n - 1) : S("{");
    return arena_fmt(
        c->a, "%.*s%s\"applied\":%.*s}", STR_ARG(was), was.n > 1 ? "," : "", STR_ARG(applied));
}

enum err import_apply_pass(struct ctx *c, struct job *j, const struct import_spec *s)
{
    struct applying *x = arena_new(c->a, struct applying, 1);
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    x->j = j;
    arena_init(&x->a, BATCH_MEMORY);
    x->rows = arena_new(&x->a, struct pending, ROWS_A_WRITE);
    enum err e = x->rows ? import_open(c, s, import_upload_path(c, j->row.id).p, &x->pass)
                         : fail(c, ERR_NOMEM, NULL, NULL);
    struct imp_sink sink = {x, NULL, on_row};
    if (!e)
        e = import_go(&x->pass, &sink);
    if (!e)
        e = flush(x);
    j->result = join_result(c, j, applied_json(c, x));
    import_close(&x->pass);
    mem_free(x->places);
    arena_free(&x->a);
    return e;
}
