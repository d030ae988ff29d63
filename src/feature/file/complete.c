/* What a file still lacks, and who can supply it: the rules of template completeness applied to one
 * firm (P2, P3; PL-15). A rule names what it looks at ("of"); each kind of thing is one row below.
 */
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "feature/file/complete.h"

enum { LACKS_MAX = 200, LABEL_MAX = 300 };

struct judging {
    struct ctx *c;
    const struct file_facts *f;
    struct lack_view *rows;
    size_t n;
    int64_t asked, there;
};

/* --- saying it -------------------------------------------------------------------------------- */

static struct str joined(struct ctx *c, const struct jin *codes, bool labels)
{
    struct buf b;
    buf_init(&b, LABEL_MAX);
    for (size_t i = 0; i < jin_len(codes); i++) {
        struct str one = jin_str(jin_at(codes, i));
        if (i)
            buf_addz(&b, labels ? "、" : ",");
        buf_add(&b, labels ? code_label(c, "supplier_of", one) : one);
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* One thing asked for; lacking: in how many places it is not there. field: the field, the kind of
 * document or the post that is looked for. */
static void ask_for(
    struct judging *x, const struct jin *rule, struct str field, struct str label, int64_t lacking)
{
    const struct jin *who = jin_get(rule, "who");
    x->asked++;
    x->there += lacking == 0;
    if (lacking == 0 || x->n == LACKS_MAX)
        return;
    x->rows[x->n++] = (struct lack_view){jin_str(jin_get(rule, "code")),
        jin_str(jin_get(rule, "of")), field, label, jin_str(jin_get(rule, "group")),
        joined(x->c, who, false), joined(x->c, who, true), lacking, jin_str(jin_get(rule, "hint"))};
}

static void ask(struct judging *x, const struct jin *rule, struct str label, int64_t lacking)
{
    struct str post = jin_str(jin_get(rule, "post"));
    ask_for(x, rule, post.n ? post : jin_str(jin_get(rule, "field")), label, lacking);
}

static struct str label_of(const struct jin *rule, const struct desc *d)
{
    struct str said = jin_str(jin_get(rule, "label"));
    int i = desc_find(d, jin_str(jin_get(rule, "field")));
    return said.n || i < 0 ? said : str_z(d->fields[i].label);
}

static bool has(const struct desc *d, const void *row, struct str field)
{
    int i = desc_find(d, field);
    if (i < 0)
        return true;
    const void *m = (const char *)row + d->fields[i].off;
    return field_is_text(d->fields[i].type) ? ((const struct str *)m)->n > 0
                                            : *(const int64_t *)m != NULL_INT;
}

/* --- the kinds of things ---------------------------------------------------------------------- */

static void of_firm(struct judging *x, const struct jin *rule)
{
    struct str field = jin_str(jin_get(rule, "field"));
    bool there = has(&firm_row_desc, x->f->firm, field);
    if (str_eqz(field, "uscc"))
        there = there || x->f->firm->temp_code.n > 0;
    ask(x, rule, label_of(rule, &firm_row_desc), !there);
}

static bool of_class(struct str applicability, struct str class)
{
    while (class.n && applicability.n)
        if (str_eq(str_cut(applicability, ',', &applicability), class))
            return true;
    return class.n == 0;
}

static void of_product(struct judging *x, const struct jin *rule)
{
    const struct product_row *p = x->f->products.p;
    struct str class = jin_str(jin_get(rule, "class")), unless = jin_str(jin_get(rule, "unless"));
    int64_t lacking = 0, looked = 0;
    for (size_t i = 0; i < x->f->products.n; i++) {
        if (!of_class(p[i].applicability, class))
            continue;
        bool excused = unless.n && has(&product_row_desc, &p[i], unless);
        looked++;
        lacking += !excused && !has(&product_row_desc, &p[i], jin_str(jin_get(rule, "field")));
    }
    if (looked || str_eqz(jin_str(jin_get(rule, "field")), "product"))
        ask(x, rule, label_of(rule, &product_row_desc), looked ? lacking : 1);
}

static void of_person(struct judging *x, const struct jin *rule)
{
    const struct person_row *p = x->f->people.p;
    struct str post = jin_str(jin_get(rule, "post")), field = jin_str(jin_get(rule, "field"));
    int64_t lacking = 0, looked = 0;
    for (size_t i = 0; i < x->f->people.n; i++) {
        if (p[i].to_day != NULL_INT || (post.n && !str_eq(p[i].post, post)))
            continue;
        looked++;
        lacking += field.n && !has(&person_row_desc, &p[i], field);
    }
    if (looked || !field.n)
        ask(x, rule, label_of(rule, &person_row_desc), looked ? lacking : 1);
}

static bool doc_there(const struct file_facts *f, struct str kind)
{
    const struct firm_doc_row *d = f->docs.p;
    for (size_t i = 0; i < f->docs.n; i++) /* the newest edition of a kind comes first */
        if (str_eq(d[i].kind, kind) && !d[i].void_reason.n)
            return str_eqz(d[i].state, "已建立");
    return false;
}

static void of_docs(struct judging *x, const struct jin *rule)
{
    const struct jin *kinds = jin_get(template_body(x->c->app, "codes", NULL), "firm_doc_kind");
    for (size_t i = 0; i < jin_len(kinds); i++) {
        const struct jin *k = jin_at(kinds, i);
        if (jin_len(jin_get(k, "roles")) && firm_applies(x->f->firm, k))
            ask_for(x, rule, jin_str(jin_get(k, "code")), jin_str(jin_get(k, "label")),
                !doc_there(x->f, jin_str(jin_get(k, "code"))));
    }
}

static bool trained(const struct file_facts *f, int64_t person)
{
    const struct assessment_row *a = f->assessments.p;
    for (size_t i = 0; i < f->assessments.n; i++)
        if (a[i].person == person && !a[i].void_reason.n && !str_eqz(a[i].kind, "regulator"))
            return true;
    return false;
}

static void of_training(struct judging *x, const struct jin *rule)
{
    const struct person_row *p = x->f->people.p;
    int64_t lacking = 0, looked = 0;
    for (size_t i = 0; i < x->f->people.n; i++) {
        if (p[i].to_day != NULL_INT || str_eqz(p[i].post, "principal"))
            continue;
        looked++;
        lacking += !trained(x->f, p[i].id);
    }
    if (looked)
        ask(x, rule, jin_str(jin_get(rule, "label")), lacking);
}

static void of_supplier(struct judging *x, const struct jin *rule)
{
    ask(x, rule, jin_str(jin_get(rule, "label")), x->f->suppliers.n == 0);
}

static void of_attachment(struct judging *x, const struct jin *rule)
{
    struct q q;
    int64_t n = 0;
    struct str purpose = jin_str(jin_get(rule, "purpose"));
    q_begin(&q, x->c->db, SQL_attachment_has);
    q_int(&q, "firm", x->f->firm->id);
    q_str(&q, "purpose", purpose);
    if (q_one_int(&q, &n) == OK)
        ask_for(x, rule, purpose, jin_str(jin_get(rule, "label")), n == 0);
}

static const struct {
    const char *of;
    void (*look)(struct judging *x, const struct jin *rule);
} looks[] = {{"firm", of_firm}, {"product", of_product}, {"person", of_person}, {"docs", of_docs},
    {"training", of_training}, {"supplier", of_supplier}, {"attachment", of_attachment}};

static void look(struct judging *x, const struct jin *rule)
{
    struct str of = jin_str(jin_get(rule, "of"));
    if (jin_bool(jin_get(rule, "optional"), false) || !firm_applies(x->f->firm, rule))
        return;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (str_eqz(of, looks[i].of))
            looks[i].look(x, rule);
}

/* A firm is shown what it can supply itself. */
static size_t own_only(struct lack_view *rows, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (of_class(rows[i].who, S("firm")))
            rows[kept++] = rows[i];
    return kept;
}

enum err complete_judge(struct ctx *c, const struct file_facts *f, struct firm_file *ret)
{
    const struct jin *rules = jin_get(template_body(c->app, "completeness", NULL), "items");
    struct judging x = {c, f, arena_new(c->a, struct lack_view, LACKS_MAX), 0, 0, 0};
    if (!x.rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < jin_len(rules); i++)
        look(&x, jin_at(rules, i));
    ret->asked = x.asked;
    ret->there = x.there;
    ret->lacking = (struct vec){x.rows, c->actor.firm > 0 ? own_only(x.rows, x.n) : x.n};
    return OK;
}
