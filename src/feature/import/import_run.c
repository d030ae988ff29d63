/* Opening a pass: rules, areas, grading, lookups in the store. */
#include "feature/import/import_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/shipped.h"
#include "core/app.h"
#include "core/decode.h"
#include "feature/ledger/refdata.h"

DESC(import_override, IMPORT_OVERRIDE_FIELDS)
DESC(import_spec, IMPORT_SPEC_FIELDS)

enum { RULES_MEMORY = 64 << 20, LOOK_MEMORY = 4 << 20, LOOKUPS_A_SNAPSHOT = 400 };

enum err import_spec_read(struct ctx *c, struct str json, struct import_spec *ret)
{
    const struct jin *doc = NULL;
    desc_clear(&import_spec_desc, ret);
    if (jin_parse(json, 16, &doc))
        return fail(c, ERR_INTERNAL, NULL, NULL);
    decode_json(c, &import_spec_desc, ret, doc, S(""));
    jin_free(doc);
    return checked(c);
}

struct str import_spec_json(struct ctx *c, const struct import_spec *s)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 8 << 20);
    jw_init(&w, &b);
    desc_json(&import_spec_desc, s, &w);
    struct str text = keep(c, buf_str(&b));
    buf_free(&b);
    return text;
}

struct str import_upload_path(struct ctx *c, int64_t job)
{
    return job_file(c, job, "upload");
}

struct str import_rows_path(struct ctx *c, int64_t job)
{
    return job_file(c, job, "rows");
}

struct str import_report_path(struct ctx *c, int64_t job)
{
    return job_file(c, job, "report.json");
}

/* --- what is stored already
 * ------------------------------------------------------------------------- */

static bool same_product(struct q *q, const struct imp_key_set *k, bool sales)
{
    if (!str_eq(q_get_str(q, 0), k->product))
        return false;
    if (sales)
        return str_eq(q_get_str(q, 2), k->brand);
    return str_eq(q_get_str(q, 1), k->model) && str_eq(q_get_str(q, 3), k->lic_no) &&
           str_eq(q_get_str(q, 4), k->ccc_no);
}

static enum err find_product(
    struct import_pass *p, const struct imp_key_set *k, int64_t firm, struct imp_stored *ret)
{
    struct q q;
    bool sales = str_eqz(p->spec.kind, "sales");
    q_begin(&q, p->c->db, SQL_import_products);
    q_int(&q, "firm", firm);
    while (!ret->product && q_row(&q))
        ret->product = same_product(&q, k, sales);
    return q_end(&q);
}

static enum err find_site(
    struct import_pass *p, const struct imp_key_set *k, struct imp_stored *ret)
{
    struct q q;
    q_begin(&q, p->c->db, k->uscc.n ? SQL_import_sites : SQL_import_codeless);
    if (k->uscc.n)
        q_str(&q, "uscc", k->uscc);
    else {
        q_str(&q, "name", k->name);
        q_str(&q, "town", k->town);
    }
    while (!ret->site && q_row(&q)) {
        ret->firm = q_get_int(&q, 0);
        if (!ret->name.n)
            ret->name = arena_str(&p->look, q_get_str(&q, 1));
        ret->site = str_eq(q_get_str(&q, 2), k->site_address);
    }
    return q_end(&q);
}

void import_look_away(struct import_pass *p)
{
    if (p->lookups)
        tx_rollback(p->c->db);
    p->lookups = 0;
}

/* Lookups share a snapshot, which spares each its lock on the file; now and then a new one is
 * taken, so that the store's log can start over. */
static enum err snapshot(struct import_pass *p)
{
    if (p->lookups++ % LOOKUPS_A_SNAPSHOT)
        return OK;
    tx_rollback(p->c->db);
    return tx_begin(p->c->db);
}

static enum err stored(void *arg, const struct imp_key_set *k, struct imp_stored *ret)
{
    struct import_pass *p = arg;
    struct q q;
    int64_t others = 0;
    *ret = (struct imp_stored){.name = S("")};
    arena_reset(&p->look);
    enum err e = snapshot(p);
    if (!e)
        e = find_site(p, k, ret);
    if (!e && ret->site)
        e = find_product(p, k, ret->firm, ret);
    if (e)
        return e;
    q_begin(&q, p->c->db, SQL_import_named);
    q_str(&q, "name", k->name);
    q_str(&q, "uscc", k->uscc.n ? k->uscc : STR_NULL);
    e = q_one_int(&q, &others);
    ret->other_with_name = others > 0;
    return e;
}

/* --- opening
 * -------------------------------------------------------------------------------------------- */

static enum err areas_load(struct import_pass *p)
{
    struct q q;
    enum err e = imp_areas_new(&p->job.areas), bad = OK;
    if (e)
        return e;
    q_begin(&q, p->c->db, SQL_import_areas);
    q_str(&q, "county", p->spec.county);
    while (!bad && q_row(&q)) {
        struct str code = q_get_str(&q, 0);
        /* the store writes provinces and cities with six digits; the rules read 2 and 4 */
        if (str_ends(code, S("0000")) && code.n == 6)
            code = str_sub(code, 0, 2);
        else if (str_ends(code, S("00")) && code.n == 6)
            code = str_sub(code, 0, 4);
        bad = imp_areas_add(p->job.areas, code, q_get_str(&q, 1), str_starts(code, p->spec.county));
    }
    e = q_end(&q);
    return e ? e : bad;
}

static struct str shipped_text(const char *path)
{
    const struct shipped *s = shipped_find(path);
    return s ? s->body : S("");
}

static enum err rules_load(struct import_pass *p)
{
    const struct ref_tables *ref = ref_tables(p->c->app);
    struct imp_rules *rules = NULL;
    enum imp_kind kind = str_eqz(p->spec.kind, "sales") ? IMP_SALES : IMP_PRODUCTION;
    enum err e = imp_rules_load(
        &p->a, shipped_text("ledger_fields.json"), shipped_text("import_rules.json"), kind, &rules);
    p->job.rules = rules;
    p->job.grade = &ref->grade;
    p->job.sizes = &ref->stat;
    p->job.as_of = p->spec.as_of;
    p->job.stored = stored;
    p->job.stored_arg = p;
    return e ? e : areas_load(p);
}

static enum err overrides_load(struct import_pass *p)
{
    size_t n = p->spec.overrides.n;
    const struct import_override *from = p->spec.overrides.p;
    struct imp_override *to = arena_new(&p->a, struct imp_override, n + 1);
    if (!to)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        to[i] = (struct imp_override){(uint32_t)from[i].sheet, (uint32_t)from[i].row,
            imp_key_of(from[i].field), from[i].value};
    p->job.overrides = to;
    p->job.noverrides = n;
    return OK;
}

static enum err file_fail(struct ctx *c, enum sheet_err e)
{
    enum err kind = e == SHEET_ERR_NOMEM ? ERR_NOMEM : ERR_UNSUPPORTED;
    return fail(c, kind, "file", sheet_err_text(e));
}

enum err import_open(
    struct ctx *c, const struct import_spec *spec, const char *path, struct import_pass *ret)
{
    struct stat st;
    *ret = (struct import_pass){.c = c, .spec = *spec, .fd = -1};
    arena_init(&ret->a, RULES_MEMORY);
    arena_init(&ret->look, LOOK_MEMORY);
    ret->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (ret->fd < 0 || fstat(ret->fd, &st))
        return fail(c, ERR_NOT_FOUND, "file", "找不到要导入的文件");
    ret->size = st.st_size;
    enum err e = rules_load(ret);
    if (!e)
        e = overrides_load(ret);
    if (e)
        return fail(c, e, NULL, NULL);
    enum sheet_err s = sheet_open(ret->fd, NULL, &ret->job.book);
    return s ? file_fail(c, s) : OK;
}

enum err import_go(struct import_pass *p, const struct imp_sink *sink)
{
    p->job.sink = *sink;
    enum err e = imp_run(&p->job, &p->totals);
    if (!e)
        return OK;
    if (p->totals.file != SHEET_OK)
        return file_fail(p->c, p->totals.file);
    return fail(p->c, e, NULL, NULL);
}

void import_close(struct import_pass *p)
{
    import_look_away(p);
    if (p->job.book)
        sheet_close(p->job.book);
    if (p->job.areas)
        imp_areas_free(p->job.areas);
    if (p->fd >= 0)
        close(p->fd);
    arena_free(&p->a);
    arena_free(&p->look);
}
