/* Certificates of a firm's products beside the dated catalogues. A catalogue
 * changes nothing by itself: what it says stands beside what the firm's file says. */
#include "base/civil.h"
#include "core/app.h"
#include "core/template.h"
#include "domain/cert.h"
#include "feature/file/complete.h"

enum { PRODUCTS_MAX = 200 };

struct one {
    const char *part;
    struct str no;
    int64_t to;
    bool forever, producer;
};

static struct str advice(const struct one *x, enum cert_state s, bool listed, bool declared)
{
    if (s == CERT_EXPIRED)
        return x->producer ? S("证书已过期，仍在生产的属于问题")
                           : S("供货方证书已过期，请查验新证");
    if (s == CERT_SOON)
        return S("临近到期，请尽快办理换证");
    if (s == CERT_RENEW)
        return S("届满六个月前应申请换证");
    if (listed && !declared)
        return S("名称与目录产品相符，适用情形没有选，请核对");
    if (declared && !x->no.n)
        return S("没有填写证书编号");
    return STR_NULL;
}

static bool holds(struct str codes, const char *one)
{
    while (codes.n)
        if (str_eqz(str_cut(codes, ',', &codes), one))
            return true;
    return false;
}

/* False when the product has nothing to do with this part. */
static bool judge(
    struct ctx *c, const struct product_row *p, const struct one *x, struct cert_view *v)
{
    struct cert_terms terms = {setting_int(c->app, "licence_renew_months", 6),
        setting_int(c->app, "licence_soon_days", 30)};
    struct catalogue_query q = {x->part, {p->product, p->cat1, p->cat2}, c->today};
    const struct jin *row =
        catalogue_find(jin_get(template_body(c->app, "catalogue", NULL), "rows"), &q);
    bool declared = holds(p->applicability, x->part);
    enum cert_state s = x->forever ? CERT_FOREVER : cert_judge(x->to, c->today, &terms);
    if (!row && !declared && !x->no.n)
        return false;
    *v = (struct cert_view){p->id, p->product, str_z(x->part), x->no, x->to, str_z(cert_code(s)),
        str_z(cert_text(s)), x->to == NULL_INT ? NULL_INT : x->to - c->today,
        jin_str(jin_get(row, "name")), NULL_INT, advice(x, s, row != NULL, declared)};
    (void)civil_parse_day(jin_str(jin_get(row, "from")), &v->catalogue_from);
    return true;
}

enum err certs_judge(struct ctx *c, const struct file_facts *f, struct firm_file *ret)
{
    const struct product_row *p = f->products.p;
    size_t max = f->products.n < PRODUCTS_MAX ? f->products.n : PRODUCTS_MAX, n = 0;
    struct cert_view *out = arena_new(c->a, struct cert_view, 2 * max + 1);
    if (!out)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t i = 0; i < max; i++) {
        bool maker = str_eqz(p[i].kind, "producer");
        struct one lic = {"许可证", maker ? p[i].lic_no : p[i].sup_lic_no, p[i].lic_to,
            p[i].lic_forever == 1, maker};
        struct one ccc = {"CCC", maker ? p[i].ccc_no : p[i].sup_ccc_no, p[i].ccc_to, false, maker};
        n += judge(c, &p[i], &lic, &out[n]);
        n += judge(c, &p[i], &ccc, &out[n]);
    }
    ret->certs = (struct vec){out, n};
    return OK;
}
