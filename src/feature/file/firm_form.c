/* One firm in the layout of 附件2 or 附件3 (R-006, PL-27): the columns of the template att2 or att3
 * as cells, each with its filling rule (附件7). */
#include "base/jsonin.h"
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/level.h"
#include "feature/file/file_impl.h"
#include "feature/ops.h"

enum { CELLS_MAX = 100, VALUE_MAX = 64 << 10, ROWS_MAX = 1 << 20 };

struct form {
    struct ctx *c;
    const struct firm_row *firm;
    struct vec products, people; /* product_row, person_view */
    struct str sup_org_name;
};

/* --- values ----------------------------------------------------------------------------------- */

static struct str with_labels(struct ctx *c, const char *list, struct str codes)
{
    struct buf b;
    buf_init(&b, VALUE_MAX);
    while (codes.n) {
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, code_label(c, list, str_cut(codes, ',', &codes)));
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str value_of(struct ctx *c, const struct desc *d, const void *row, struct str field)
{
    struct buf b;
    int i = desc_find(d, field);
    if (i < 0)
        return STR_NULL;
    const struct field *f = &d->fields[i];
    if ((f->type == FT_CODE || f->type == FT_CODES) && f->codes)
        return with_labels(c, f->codes, *(const struct str *)((const char *)row + f->off));
    buf_init(&b, VALUE_MAX);
    if (f->type != FT_BLOB)
        field_text(d, row, (size_t)i, &b);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str area_of(struct form *x, struct str field)
{
    static const struct {
        const char *field;
        size_t len;
    } rows[] = {{"province", 2}, {"city", 4}, {"county", 6}, {"town", 9}};
    struct str town = x->firm->town, name = STR_NULL;
    char code[16] = "000000000";
    struct q q;
    size_t len = 9;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eqz(field, rows[i].field))
            len = rows[i].len;
    if (town.n < len)
        return STR_NULL;
    memcpy(code, town.p, len);
    q_begin(&q, x->c->db, SQL_area_name_of);
    q_str(&q, "code", (struct str){code, len <= 6 ? 6 : 9});
    if (q_row(&q))
        name = keep(x->c, q_get_str(&q, 0));
    return db_fail(x->c, q_end(&q)) ? STR_NULL : name;
}

/* Who is in that post now, joined. */
static struct str person_of(struct form *x, struct str key, struct str field)
{
    const struct person_view *p = x->people.p;
    const char *post = str_starts(key, S("principal"))  ? "principal"
                       : str_starts(key, S("director")) ? "director"
                                                        : "officer";
    struct buf b;
    buf_init(&b, VALUE_MAX);
    for (size_t i = 0; i < x->people.n; i++) {
        if (p[i].to_day != NULL_INT || !str_eqz(p[i].post, post))
            continue;
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, str_eqz(field, "phone") ? p[i].phone : p[i].name);
    }
    struct str s = keep(x->c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str firm_value(struct form *x, struct str field)
{
    if (str_eqz(field, "sup_level"))
        return x->firm->sup_level == NULL_INT ? STR_NULL
                                              : str_z(level_code((enum level)x->firm->sup_level));
    if (str_eqz(field, "sup_org"))
        return x->sup_org_name;
    if (str_eqz(field, "supervisor_phone"))
        return firm_phone_masked(x->c, x->firm->id, x->firm->supervisor_phone);
    return value_of(x->c, &firm_row_desc, x->firm, field);
}

static struct str cell_value(struct form *x, const struct jin *col)
{
    struct str of = jin_str(jin_get(col, "of")), field = jin_str(jin_get(col, "field"));
    if (str_eqz(of, "row"))
        return S("1");
    if (str_eqz(of, "area"))
        return area_of(x, field);
    if (str_eqz(of, "person"))
        return person_of(x, jin_str(jin_get(col, "key")), field);
    return str_eqz(of, "product") ? STR_NULL : firm_value(x, field);
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct str product_rows(struct form *x, const struct form_group *g)
{
    const struct product_row *p = x->products.p;
    const struct form_cell *cell = g->cells.p;
    struct buf b;
    struct jw w;
    buf_init(&b, ROWS_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < x->products.n; i++) {
        jw_arr(&w);
        for (size_t k = 0; k < g->cells.n; k++)
            jw_str(&w, value_of(x->c, &product_row_desc, &p[i], cell[k].field));
        jw_end_arr(&w);
    }
    jw_end_arr(&w);
    struct str s = b.err ? STR_NULL : keep(x->c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err group_fill(struct form *x, const struct jin *body, struct form_group *g)
{
    const struct jin *cols = jin_get(body, "columns");
    struct form_cell *cells = arena_new(x->c->a, struct form_cell, CELLS_MAX);
    bool products = false;
    size_t n = 0;
    for (size_t i = 0; cells && i < jin_len(cols) && n < CELLS_MAX; i++) {
        const struct jin *col = jin_at(cols, i);
        if (!str_eq(jin_str(jin_get(col, "group")), g->group))
            continue;
        products = products || str_eqz(jin_str(jin_get(col, "of")), "product");
        cells[n++] = (struct form_cell){jin_int(jin_get(col, "no"), 0),
            jin_str(jin_get(col, "field")), jin_str(jin_get(col, "label")),
            jin_str(jin_get(col, "sub")), cell_value(x, col), jin_str(jin_get(col, "fill"))};
    }
    g->cells = (struct vec){cells, n};
    g->rows = products ? product_rows(x, g) : STR_NULL;
    if (x->c->err)
        return x->c->err;
    return cells && (!products || g->rows.p) ? OK : fail(x->c, ERR_TOO_LARGE, NULL, NULL);
}

static enum err form_read(struct ctx *c, const struct firm_row *firm, struct form *x)
{
    struct q q;
    struct person_list people = {0};
    enum err e = op_person_list(c, &(struct firm_ref){firm->id}, &people);
    x->people = people.items;
    if (e)
        return e;
    q_begin(&q, c->db, SQL_firm_products);
    q_int(&q, "firm", firm->id);
    e = db_fail(c, q_all(&q, &product_row_desc, &x->products, c->a));
    if (e || firm->sup_org == NULL_INT)
        return e;
    q_begin(&q, c->db, SQL_org_name_of);
    q_int(&q, "id", firm->sup_org);
    if (q_row(&q))
        x->sup_org_name = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

enum err op_firm_form(struct ctx *c, const struct form_ask *in, struct form_view *ret)
{
    struct firm_row firm;
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    struct form x = {.c = c, .firm = &firm};
    bool sales = in->form.n ? str_eqz(in->form, "att3") : str_eqz(firm.kind, "seller");
    const struct jin *body = template_body(c->app, sales ? "att3" : "att2", &ret->version);
    const struct jin *groups = jin_get(body, "groups"), *footer = jin_get(body, "footer");
    struct form_group *g = arena_new(c->a, struct form_group, jin_len(groups) + 1);
    e = g ? form_read(c, &firm, &x) : fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; !e && i < jin_len(groups); i++) {
        g[i] = (struct form_group){.group = jin_str(jin_get(jin_at(groups, i), "group")),
            .label = jin_str(jin_get(jin_at(groups, i), "label"))};
        e = group_fill(&x, body, &g[i]);
    }
    ret->form = sales ? S("att3") : S("att2");
    ret->document = jin_str(jin_get(body, "document"));
    ret->title = sales ? S("工业产品销售单位台账") : S("工业产品生产单位台账");
    ret->groups = (struct vec){g, jin_len(groups)};
    ret->footer = footer ? keep(c, jin_text(footer)) : S("[]");
    return e;
}
