/* Phase "apply": accepted rows become firms, products and persons.
 *
 * The file is read and judged again, now against what is stored; rows go to the writer some hundred
 * at a time, and while one load is written the next is read. When the program ends in between, the
 * job starts over and meets what is stored already as duplicates, so it goes on where it stopped
 * and never writes a row twice. */
#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/crypto.h"
#include "core/template.h"
#include "domain/idcard.h"
#include "feature/import/import_run.h"
#include "feature/import/import_update.h"
#include "feature/ledger/ledger.h"
#include "feature/people/people.h"

enum { ROWS_A_WRITE = 500, LOADS = 2, BATCH_MEMORY = 64 << 20, ROW_TEXT = 200 };
enum { IMP_FIELDS_MAX = 128, TOWNS = 64, ROW_BITS = 21 };

/* A row waiting to be written. */
struct pending {
    enum imp_verdict verdict;
    struct imp_ref of;
    uint32_t sheet, row;
    bool merges;  /* the stored firm may change */
    bool suspect; /* figures look like 元 */
    struct str sheet_name, warnings;
    struct imp_unit unit;
    struct imp_product product;
};

struct place {
    uint32_t key; /* sheet << ROW_BITS | row */
    int64_t firm;
} __attribute__((packed));

/* Members of one struct that go to those of the same name and type of another. */
struct twins {
    struct twin {
        uint16_t from, to, size;
    } pairs[IMP_FIELDS_MAX];
    size_t n;
};

/* The authority over a township, as the write under way sees it. */
struct town {
    struct str code, path;
    int64_t org;
};

struct applying;

/* The rows of one write. */
struct load {
    struct applying *x;
    struct arena a;
    struct pending *rows;
    size_t n;
    struct town towns[TOWNS];
    size_t ntowns;
    struct ctx c; /* of the write */
    struct write_job job;
    bool under_way; /* with the writer; under the lock */
    enum err e;
};

struct applying {
    struct import_pass *pass;
    struct job *j;
    struct load loads[LOADS];
    struct twins firm, product;
    size_t now;       /* the load being gathered */
    struct arena row; /* of the row being written; the writer's */
    pthread_mutex_t lock;
    pthread_cond_t told;
    struct place *places; /* rows of this file -> their firms; the writer's, as is people */
    size_t nplaces, room;
    int64_t created, products, skipped, rejected, people;
    struct import_update update;
    int64_t merged[MERGE_RESULTS]; /* the writer's */
};

/* --- rows of the file and their firms
 * --------------------------------------------------------------- */

/* Rows go to 2^20 and sheets to 255. */
static uint32_t key_of(uint32_t sheet, uint32_t row)
{
    return sheet << ROW_BITS | row;
}

/* Rows come in the order of the file, so the places stay sorted by key. */
static enum err place_put(struct applying *x, uint32_t key, int64_t firm)
{
    if (x->nplaces == x->room) {
        size_t room = x->room ? x->room * 2 : 1 << 12;
        struct place *to = mem_grow(x->places, room * sizeof *to);
        if (!to)
            return ERR_NOMEM;
        x->places = to;
        x->room = room;
    }
    x->places[x->nplaces++] = (struct place){key, firm};
    return OK;
}

static int64_t place_find(const struct applying *x, uint32_t key)
{
    size_t from = 0, to = x->nplaces;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (x->places[mid].key < key)
            from = mid + 1;
        else
            to = mid;
    }
    return from < x->nplaces && x->places[from].key == key ? x->places[from].firm : 0;
}

static int64_t firm_at(const struct applying *x, const struct imp_ref *of)
{
    return of->firm ? of->firm : place_find(x, key_of(of->sheet, of->row));
}

/* --- one row
 * ---------------------------------------------------------------------------------------------- */

static void twins_find(const struct desc *from, const struct desc *to, struct twins *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < from->n && ret->n < IMP_FIELDS_MAX; i++) {
        const struct field *f = &from->fields[i];
        int j = desc_find(to, str_z(f->name));
        if (j < 0 || to->fields[j].type != f->type)
            continue;
        size_t size = field_is_text(f->type) ? sizeof(struct str) : sizeof(int64_t);
        ret->pairs[ret->n++] =
            (struct twin){(uint16_t)f->off, (uint16_t)to->fields[j].off, (uint16_t)size};
    }
}

static void twins_copy(const struct twins *t, const void *from, void *to)
{
    for (size_t i = 0; i < t->n; i++)
        memcpy(
            (char *)to + t->pairs[i].to, (const char *)from + t->pairs[i].from, t->pairs[i].size);
}

static void unit_to_firm(
    struct ctx *c, const struct applying *x, const struct pending *p, struct firm_row *row)
{
    const struct imp_unit *u = &p->unit;
    twins_copy(&x->firm, u, row);
    row->stat_size = row->grade = STR_NULL; /* computed, never taken over (H1) */
    row->supervisor = u->officer;
    row->supervisor_since = u->officer_since;
    row->risk_level = u->risk;
    row->credit_class = u->credit;
    row->sup_level = NULL_INT;
    row->figures_suspect = p->suspect;
    row->warnings = p->warnings;
    if (!row->uscc.n)
        row->temp_code = firm_temp_code(c, row->id);
}

static void product_of(
    const struct applying *x, const struct imp_product *from, struct product_row *to)
{
    twins_copy(&x->product, from, to);
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
    product_of(x, &p->product, &row);
    row.firm = firm;
    row.kind = str_eqz(x->pass->spec.kind, "sales") ? S("seller") : S("producer");
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

/* Within one write a township's authority stays the same. */
static enum err town_place(struct ctx *c, struct load *l, struct firm_row *row)
{
    for (size_t i = 0; i < l->ntowns; i++) {
        const struct town *t = &l->towns[i];
        if (!str_eq(t->code, row->town))
            continue;
        row->org = t->org;
        row->org_path = t->path;
        return OK;
    }
    enum err e = firm_place(c, row, row->town);
    if (e || l->ntowns == TOWNS)
        return e;
    struct town *t = &l->towns[l->ntowns];
    *t = (struct town){row->town, arena_str(&l->a, row->org_path), row->org};
    l->ntowns += t->path.p != NULL;
    return OK;
}

static enum err firm_put(struct ctx *c, struct load *l, const struct pending *p)
{
    struct applying *x = l->x;
    struct firm_row row;
    struct firm_products products = {p->product.product, p->product.applicability};
    struct note n = {.label = "导入", .text = c->via};
    bool sales = str_eqz(x->pass->spec.kind, "sales");
    desc_clear(&firm_row_desc, &row);
    row.id = id_next(c);
    unit_to_firm(c, x, p, &row);
    row.kind = sales ? S("seller") : S("producer");
    row.applicability = p->product.applicability;
    row.state = S("submitted");
    row.source = c->via;
    (void)template_body(c->app, sales ? "att3" : "att2", &row.template_version);
    enum err e = town_place(c, l, &row);
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

/* The firm as it is stored now, by the same rule as in the check. */
static enum err firm_merge(struct ctx *c, struct applying *x, const struct pending *p)
{
    struct import_merge *m = arena_new(c->a, struct import_merge, 1);
    struct merge_row at = {p->sheet, p->row, &p->unit};
    struct note n = {.label = "导入更新", .text = c->via};
    if (!m)
        return fail(c, ERR_NOMEM, NULL, NULL);
    enum err e = import_merge(c, &x->update, &at, p->of.firm, m);
    if (!e && m->result == MERGE_UPDATED && !rec_same(&kind_firm, &m->old, &m->row))
        e = firm_change(c, &m->old, &m->row, &n);
    x->merged[m->result] += !e;
    return e;
}

static enum err row_put(struct ctx *c, struct load *l, const struct pending *p)
{
    struct applying *x = l->x;
    c->via = arena_fmt(
        c->a, "导入 %.*s %.*s 第%u行", STR_ARG(x->pass->spec.file), STR_ARG(p->sheet_name), p->row);
    if (p->verdict <= IMP_CREATED_WITH_WARNING)
        return firm_put(c, l, p);
    enum err e = p->verdict == IMP_PRODUCT_ADDED ? product_more(c, x, p) : OK;
    return e || !p->merges ? e : firm_merge(c, x, p);
}

/* One row in memory of its own: what is made of it lies in the store afterwards. */
static enum err row_put_apart(struct load *l, const struct pending *p)
{
    struct ctx c = l->c;
    c.a = &l->x->row;
    arena_reset(c.a);
    enum err e = row_put(&c, l, p);
    if (e && c.err_message.p)
        return failf(&l->c, e, NULL, "%s", c.err_message.p);
    return e ? fail(&l->c, e, NULL, NULL) : OK;
}

/* Runs on the writer. */
static enum err load_put(struct db_conn *db, void *arg)
{
    struct load *l = arg;
    enum err e = OK;
    l->c.db = db;
    l->c.batch = l->c.app->batch;
    l->ntowns = 0;
    e = job_held(&l->c, l->x->j->row.id);
    for (size_t i = 0; !e && i < l->n; i++)
        e = row_put_apart(l, &l->rows[i]);
    return e;
}

static void load_told(enum err e, void *arg)
{
    struct load *l = arg;
    pthread_mutex_lock(&l->x->lock);
    l->e = e;
    l->under_way = false;
    pthread_cond_signal(&l->x->told);
    pthread_mutex_unlock(&l->x->lock);
}

/* --- collecting
 * --------------------------------------------------------------------------------------------- */

static enum err load_clear(struct load *l)
{
    l->n = 0;
    arena_reset(&l->a);
    l->rows = arena_new(&l->a, struct pending, ROWS_A_WRITE);
    return l->rows ? OK : ERR_NOMEM;
}

/* Waits until a load is written, counts it and makes it ready to be filled again. */
static enum err load_settle(struct applying *x, struct load *l)
{
    pthread_mutex_lock(&x->lock);
    if (l->under_way)
        import_look_away(x->pass);
    while (l->under_way)
        pthread_cond_wait(&x->told, &x->lock);
    pthread_mutex_unlock(&x->lock);
    if (l->e && l->c.err_message.p)
        return failf(x->pass->c, l->e, NULL, "%s", l->c.err_message.p);
    if (l->e)
        return fail(x->pass->c, l->e, NULL, NULL);
    for (size_t i = 0; i < l->n; i++) {
        x->created += l->rows[i].verdict <= IMP_CREATED_WITH_WARNING;
        x->products += l->rows[i].verdict == IMP_PRODUCT_ADDED;
    }
    return load_clear(l);
}

/* Hands the gathered load to the writer and turns to the other one. */
static enum err flush(struct applying *x)
{
    struct load *l = &x->loads[x->now];
    if (l->n) {
        l->c = *x->pass->c;
        l->c.a = &l->a;
        l->c.source = SRC_IMPORT;
        l->job = (struct write_job){.run = load_put, .done = load_told, .arg = l, .alone = true};
        l->under_way = true;
        l->e = writer_put(l->c.app->writer, &l->job);
        if (l->e) {
            l->under_way = false;
            return fail(x->pass->c, l->e, NULL, NULL);
        }
    }
    x->now = (x->now + 1) % LOADS;
    return load_settle(x, &x->loads[x->now]);
}

static enum err loads_begin(struct applying *x)
{
    enum err e = OK;
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->told, NULL);
    arena_init(&x->row, BATCH_MEMORY);
    for (size_t i = 0; i < LOADS; i++) {
        x->loads[i].x = x;
        arena_init(&x->loads[i].a, BATCH_MEMORY);
        e = e ? e : load_clear(&x->loads[i]);
    }
    return e;
}

/* Everything handed over is written or refused when this returns. */
static enum err loads_end(struct applying *x, enum err e)
{
    for (size_t i = 0; i < LOADS; i++) {
        enum err settled = load_settle(x, &x->loads[i]);
        e = e ? e : settled;
        arena_free(&x->loads[i].a);
    }
    arena_free(&x->row);
    pthread_cond_destroy(&x->told);
    pthread_mutex_destroy(&x->lock);
    return e;
}

static void copy_texts(struct arena *a, const struct desc *d, void *s)
{
    for (size_t i = 0; i < d->n; i++)
        if (field_is_text(d->fields[i].type))
            *field_str(d, s, i) = arena_str(a, *field_str(d, s, i));
}

static struct str warnings_json(struct applying *x, struct arena *a, const struct imp_row *r)
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
        imp_put_reason(x->pass->job.rules, &r->warnings[i], &text);
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
    struct str s = arena_str(a, buf_str(&b));
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

static void collect(struct applying *x, struct load *l, const struct imp_row *r)
{
    struct pending *p = &l->rows[l->n++];
    *p = (struct pending){.verdict = r->verdict,
        .of = r->of,
        .sheet = r->sheet,
        .row = r->row,
        .merges = x->update.rule.n && r->of.firm,
        .suspect = has_warning(r, W_UNIT_SUSPECT),
        .sheet_name = arena_str(&l->a, sheet_info(x->pass->job.book, r->sheet)->name),
        .warnings = warnings_json(x, &l->a, r),
        .unit = *r->unit,
        .product = *r->product};
    copy_texts(&l->a, &imp_unit_desc, &p->unit);
    copy_texts(&l->a, &imp_product_desc, &p->product);
}

static enum err on_row(void *arg, const struct imp_row *r)
{
    struct applying *x = arg;
    struct load *l = &x->loads[x->now];
    enum err e = OK;
    bool merges = r->verdict == IMP_DUPLICATE && x->update.rule.n && r->of.firm;
    if (r->verdict <= IMP_PRODUCT_ADDED || merges)
        collect(x, l, r);
    x->skipped += r->verdict == IMP_DUPLICATE && !merges;
    x->rejected += r->verdict == IMP_REJECTED;
    if (l->a.failed)
        return ERR_NOMEM;
    if (l->n == ROWS_A_WRITE)
        e = flush(x);
    if (e)
        return e;
    return job_step(x->pass->c, x->j, (int64_t)sheet_done(x->pass->job.book), x->pass->size);
}

static enum err on_sheet(void *arg, const struct imp_sheet *s)
{
    import_update_sheet(&((struct applying *)arg)->update, s);
    return OK;
}

static struct str applied_json(struct ctx *c, const struct applying *x)
{
    return arena_fmt(c->a,
        "{\"created\":%lld,\"products\":%lld,\"duplicates\":%lld,\"rejected\":%lld,\"people\":%"
        "lld,\"updated\":%lld,\"unchanged\":%lld,\"conflict\":%lld,\"refused\":%lld}",
        (long long)x->created, (long long)x->products, (long long)x->skipped,
        (long long)x->rejected, (long long)x->people, (long long)x->merged[MERGE_UPDATED],
        (long long)x->merged[MERGE_UNCHANGED], (long long)x->merged[MERGE_CONFLICT],
        (long long)x->merged[MERGE_REFUSED]);
}

/* The summary of the check stays; what was written joins it. */
static struct str join_result(struct ctx *c, struct str summary, struct str applied)
{
    struct str was = summary.n > 2 ? str_sub(summary, 0, summary.n - 1) : S("{");
    return arena_fmt(
        c->a, "%.*s%s\"applied\":%.*s}", STR_ARG(was), was.n > 1 ? "," : "", STR_ARG(applied));
}

static struct applying *apply_new(struct ctx *c, struct job *j)
{
    struct applying *x = arena_new(c->a, struct applying, 1);
    if (!x)
        return NULL;
    x->j = j;
    twins_find(&imp_unit_desc, &firm_row_desc, &x->firm);
    twins_find(&imp_product_desc, &product_row_desc, &x->product);
    if (loads_begin(x) == OK)
        return x;
    (void)loads_end(x, OK);
    return NULL;
}

enum err import_apply_pass(struct ctx *c, struct job *j, const struct import_spec *s)
{
    struct import_pass pass;
    struct applying *x = apply_new(c, j);
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    x->pass = &pass;
    import_update_begin(&x->update, s);
    struct imp_sink sink = {x, on_sheet, on_row};
    enum err e = import_open(c, s, import_upload_path(c, j->row.id).p, &pass);
    if (!e)
        e = import_go(&pass, &sink);
    if (!e)
        e = flush(x);
    e = loads_end(x, e);
    j->result = join_result(c, j->row.result, applied_json(c, x));
    import_close(&pass);
    mem_free(x->places);
    return e;
}

static void once_begin(void *arg, struct import_pass *p)
{
    ((struct applying *)arg)->pass = p;
}

static enum err once_end(void *arg)
{
    return flush(arg);
}

enum err import_once_pass(
    struct ctx *c, struct job *j, const struct import_spec *s, const struct import_files *files)
{
    struct applying *x = apply_new(c, j);
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    struct import_also also = {x, once_begin, on_row, once_end};
    enum err e = loads_end(x, import_check_also(c, j, s, files, &also));
    j->result = join_result(c, e ? j->row.result : j->result, applied_json(c, x));
    mem_free(x->places);
    return e;
}
