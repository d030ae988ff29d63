/* The ledger as a file: in the printed column order of 附件2 / 附件3 (template att2, att3) or as
 * the list on the screen. A job: rows stream from the list engine into the table writer, so memory
 * does not grow with the ledger. */
#include <stdio.h>

#include "base/civil.h"
#include "base/hash.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/codes.h"
#include "core/decode.h"
#include "core/job.h"
#include "core/template.h"
#include "domain/level.h"
#include "feature/ledger/firm_list.h"
#include "feature/ops.h"
#include "render/table.h"

enum { COLS = 120, NAME_CACHE = 64, TOGETHER = 32, CANON_MAX = 16 << 20 };

/* --- the operation ---------------------------------------------------------------------------- */

static struct str spec_json(struct ctx *c, const struct firm_export *in)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 64 << 10);
    jw_init(&w, &b);
    desc_json(&firm_export_desc, in, &w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err op_firm_export(struct ctx *c, const struct firm_export *in, struct none *ret)
{
    struct str path;
    struct job_spec spec = {.kind = "export"};
    struct firm_export x = *in;
    (void)ret;
    if (x.org == NULL_INT && c->actor.org)
        x.org = c->actor.org; /* the job keeps the place, whoever runs it */
    enum err e = ledger_scope(c, x.org, &path);
    if (e)
        return e;
    if (in->template == 1 && (str_eqz(in->form, "view") || !str_eqz(in->format, "xlsx")))
        return fail(c, ERR_INVALID, "template", "导入模板是附件2或附件3的 Excel 工作簿");
    spec.title = str_eqz(in->form, "att3")   ? S("工业产品销售单位台账")
                 : str_eqz(in->form, "att2") ? S("工业产品生产单位台账")
                                             : S("单位列表");
    spec.input = spec_json(c, &x);
    e = job_create(c, &spec, &c->reply.job);
    if (!e)
        e = journal_event(c, 0, "导出台账", spec.title);
    return e;
}

/* --- columns ---------------------------------------------------------------------------------- */

enum origin { OF_LIST, OF_PRODUCT, OF_ROW, OF_AREA, OF_LEVEL };

struct column {
    enum origin of;
    int at; /* list column in the run, product field, or code length of an area */
    struct str codes;
    bool many; /* several codes in a cell */
    struct table_col head;
};

struct area_name {
    char code[16];
    struct str name;
};

/* A firm waiting for its products: they are read for several firms at a time. */
struct waiting {
    struct list_cell *cells;
    int64_t firm;
};

struct exporting {
    struct ctx *c, *jc; /* what is read with; the job's own */
    struct job *j;
    const struct jin *form; /* the template, parsed apart when an older version is asked for */
    struct firm_export in;
    struct column cols[COLS];
    size_t n;
    struct buf wanted; /* list columns, comma-joined */
    int nwanted;
    const char *names_wanted[COLS + 4];
    int map[COLS + 4]; /* wanted column -> cell of the row; the list engine puts its own first */
    bool mapped;
    int id_at, town_at;
    struct table_out *out;
    struct table_cell cells[COLS];
    int64_t rows, total, done, firms;
    struct waiting waiting[TOGETHER];
    size_t nwaiting, ncells;
    struct sm3_ctx *digest;
    struct buf canon; /* the row as it is digested */
    struct arena a;   /* the firms in hand */
    struct arena names_arena;
    struct area_name names[NAME_CACHE];
    size_t next_name;
    enum err e;
};

static int want(struct exporting *x, const char *name)
{
    if (x->nwanted)
        buf_addc(&x->wanted, ',');
    buf_addz(&x->wanted, name);
    x->names_wanted[x->nwanted] = arena_str(&x->names_arena, str_z(name)).p;
    return x->nwanted++;
}

static int want_at(struct exporting *x, struct str name)
{
    char z[64];
    snprintf(z, sizeof z, "%.*s", STR_ARG(name));
    return want(x, z);
}

static bool known_col(struct str name)
{
    for (size_t i = 0; i < firm_list_def.n; i++)
        if (str_eqz(name, firm_list_def.cols[i].name))
            return true;
    return false;
}

static int area_len(struct str field)
{
    return str_eqz(field, "province") ? 2
           : str_eqz(field, "city")   ? 4
           : str_eqz(field, "county") ? 6
                                      : 9;
}

static void add_column(struct exporting *x, const struct jin *col)
{
    struct str of = jin_str(jin_get(col, "of")), field = jin_str(jin_get(col, "field"));
    struct column *k = &x->cols[x->n];
    if (!jin_bool(jin_get(col, "print"), false) || x->n == COLS)
        return;
    k->head = (struct table_col){.label = jin_str(jin_get(col, "label")),
        .sub = jin_str(jin_get(col, "sub")),
        .width = (double)jin_int(jin_get(col, "width"), 14)};
    k->codes = jin_str(jin_get(col, "codes"));
    int f = desc_find(&firm_row_desc, field), p = desc_find(&product_row_desc, field);
    k->many = (f >= 0 && firm_row_desc.fields[f].type == FT_CODES) ||
              (p >= 0 && product_row_desc.fields[p].type == FT_CODES);
    if (str_eqz(of, "row")) {
        k->of = OF_ROW;
    } else if (str_eqz(of, "area")) {
        k->of = OF_AREA;
        k->at = area_len(field);
    } else if (str_eqz(of, "product")) {
        k->of = OF_PRODUCT;
        k->at = desc_find(&product_row_desc, field);
    } else {
        k->of = str_eqz(field, "sup_level") ? OF_LEVEL : OF_LIST;
        struct str name = str_eqz(field, "sup_org") ? S("sup_org_name") : field;
        k->at = known_col(name) ? want_at(x, name) : -1;
    }
    x->n++;
}

static void form_columns(struct exporting *x)
{
    const struct jin *cols = jin_get(x->form, "columns");
    for (size_t i = 0; i < jin_len(cols); i++)
        add_column(x, jin_at(cols, i));
}

static void view_columns(struct exporting *x)
{
    struct str rest = x->in.columns;
    for (size_t i = 0; i < firm_list_def.n && x->n < COLS; i++) {
        const struct list_col *col = &firm_list_def.cols[i];
        struct str look = rest, one = STR_NULL;
        bool chosen = !rest.n && col->flags & LC_DEFAULT;
        while (look.n && !chosen) {
            one = str_cut(look, ',', &look);
            chosen = str_eqz(one, col->name);
        }
        if (!chosen)
            continue;
        x->cols[x->n++] = (struct column){.of = OF_LIST,
            .at = want(x, col->name),
            .head = {.label = str_z(col->label), .width = 16}};
    }
}

/* --- cells ------------------------------------------------------------------------------------ */

static struct table_cell number_cell(enum ftype type, int64_t v)
{
    if (v == NULL_INT)
        return (struct table_cell){.type = TABLE_EMPTY};
    switch (type) {
    case FT_MONEY:
        return table_num(TABLE_MONEY, (double)v);
    case FT_DAY:
        return table_num(TABLE_DAY, (double)v);
    case FT_TIME:
        return table_num(TABLE_TIME, (double)(v + 8 * 3600000) / 86400000.0);
    case FT_BOOL:
        return table_text(v ? S("是") : S("否"));
    default:
        return table_num(TABLE_INT, (double)v);
    }
}

struct table_cell export_cell(const struct list_cell *cell)
{
    if (field_is_text(cell->col->type))
        return table_text(cell->text);
    return number_cell(cell->col->type, cell->num);
}

/* The name of an area by the head of its code; the last few are remembered. */
static struct str area_name(struct exporting *x, struct str town, int len)
{
    char code[16] = "000000000";
    struct q q;
    if ((int)town.n < len)
        return STR_NULL;
    memcpy(code, town.p, (size_t)len);
    code[len <= 6 ? 6 : 9] = 0;
    for (size_t i = 0; i < NAME_CACHE; i++)
        if (strcmp(x->names[i].code, code) == 0)
            return x->names[i].name;
    struct area_name *slot = &x->names[x->next_name++ % NAME_CACHE];
    snprintf(slot->code, sizeof slot->code, "%s", code);
    q_begin(&q, x->c->db, SQL_area_name_of);
    q_str(&q, "code", str_z(code));
    slot->name = q_row(&q) ? arena_str(&x->names_arena, q_get_str(&q, 0)) : STR_NULL;
    if (q_end(&q))
        slot->name = STR_NULL;
    return slot->name;
}

static struct str labels(struct exporting *x, struct str codes, struct str v)
{
    struct buf b;
    char list[40];
    snprintf(list, sizeof list, "%.*s", STR_ARG(codes));
    buf_init(&b, 4096);
    while (v.n) {
        struct str one = str_cut(v, ',', &v);
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, code_label(x->c, list, one));
    }
    struct str s = arena_str(&x->a, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct table_cell product_cell(
    struct exporting *x, const struct column *k, const struct product_row *p)
{
    if (!p || k->at < 0)
        return (struct table_cell){.type = TABLE_EMPTY};
    const struct field *f = &product_row_desc.fields[k->at];
    const void *m = (const char *)p + f->off;
    if (strcmp(f->name, "lic_to") == 0 && p->lic_forever == 1)
        return table_text(S("长期"));
    if (!field_is_text(f->type))
        return number_cell(f->type, *(const int64_t *)m);
    struct str v = *(const struct str *)m;
    return table_text(f->codes ? labels(x, k->codes, v) : v);
}

static struct table_cell level_cell(const struct list_cell *cell)
{
    bool has = cell->num >= LEVEL_PROVINCE && cell->num <= LEVEL_STATION;
    return table_text(has ? str_z(level_code((enum level)cell->num)) : STR_NULL);
}

/* Every cell of a row as type, length and value; the same ledger gives the same bytes. */
static void digest_row(struct exporting *x)
{
    buf_reset(&x->canon);
    for (size_t i = 0; x->digest && i < x->n; i++) {
        const struct table_cell *k = &x->cells[i];
        buf_addc(&x->canon, (char)('0' + k->type));
        if (k->type == TABLE_TEXT)
            buf_int(&x->canon, (int64_t)k->text.n);
        else if (k->type != TABLE_EMPTY)
            buf_int(&x->canon, (int64_t)(k->num * 100));
        buf_addc(&x->canon, '|');
        buf_add(&x->canon, k->type == TABLE_TEXT ? k->text : S(""));
    }
    if (x->digest)
        sm3_add(x->digest, buf_str(&x->canon));
}

static enum err row_out(
    struct exporting *x, const struct list_cell *cells, const struct product_row *p)
{
    x->rows++;
    for (size_t i = 0; i < x->n; i++) {
        const struct column *k = &x->cols[i];
        if (k->of == OF_ROW)
            x->cells[i] = table_num(TABLE_INT, (double)x->rows);
        else if (k->of == OF_PRODUCT)
            x->cells[i] = product_cell(x, k, p);
        else if (k->of == OF_AREA)
            x->cells[i] = table_text(area_name(x, cells[x->map[x->town_at]].text, k->at));
        else if (k->at < 0)
            x->cells[i] = (struct table_cell){.type = TABLE_EMPTY};
        else if (k->of == OF_LEVEL)
            x->cells[i] = level_cell(&cells[x->map[k->at]]);
        else
            x->cells[i] = export_cell(&cells[x->map[k->at]]);
    }
    digest_row(x);
    return x->canon.err ? x->canon.err : table_row(x->out, x->cells, x->n);
}

static enum err firm_rows(
    struct exporting *x, const struct waiting *w, const struct product_row *p, size_t n)
{
    enum err e = OK;
    bool told = false;
    for (size_t i = 0; !e && i < n; i++) {
        if (p[i].firm != w->firm)
            continue;
        e = row_out(x, w->cells, &p[i]);
        told = true;
    }
    return e || told ? e : row_out(x, w->cells, NULL);
}

/* The firms that wait, with their products. */
static enum err products_out(struct exporting *x)
{
    struct q q;
    struct vec rows = {0};
    char name[16];
    q_begin(&q, x->c->db, SQL_firms_products);
    q_str(&q, "kind", str_eqz(x->in.form, "att3") ? S("seller") : S("producer"));
    for (size_t i = 0; i < TOGETHER; i++) {
        snprintf(name, sizeof name, "firm%zu", i + 1);
        q_int(&q, name, i < x->nwaiting ? x->waiting[i].firm : NULL_INT);
    }
    enum err e = q_all(&q, &product_row_desc, &rows, &x->a);
    for (size_t i = 0; !e && i < x->nwaiting; i++)
        e = firm_rows(x, &x->waiting[i], rows.p, rows.n);
    x->firms += (int64_t)x->nwaiting;
    x->nwaiting = 0;
    arena_reset(&x->a);
    int64_t done = x->done + x->firms;
    return e ? e : job_step(x->jc, x->j, done, x->total > done ? x->total : done + 1);
}

static void map_columns(struct exporting *x, const struct list_cell *cells, size_t n)
{
    x->mapped = true;
    for (int i = 0; i < x->nwanted; i++)
        for (size_t j = 0; j < n; j++)
            if (strcmp(x->names_wanted[i], cells[j].col->name) == 0)
                x->map[i] = (int)j;
}

static bool keep_firm(struct exporting *x, const struct list_cell *cells, size_t n)
{
    struct waiting *w = &x->waiting[x->nwaiting++];
    w->firm = cells[x->map[x->id_at]].num;
    w->cells = arena_new(&x->a, struct list_cell, n);
    for (size_t i = 0; w->cells && i < n; i++) {
        w->cells[i] = cells[i];
        w->cells[i].text = arena_str(&x->a, cells[i].text);
    }
    return !x->a.failed;
}

static bool firm_out(void *arg, const struct list_cell *cells, size_t n)
{
    struct exporting *x = arg;
    if (!x->mapped)
        map_columns(x, cells, n);
    if (!str_eqz(x->in.form, "view")) {
        x->e = keep_firm(x, cells, n) ? OK : ERR_NOMEM;
        if (!x->e && x->nwaiting == TOGETHER)
            x->e = products_out(x);
        return x->e == OK;
    }
    arena_reset(&x->a);
    x->e = row_out(x, cells, NULL);
    if (!x->e)
        x->e = job_step(x->jc, x->j, x->rows, x->total > x->rows ? x->total : x->rows + 1);
    return x->e == OK;
}

/* --- the job ---------------------------------------------------------------------------------- */

static enum err spec_read(struct ctx *c, struct job *j, struct firm_export *in)
{
    const struct jin *doc = NULL;
    desc_clear(&firm_export_desc, in);
    enum err e = jin_parse(j->row.input, 16, &doc);
    if (e)
        return fail(c, ERR_INTERNAL, NULL, NULL);
    decode_json(c, &firm_export_desc, in, doc, S(""));
    jin_free(doc);
    return checked(c);
}

enum err filters_read(struct ctx *c, struct str filters, struct list_query *lq)
{
    const struct jin *doc = NULL, *v;
    struct str key;
    if (!filters.n)
        return OK;
    if (jin_parse(filters, 4, &doc))
        return fail(c, ERR_INVALID, "filters", "筛选条件读不懂");
    for (size_t i = 0; jin_member(doc, i, &key, &v); i++) {
        enum jin_type type = jin_type(v);
        struct str text = type == JIN_STR ? jin_str(v) : jin_text(v);
        if (type == JIN_OBJ || type == JIN_ARR)
            complain(c, keep(c, key), "type", "筛选条件“%.*s”的值应是文字", STR_ARG(key));
        else if (type != JIN_NULL)
            list_query_add(c, lq, keep(c, key), keep(c, text));
    }
    jin_free(doc);
    return checked(c);
}

/* Each form holds the firms of its own ledger. */
static void only_kind(struct ctx *c, struct exporting *x, struct list_query *lq)
{
    if (!str_eqz(x->in.form, "view") && !list_filter_get(lq, "kind").p)
        list_query_add(
            c, lq, S("kind"), str_eqz(x->in.form, "att3") ? S("seller,both") : S("producer,both"));
}

static enum err org_name_of(struct ctx *c, int64_t org, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_org_name_of);
    q_int(&q, "id", org);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

static enum err head_out(struct exporting *x, struct str title)
{
    struct table_col cols[COLS];
    char day[16];
    struct str org = x->c->actor.org_name;
    enum err e = x->in.org == NULL_INT ? OK : org_name_of(x->c, x->in.org, &org);
    struct str line =
        arena_fmt(x->c->a, "填报单位：%.*s　填报日期：%.*s　计量单位：人、万元（上一年度）",
            STR_ARG(org), (int)civil_put_day(x->c->today, day), day);
    struct str note = S("系统默认样式，非官方附件文本");
    struct str lines[2] = {line, note};
    bool form = !str_eqz(x->in.form, "view");
    for (size_t i = 0; i < x->n; i++)
        cols[i] = x->cols[i].head;
    struct table_head h = {.sheet = form ? title : S("列表"),
        .title = form ? title : S(""),
        .lines = lines,
        .nlines = form ? 2 : 0,
        .cols = cols,
        .ncols = x->n};
    return e ? e : table_sheet(x->out, &h);
}

/* --- the form as a template for import -------------------------------------------------------- */

enum { TEMPLATE_ROWS = 5000, LISTS = 64 };

static const struct jin *codes_of(struct exporting *x, const struct column *k)
{
    char list[40];
    snprintf(list, sizeof list, "%.*s", STR_ARG(k->codes));
    return k->codes.n ? jin_get(template_body(x->c->app, "codes", NULL), list) : NULL;
}

static void column_letters(size_t col, char out[8])
{
    char back[8];
    int n = 0, m = 0;
    for (size_t v = col + 1; v > 0; v = (v - 1) / 26)
        back[n++] = (char)('A' + (v - 1) % 26);
    while (n)
        out[m++] = back[--n];
    out[m] = 0;
}

/* Cells that take one code can be chosen from the list on the sheet of codes. */
static enum err template_choices(struct exporting *x)
{
    enum err e = OK;
    uint32_t first = table_row_number(x->out);
    for (size_t i = 0, at = 0; !e && i < x->n; i++) {
        size_t n = jin_len(codes_of(x, &x->cols[i]));
        char letters[8], formula[64];
        if (!n)
            continue;
        column_letters(at++, letters);
        snprintf(formula, sizeof formula, "=代码!$%s$2:$%s$%zu", letters, letters, n + 1);
        if (!x->cols[i].many)
            e = table_choices(x->out, i, first, first + TEMPLATE_ROWS, formula);
    }
    return e;
}

static enum err template_codes(struct exporting *x)
{
    struct table_col cols[LISTS];
    const struct jin *lists[LISTS];
    struct table_cell cells[LISTS];
    size_t n = 0, most = 0;
    for (size_t i = 0; i < x->n && n < LISTS; i++) {
        const struct jin *list = codes_of(x, &x->cols[i]);
        if (!jin_len(list))
            continue;
        cols[n] = (struct table_col){
            .label = x->cols[i].head.sub.n ? x->cols[i].head.sub : x->cols[i].head.label,
            .width = 24};
        lists[n++] = list;
        most = jin_len(list) > most ? jin_len(list) : most;
    }
    enum err e =
        table_sheet(x->out, &(struct table_head){.sheet = S("代码"), .cols = cols, .ncols = n});
    for (size_t row = 0; !e && row < most; row++) {
        for (size_t i = 0; i < n; i++)
            cells[i] = table_text(row < jin_len(lists[i])
                                      ? jin_str(jin_get(jin_at(lists[i], row), "label"))
                                      : STR_NULL);
        e = table_row(x->out, cells, n);
    }
    return e;
}

static enum err export_rows(struct exporting *x, struct list_query *lq, struct str title)
{
    struct list_run r;
    lq->org = x->in.org;
    enum err e = firm_run(x->c, lq, &r);
    if (!e)
        e = head_out(x, title);
    bool template = x->in.template == 1 && !str_eqz(x->in.form, "view");
    if (!e && template)
        e = template_choices(x);
    if (!e && x->in.blank != 1)
        e = list_each(&r, true, firm_out, x);
    if (!e && !x->e && x->nwaiting)
        x->e = products_out(x);
    e = e ? e : x->e;
    return e || !template ? e : template_codes(x);
}

static enum err export_to(struct exporting *x, struct str path, struct str title)
{
    struct list_query lq;
    enum table_kind kind = str_eqz(x->in.format, "csv") ? TABLE_CSV : TABLE_XLSX;
    desc_clear(&list_query_desc, &lq);
    x->id_at = want(x, "id");
    x->town_at = want(x, "town");
    if (str_eqz(x->in.form, "view"))
        view_columns(x);
    else
        form_columns(x);
    lq.q = x->in.q;
    lq.sort = x->in.sort;
    lq.columns = keep(x->c, buf_str(&x->wanted));
    enum err e = filters_read(x->c, x->in.filters, &lq);
    only_kind(x->c, x, &lq);
    if (!e)
        e = table_open(kind, path.p, &x->out);
    if (e)
        return e;
    return table_close(x->out, export_rows(x, &lq, title));
}

/* An import template is the form itself, whatever its job is called. */
static struct str form_title(const struct exporting *x)
{
    return str_eqz(x->in.form, "att3")   ? S("工业产品销售单位台账")
           : str_eqz(x->in.form, "att2") ? S("工业产品生产单位台账")
                                         : x->j->row.title;
}

static struct exporting *exporting_new(struct ctx *c, struct ctx *jc, struct job *j)
{
    struct exporting *x = arena_new(c->a, struct exporting, 1);
    if (!x)
        return NULL;
    x->c = c;
    x->jc = jc;
    x->j = j;
    arena_init(&x->a, 8 << 20);
    arena_init(&x->names_arena, 1 << 20);
    buf_init(&x->wanted, 8192);
    buf_init(&x->canon, CANON_MAX);
    return x;
}

static void exporting_end(struct exporting *x)
{
    buf_free(&x->wanted);
    buf_free(&x->canon);
    arena_free(&x->a);
    arena_free(&x->names_arena);
}

enum err job_export(struct ctx *c, struct job *j)
{
    struct exporting *x = exporting_new(c, c, j);
    char form[32];
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    enum err e = spec_read(c, j, &x->in);
    if (!e) {
        const char *ext = str_eqz(x->in.format, "csv") ? "csv" : "xlsx";
        snprintf(form, sizeof form, "%.*s", STR_ARG(x->in.form));
        x->form = template_body(c->app, form, NULL);
        e = export_to(x, job_file(c, j->row.id, ext), form_title(x));
    }
    j->result = arena_fmt(c->a, "{\"rows\":%lld}", (long long)x->rows);
    exporting_end(x);
    return e ? fail(c, e, NULL, NULL) : OK;
}

/* The template as it stood in a version; NULL_INT: as it is. */
static enum err form_load(struct ctx *c, const struct ledger_form *f, const struct jin **ret_doc)
{
    if (f->version == NULL_INT)
        return OK;
    struct str body = template_text(c, str_z(f->form), f->version);
    enum err e = body.n ? jin_parse(body, 32, ret_doc) : ERR_NOT_FOUND;
    return e ? fail(c, ERR_INTERNAL, NULL, "找不到这一版的表式，请联系管理员") : OK;
}

enum err ledger_form_write(
    struct ctx *c, const struct ledger_form *f, int64_t *ret_firms, int64_t *ret_rows)
{
    struct exporting *x = exporting_new(c, f->jc, f->j);
    const struct jin *doc = NULL;
    if (!x)
        return fail(c, ERR_NOMEM, NULL, NULL);
    desc_clear(&firm_export_desc, &x->in);
    x->in.form = str_z(f->form);
    x->in.format = S("xlsx");
    x->in.org = f->org;
    if (f->kinds.n)
        x->in.filters = arena_fmt(c->a, "{\"kind\":\"%.*s\"}", STR_ARG(f->kinds));
    x->digest = f->digest;
    x->done = f->done;
    x->total = f->total;
    enum err e = form_load(c, f, &doc);
    x->form = doc ? doc : template_body(c->app, f->form, NULL);
    if (!e)
        e = export_to(x, str_z(f->path), f->title);
    *ret_firms = x->firms;
    *ret_rows = x->rows;
    jin_free(doc);
    exporting_end(x);
    return e;
}
