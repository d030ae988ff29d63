/* Showing a firm. */
#include "feature/ledger/firm_view.h"

#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/dutyday.h"
#include "domain/grade.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

enum { JSON_MAX = 4 << 20 };

static bool hidden(const char *name)
{
    static const char *const names[] = {"org_path", "p2", "p3", "py", "jseq"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

struct str firm_json(struct ctx *c, const struct firm_row *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, JSON_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    for (size_t i = 0; i < firm_row_desc.n; i++) {
        const struct field *f = &firm_row_desc.fields[i];
        if (hidden(f->name))
            continue;
        jw_key(&w, f->name);
        if (f->type == FT_BLOB)
            jw_str(&w, firm_phone_masked(c, row->id, row->supervisor_phone));
        else
            field_json(&firm_row_desc, row, i, &w);
    }
    jw_end_obj(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* field -> label of its code or codes. */
static void label_one(struct ctx *c, const struct field *f, const void *row, struct jw *w)
{
    struct str v = *(const struct str *)((const char *)row + f->off), rest = v;
    if (!f->codes || !v.n)
        return;
    jw_key(w, f->name);
    if (f->type == FT_CODE) {
        jw_str(w, code_label(c, f->codes, v));
        return;
    }
    struct buf b;
    buf_init(&b, 4000);
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, code_label(c, f->codes, one));
    }
    jw_str(w, buf_str(&b));
    buf_free(&b);
}

struct str firm_labels(struct ctx *c, const struct firm_row *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, JSON_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    for (size_t i = 0; i < firm_row_desc.n; i++)
        if (field_is_text(firm_row_desc.fields[i].type))
            label_one(c, &firm_row_desc.fields[i], row, &w);
    jw_end_obj(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err rows_json(struct ctx *c, struct q *q, const struct desc *d, struct str *ret_json)
{
    struct vec rows = {0};
    struct buf b;
    struct jw w;
    enum err e = q_all(q, d, &rows, c->a);
    if (e)
        return db_fail(c, e);
    buf_init(&b, JSON_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < rows.n; i++)
        desc_json(d, (char *)rows.p + i * d->size, &w);
    jw_end_arr(&w);
    *ret_json = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return ret_json->p ? OK : fail(c, ERR_TOO_LARGE, NULL, NULL);
}

static enum err list_of(
    struct ctx *c, enum sql_id id, int64_t firm, const struct desc *d, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    return rows_json(c, &q, d, ret);
}

static enum err name_of(
    struct ctx *c, enum sql_id id, int64_t org, struct str area, struct str *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    if (id == SQL_area_name_of)
        q_str(&q, "code", area);
    else
        q_int(&q, "id", org);
    if (q_row(&q))
        *ret = keep(c, q_get_str(&q, 0));
    return db_fail(c, q_end(&q));
}

static enum err names(struct ctx *c, const struct firm_row *row, struct firm_view *ret)
{
    struct buf b;
    enum err e = name_of(c, SQL_org_name_of, row->org, STR_NULL, &ret->org_name);
    if (!e && row->sup_org != NULL_INT)
        e = name_of(c, SQL_org_name_of, row->sup_org, STR_NULL, &ret->sup_org_name);
    if (!e && row->town.n)
        e = name_of(c, SQL_area_name_of, 0, row->town, &ret->town_name);
    buf_init(&b, 100);
    if (row->grade.n && row->sup_level != NULL_INT)
        grade_put_label((enum level)row->sup_level, row->grade.p[0], &b);
    ret->sup_level_name = keep(c, buf_str(&b));
    buf_free(&b);
    return e;
}

/* --- next steps ------------------------------------------------------------------------------- */

struct str firm_text(const struct firm_row *row, struct str field)
{
    int i = desc_find(&firm_row_desc, field);
    if (i < 0)
        return S("");
    const struct field *d = &firm_row_desc.fields[i];
    const void *m = (const char *)row + d->off;
    if (field_is_text(d->type))
        return *(const struct str *)m;
    int64_t v = *(const int64_t *)m;
    if (d->type == FT_BOOL)
        return v == 1 ? S("true") : v == 0 ? S("false") : S("");
    return v == NULL_INT ? S("") : S("true");
}

struct str firm_fact(void *arg, const char *key)
{
    struct firm_facts *f = arg;
    if (strcmp(key, "product") == 0)
        return f->has_product ? S("true") : S("");
    if (strcmp(key, "uscc") == 0 && !f->row->uscc.n)
        return f->row->temp_code;
    if (strcmp(key, "uscc_check") == 0)
        return firm_code_suspect(f->row) ? S("bad_check") : S("ok");
    return firm_text(f->row, str_z(key));
}

static bool any_of(struct str have, struct str wanted)
{
    while (wanted.n) {
        struct str one = str_cut(wanted, ',', &wanted), rest = have;
        while (rest.n)
            if (str_eq(str_cut(rest, ',', &rest), one))
                return true;
    }
    return false;
}

bool firm_applies(const struct firm_row *row, const struct jin *rule)
{
    const struct jin *roles = jin_get(rule, "roles"), *when = jin_get(rule, "when");
    bool mine = jin_len(roles) == 0;
    for (size_t i = 0; i < jin_len(roles); i++) {
        bool maker = str_eqz(jin_str(jin_at(roles, i)), "生产");
        mine = mine || !str_eqz(row->kind, maker ? "seller" : "producer");
    }
    if (!mine || !when)
        return mine;
    return any_of(firm_text(row, jin_str(jin_get(when, "key"))), jin_str(jin_get(when, "is")));
}

enum err firm_facts_load(struct ctx *c, const struct firm_row *row, struct firm_facts *ret)
{
    struct q q;
    *ret = (struct firm_facts){c, row, false};
    q_begin(&q, c->db, SQL_firm_products);
    q_int(&q, "firm", row->id);
    ret->has_product = q_row(&q);
    return db_fail(c, q_end(&q));
}

struct steps {
    struct ctx *c;
    struct action_view *items;
    size_t n;
};

enum { STEPS_MAX = 16 };

static struct str inputs_json(struct ctx *c, const struct jin *t)
{
    const struct jin *fields = jin_get(t, "fields");
    return fields ? keep(c, jin_text(fields)) : S("[]");
}

static void add_step(void *arg, const struct jin *t)
{
    struct steps *s = arg;
    if (s->n == STEPS_MAX)
        return;
    s->items[s->n++] = (struct action_view){keep(s->c, jin_str(jin_get(t, "code"))),
        keep(s->c, jin_str(jin_get(t, "label"))), inputs_json(s->c, t)};
}

struct lacking {
    struct jw *w;
};

static void lack(void *arg, struct str field)
{
    struct jw *w = arg;
    int i = desc_find(&firm_row_desc, field);
    jw_obj(w);
    jw_key(w, "field");
    jw_str(w, field);
    jw_key(w, "label");
    jw_strz(w, i < 0 ? "产品名称" : firm_row_desc.fields[i].label);
    jw_end_obj(w);
}

/* What admission still lacks, by the workflow's own list. */
static enum err missing(struct ctx *c, const struct firm_row *row, struct str *ret)
{
    struct firm_facts facts;
    struct buf b;
    struct jw w;
    const struct jin *all = jin_get(template_body(c->app, "workflow_firm", NULL), "transitions");
    enum err e = firm_facts_load(c, row, &facts);
    if (e)
        return e;
    buf_init(&b, 64 << 10);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < jin_len(all); i++)
        if (str_eqz(wf_to(jin_at(all, i)), "admitted"))
            wf_needs(jin_at(all, i), firm_fact, &facts, lack, &w);
    jw_end_arr(&w);
    *ret = keep(c, buf_str(&b));
    buf_free(&b);
    return OK;
}

static bool may_edit(struct ctx *c, const struct firm_row *row)
{
    return can(c, PERM_FIRM_WRITE) && wf_state_editable(c, "workflow_firm", row->state);
}

/* The paper checklist for the firm's kind, as the template has it. */
static struct str paper_items(struct ctx *c)
{
    const struct jin *items = jin_get(template_body(c->app, "paper_checklist", NULL), "items");
    return items ? keep(c, jin_text(items)) : S("[]");
}

static enum err today_state(struct ctx *c, const struct firm_row *row, struct str *ret)
{
    struct q q;
    int64_t filed = 0;
    if (firm_pattern(c, row) < 0) {
        *ret = S("none");
        return OK;
    }
    q_begin(&q, c->db, SQL_firm_day_filed);
    q_int(&q, "id", daily_id(c->today, row->id, 1));
    enum err e = q_one_int(&q, &filed);
    *ret = filed ? S("done") : S("due");
    return db_fail(c, e);
}

enum err firm_view_fill(struct ctx *c, const struct firm_row *row, struct firm_view *ret)
{
    struct steps s = {c, arena_new(c->a, struct action_view, STEPS_MAX), 0};
    if (!s.items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    ret->id = row->id;
    ret->version = row->version;
    c->reply.version = row->version;
    ret->record = firm_json(c, row);
    ret->labels = firm_labels(c, row);
    ret->can_edit = may_edit(c, row);
    ret->paper = paper_items(c);
    wf_actions(c, "workflow_firm", row->state, add_step, &s);
    ret->actions = (struct vec){s.items, s.n};
    enum err e = names(c, row, ret);
    if (!e)
        e = list_of(c, SQL_firm_products, row->id, &product_row_desc, &ret->products);
    if (!e)
        e = list_of(c, SQL_firm_paper_checks, row->id, &paper_check_row_desc, &ret->paper_checks);
    if (!e)
        e = list_of(
            c, SQL_firm_grade_changes, row->id, &grade_change_row_desc, &ret->grade_changes);
    if (!e)
        e = missing(c, row, &ret->missing);
    return e ? e : today_state(c, row, &ret->duty_today);
}

enum err op_firm_get(struct ctx *c, const struct firm_ref *in, struct firm_view *ret)
{
    struct firm_row row;
    enum err e = firm_need(c, in->firm, &row);
    return e ? e : firm_view_fill(c, &row, ret);
}

/* A firm reads its own file without what the authority notes for its own work. */
enum err op_firm_own(struct ctx *c, const struct none *in, struct firm_view *ret)
{
    struct firm_row row;
    (void)in;
    enum err e = firm_need(c, c->actor.firm, &row);
    if (e)
        return e;
    row.credit_class = row.risk_level = row.mode = row.warnings = row.remark = STR_NULL;
    e = firm_view_fill(c, &row, ret);
    ret->paper = ret->paper_checks = ret->grade_changes = ret->missing = S("[]");
    return e;
}

/* --- history ---------------------------------------------------------------------------------- */

enum err op_firm_history(struct ctx *c, const struct history_ask *in, struct history *ret)
{
    struct firm_row row;
    struct q q;
    enum err e = firm_need(c, in->firm, &row);
    if (e)
        return e;
    q_begin(&q, c->db, in->family == 1 ? SQL_journal_family_notes : SQL_journal_firm_notes);
    q_int(&q, "firm", in->firm);
    q_int(&q, "before", in->before == NULL_INT ? INT64_MAX : in->before);
    q_int(&q, "limit", in->limit == NULL_INT || in->limit < 1 ? 50 : in->limit);
    e = q_all(&q, &history_item_desc, &ret->items, c->a);
    if (e)
        return db_fail(c, e);
    struct history_item *it = ret->items.p;
    for (size_t i = 0; i < ret->items.n; i++) {
        const struct record_kind *k = record_kind_find(c->app, (int)it[i].kind);
        it[i].kind_label = str_z(k ? k->label : "事件");
        it[i].note = note_shown(c, it[i].note);
    }
    return OK;
}
