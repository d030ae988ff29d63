/* The file of one firm in one answer (一企一档), and where its fields' values came from. */
#include "base/jsonin.h"
#include "core/app.h"
#include "core/codes.h"
#include "core/workflow.h"
#include "feature/file/complete.h"
#include "feature/ops.h"

static enum err rows_of(
    struct ctx *c, enum sql_id id, int64_t firm, const struct desc *d, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_int(&q, "firm", firm);
    return db_fail(c, q_all(&q, d, ret, c->a));
}

static enum err facts_read(struct ctx *c, const struct firm_row *firm, struct file_facts *f)
{
    f->firm = firm;
    enum err e = rows_of(c, SQL_firm_products, firm->id, &product_row_desc, &f->products);
    if (!e)
        e = person_rows(c, firm->id, &f->people);
    if (!e)
        e = rows_of(c, SQL_firm_doc_of_firm, firm->id, &firm_doc_row_desc, &f->docs);
    if (!e)
        e = rows_of(c, SQL_supplier_of_firm, firm->id, &supplier_row_desc, &f->suppliers);
    if (!e)
        e = rows_of(c, SQL_assessment_of_firm, firm->id, &assessment_row_desc, &f->assessments);
    return e ? e : rows_of(c, SQL_site_of_firm, firm->id, &site_row_desc, &f->sites);
}

static enum err gaps_read(struct ctx *c, const struct firm_row *firm, struct firm_file *ret)
{
    struct q q;
    struct gap_view *out = arena_new(c->a, struct gap_view, 4);
    size_t n = 0;
    if (!out)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_firm_gaps);
    q_int(&q, "firm", firm->id);
    q_int(&q, "first", firm->id * 4);
    q_int(&q, "last", firm->id * 4 + 3);
    while (n < 4 && q_row(&q)) {
        struct str code = keep(c, q_get_str(&q, 0));
        int64_t since = q_get_int(&q, 1);
        out[n++] =
            (struct gap_view){code, code_label(c, "post_gap", code), since, c->today - since + 1};
    }
    ret->gaps = (struct vec){out, n};
    return db_fail(c, q_end(&q));
}

static enum err events_read(struct ctx *c, int64_t firm, struct firm_file *ret)
{
    enum err e = rows_of(c, SQL_event_sums, firm, &event_sum_desc, &ret->events);
    struct event_sum *s = ret->events.p;
    for (size_t i = 0; !e && i < ret->events.n; i++)
        s[i].label = code_label(c, "event_type", s[i].type);
    return e;
}

static enum err paper_read(struct ctx *c, const struct firm_row *firm, struct firm_file *ret)
{
    struct paper_state *p = arena_new(c->a, struct paper_state, 1);
    if (!p)
        return fail(c, ERR_NOMEM, NULL, NULL);
    ret->paper = (struct vec){p, 1};
    return firm_paper_state(c, firm, p);
}

/* Entries of the firm that nobody of the authority has looked at. */
static int64_t unchecked(const struct vec *rows, const struct desc *d)
{
    size_t at = d->fields[desc_find(d, S("checked"))].off;
    int64_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        n += *(const int64_t *)((const char *)rows->p + i * d->size + at) == 0;
    return n;
}

static bool may_write(struct ctx *c, const struct firm_row *firm)
{
    return can(c, PERM_FILE_WRITE) && wf_state_editable(c, "workflow_firm", firm->state);
}

enum err op_firm_file(struct ctx *c, const struct firm_ref *in, struct firm_file *ret)
{
    struct firm_row firm;
    struct file_facts f;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = facts_read(c, &firm, &f);
    if (e)
        return e;
    ret->firm = firm.id;
    ret->sites = f.sites;
    ret->docs = f.docs;
    ret->suppliers = f.suppliers;
    ret->assessments = f.assessments;
    ret->director_required = firm.director_required;
    ret->director_why = firm.director_why;
    ret->can_write = may_write(c, &firm);
    ret->unchecked = unchecked(&f.sites, &site_row_desc) + unchecked(&f.docs, &firm_doc_row_desc) +
                     unchecked(&f.suppliers, &supplier_row_desc) +
                     unchecked(&f.assessments, &assessment_row_desc) +
                     unchecked(&f.people, &person_row_desc);
    e = complete_judge(c, &f, ret);
    if (!e)
        e = certs_judge(c, &f, ret);
    if (!e)
        e = gaps_read(c, &firm, ret);
    if (!e)
        e = person_vacancies(c, &firm, &f.people, &ret->vacancies);
    if (!e)
        e = events_read(c, firm.id, ret);
    return e ? e : paper_read(c, &firm, ret);
}

/* --- origins ---------------------------------------------------------------------------------- */

enum { ORIGINS_MAX = 200, NOTE_DEPTH = 8 };

struct origins {
    struct ctx *c;
    struct origin_view *rows;
    size_t n;
};

/* Which operations speak for the registry, and which fields the program works out, stands with the
 * code list. */
static bool listed(struct ctx *c, const char *origin, const char *member, struct str name)
{
    const struct jin *names = jin_get(code_row(c, "field_origin", str_z(origin)), member);
    for (size_t i = 0; i < jin_len(names); i++)
        if (str_eq(jin_str(jin_at(names, i)), name))
            return true;
    return false;
}

struct hand {
    struct str op, via;
    bool of_firm;
};

static struct str origin_of(struct ctx *c, const struct hand *h, struct str field)
{
    if (listed(c, "computed", "fields", field))
        return S("computed");
    if (listed(c, "registry", "ops", h->op))
        return S("registry");
    if (h->of_firm)
        return S("firm");
    return str_starts(h->via, S("导入")) ? S("import") : S("authority");
}

static bool known(const struct origins *x, struct str field)
{
    for (size_t i = 0; i < x->n; i++)
        if (str_eq(x->rows[i].field, field))
            return true;
    return false;
}

/* One change, newest first: it tells of the fields no later change touched. */
static void origin_read(struct origins *x, struct q *q)
{
    const struct jin *doc = NULL;
    struct hand h = {q_get_str(q, 5), q_get_str(q, 2), !q_get_null(q, 4)};
    if (jin_parse(q_get_str(q, 1), NOTE_DEPTH, &doc))
        return;
    const struct jin *changes = jin_get(doc, "changes");
    for (size_t i = 0; i < jin_len(changes) && x->n < ORIGINS_MAX; i++) {
        struct str name = jin_str(jin_get(jin_at(changes, i), "field"));
        int at = desc_find(&firm_row_desc, name);
        if (at < 0 || known(x, name))
            continue;
        struct str origin = origin_of(x->c, &h, name);
        x->rows[x->n++] = (struct origin_view){str_z(firm_row_desc.fields[at].name), origin,
            code_label(x->c, "field_origin", origin), q_get_int(q, 0), keep(x->c, q_get_str(q, 3)),
            keep(x->c, h.via)};
    }
    jin_free(doc);
}

/* What the program worked out when the file began, and no later change touched. */
static void origins_computed(struct origins *x, const struct origin_view *first)
{
    for (size_t i = 0; i < firm_row_desc.n && x->n < ORIGINS_MAX; i++) {
        struct str name = str_z(firm_row_desc.fields[i].name);
        if (known(x, name) || !listed(x->c, "computed", "fields", name))
            continue;
        x->rows[x->n++] = (struct origin_view){name, S("computed"),
            code_label(x->c, "field_origin", S("computed")), first->at, S("系统"), STR_NULL};
    }
}

static enum err first_origin(struct ctx *c, const struct firm_row *firm, struct origin_view *ret)
{
    struct q q;
    bool own = false;
    struct str name = S("系统");
    q_begin(&q, c->db, SQL_account_of_firm_made);
    q_int(&q, "id", firm->created_by);
    if (q_row(&q)) {
        name = keep(c, q_get_str(&q, 0));
        own = !q_get_null(&q, 1);
    }
    enum err e = q_end(&q);
    struct str origin = own ? S("firm") : firm->source.n ? S("import") : S("authority");
    *ret = (struct origin_view){
        STR_NULL, origin, code_label(c, "field_origin", origin), firm->created, name, firm->source};
    return db_fail(c, e);
}

enum err op_firm_origins(struct ctx *c, const struct firm_ref *in, struct firm_origins *ret)
{
    struct firm_row firm;
    struct origins x = {c, arena_new(c->a, struct origin_view, ORIGINS_MAX), 0};
    struct origin_view *first = arena_new(c->a, struct origin_view, 1);
    struct q q;
    enum err e = firm_need(c, in->firm, &firm);
    if (!e && (!x.rows || !first))
        e = fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = first_origin(c, &firm, first);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_journal_firm_changes);
    q_int(&q, "firm", firm.id);
    q_int(&q, "kind", kind_firm.code);
    while (q_row(&q))
        origin_read(&x, &q);
    e = db_fail(c, q_end(&q));
    origins_computed(&x, first);
    ret->first = (struct vec){first, 1};
    ret->items = (struct vec){x.rows, x.n};
    return e;
}
