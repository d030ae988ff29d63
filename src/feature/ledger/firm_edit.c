/* Entering and correcting firms and products. */
#include <stdio.h>
#include <stdlib.h>

#include "core/app.h"
#include "core/batch.h"
#include "core/workflow.h"
#include "domain/idcard.h"
#include "domain/uscc.h"
#include "feature/ledger/firm_view.h"
#include "feature/ops.h"

static bool may_clear(const struct field *f)
{
    return !(f->flags & (F_PATH | F_OUT | F_REQ)) && strcmp(f->name, "kind") != 0 &&
           strcmp(f->name, "abnormal") != 0;
}

static void clear_fields(
    struct ctx *c, struct str names, const struct desc *entry, const struct desc *to, void *row)
{
    while (names.n) {
        struct str one = str_cut(names, ',', &names);
        int i = desc_find(entry, one), j = desc_find(to, one);
        if (i < 0 || j < 0 || !may_clear(&to->fields[j])) {
            complain(c, S("clear"), "unknown", "“%.*s”不能清空", STR_ARG(one));
        } else if (field_is_text(to->fields[j].type)) {
            *field_str(to, row, (size_t)j) = STR_NULL;
        } else {
            *field_int(to, row, (size_t)j) = NULL_INT;
        }
    }
}

/* --- checks ----------------------------------------------------------------------------------- */

static void check_code(struct ctx *c, struct firm_row *row)
{
    struct buf b;
    char fixed[USCC_LEN];
    if (!row->uscc.n)
        return;
    buf_init(&b, 200);
    uscc_normalise(row->uscc, &b);
    row->uscc = keep(c, buf_str(&b));
    buf_free(&b);
    enum uscc_verdict v = uscc_check(row->uscc);
    if (v == USCC_VALID || v == USCC_BAD_CHECK)
        return;
    if (uscc_suggest(row->uscc, fixed))
        complain(c, S("uscc"), "uscc", "统一社会信用代码：%s。是否应为 %.*s？", uscc_text(v),
            USCC_LEN, fixed);
    else
        complain(c, S("uscc"), "uscc", "统一社会信用代码：%s", uscc_text(v));
}

static enum err check_double(struct ctx *c, const struct firm_row *row)
{
    struct q q;
    if (!row->uscc.n)
        return OK;
    q_begin(&q, c->db, SQL_firm_by_code);
    q_str(&q, "uscc", row->uscc);
    while (q_row(&q)) {
        bool same_site = str_eq(q_get_str(&q, 2), row->site_address);
        if (q_get_int(&q, 0) == row->id || !same_site)
            continue;
        bool mine = scope_has(c, q_get_str(&q, 3));
        complain(c, S("uscc"), "duplicate",
            mine ? "这个代码和地址已建档：%.*s"
                 : "这个代码和地址已在其他辖区建档，请联系上级核对%.*s",
            mine ? (int)q_get_str(&q, 1).n : 0, q_get_str(&q, 1).p);
    }
    return db_fail(c, q_end(&q));
}

static void check_figures(struct ctx *c, const struct firm_row *row)
{
    bool both = row->wholesale_revenue != NULL_INT && row->revenue != NULL_INT;
    if (both && row->wholesale_revenue > row->revenue)
        complain(c, S("wholesale_revenue"), "range", "批发收入不能大于年营业收入");
}

static void check_reasons(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct str had = old->entry_reason;
    while (had.n) {
        struct str one = str_cut(had, ',', &had), now = row->entry_reason;
        bool there = false;
        while (now.n && !there)
            there = str_eq(str_cut(now, ',', &now), one);
        if (!there)
            complain(c, S("entry_reason"), "removed", "录入原因只能增加，不能去掉（PL-31）");
    }
}

/* Degrees, written like 112.028716,37.434112; China and what lies around it. */
void firm_location_check(struct ctx *c, struct str location)
{
    struct str lat, lng = str_cut(location, ',', &lat);
    char a[32], b[32], *end_a = NULL, *end_b = NULL;
    if (!location.n)
        return;
    snprintf(a, sizeof a, "%.*s", STR_ARG(lng));
    snprintf(b, sizeof b, "%.*s", STR_ARG(lat));
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    bool good = end_a != a && !*end_a && end_b != b && !*end_b;
    if (!good || !(x > 73 && x < 136 && y > 3 && y < 54))
        complain(c, S("location"), "range", "经纬度：应为“经度,纬度”，如 112.028716,37.434112");
}

/* What stands in the ledger already is not asked again by an edit of something else. */
static enum err check_identity(struct ctx *c, const struct firm_row *old, struct firm_row *row)
{
    bool code = old && str_eq(old->uscc, row->uscc);
    bool site = old && str_eq(old->site_address, row->site_address);
    if (!code)
        check_code(c, row);
    return code && site ? OK : check_double(c, row);
}

static enum err check(struct ctx *c, const struct firm_row *old, struct firm_row *row)
{
    if (!row->name.n)
        complain(c, S("name"), "required", "单位名称：必须填写");
    if (!row->town.n)
        complain(c, S("town"), "required", "乡镇（街道）：必须填写");
    if (!row->kind.n)
        complain(c, S("kind"), "required", "单位类别：请选择生产或销售");
    check_figures(c, row);
    return check_identity(c, old, row);
}

static enum err place(struct ctx *c, struct firm_row *row)
{
    enum err e = row->town.n ? firm_place(c, row, row->town) : OK;
    if (e)
        return e;
    if (row->town.n && !scope_has(c, row->org_path))
        complain(c, S("town"), "scope", "乡镇（街道）：不在您的管辖范围内");
    return OK;
}

static enum err set_phone(struct ctx *c, struct firm_row *row, struct str phone)
{
    struct buf b;
    if (!phone.p)
        return OK;
    buf_init(&b, 200);
    phone_normalise(phone, &b);
    struct str n = keep(c, buf_str(&b));
    buf_free(&b);
    if (n.n && !phone_valid(n))
        complain(c, S("supervisor_phone"), "phone", "监管责任人电话：应为手机号或“区号-号码”");
    return firm_phone_set(c, row, n);
}

/* A sole trader without a code gets a temporary number, to be cleaned up within 30 days (C4). */
static void temp_code(struct ctx *c, struct firm_row *row)
{
    bool small = str_eqz(row->entity_type, "个体工商户") || str_eqz(row->entity_type, "其他");
    if (row->uscc.n)
        row->temp_code = STR_NULL;
    else if (!row->temp_code.n && small)
        row->temp_code = firm_temp_code(c, row->id);
}

/* --- firms ------------------------------------------------------------------------------------ */

enum err op_firm_create(struct ctx *c, const struct firm_new *in, struct firm_view *ret)
{
    struct firm_row row;
    struct firm_products none = {S(""), S("")};
    struct note n = {.label = "录入", .text = in->reason};
    desc_clear(&firm_row_desc, &row);
    row.id = id_next(c);
    desc_merge(&firm_new_desc, in, &firm_row_desc, &row);
    enum err e = place(c, &row);
    if (!e)
        e = check(c, NULL, &row);
    if (!e)
        e = set_phone(c, &row, in->supervisor_phone);
    temp_code(c, &row);
    if (!e)
        e = checked(c);
    if (!e)
        e = firm_add(c, &row, &none, &n);
    return e ? e : firm_view_fill(c, &row, ret);
}

static enum err stale(struct ctx *c, const struct firm_row *row)
{
    c->reply.current = firm_json(c, row);
    return fail(c, ERR_STALE, NULL, NULL);
}

/* In the store a status and an authority change by a procedure of their own: with evidence and a
 * second person (P8.2), and by a handshake of both authorities (forms M7). */
static void check_procedures(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    if (!str_eqz(old->state, "admitted"))
        return;
    if (!str_eq(old->abnormal, row->abnormal))
        complain(c, S("abnormal"), "procedure",
            "异常状态：入库后请在“状态与去向”中附证据提出，由另一人审核");
    if (!str_eq(old->p3, row->p3))
        complain(c, S("town"), "procedure",
            "乡镇（街道）：入库后跨县（市、区）请在“状态与去向”中办理迁移");
}

static enum err edit(
    struct ctx *c, const struct firm_edit *in, const struct firm_row *old, struct firm_row *row)
{
    bool figures = in->staff != NULL_INT || in->revenue != NULL_INT;
    desc_merge(&firm_edit_desc, in, &firm_row_desc, row);
    clear_fields(c, in->clear, &firm_edit_desc, &firm_row_desc, row);
    if (figures)
        row->figures_suspect = 0;
    enum err e = in->town.p ? place(c, row) : OK;
    if (!e)
        e = check(c, old, row);
    if (!e)
        e = set_phone(c, row, in->supervisor_phone);
    check_reasons(c, old, row);
    check_procedures(c, old, row);
    temp_code(c, row);
    firm_location_check(c, row->location);
    firm_paper_follow(c, old, row);
    return e ? e : checked(c);
}

enum err firm_edit_apply(
    struct ctx *c, const struct firm_edit *in, const struct firm_row *old, struct firm_row *row)
{
    *row = *old;
    return edit(c, in, old, row);
}

enum err op_firm_edit(struct ctx *c, const struct firm_edit *in, struct firm_view *ret)
{
    struct firm_row old, row;
    struct note n = {.label = "修改", .text = in->reason};
    enum err e = firm_need(c, in->firm, &old);
    if (e)
        return e;
    if (c->if_match != old.version)
        return stale(c, &old);
    if (firm_is_merged(&old))
        return fail(c, ERR_STATE, "state", FIRM_MERGED_TEXT);
    if (!wf_state_editable(c, "workflow_firm", old.state))
        return fail(c, ERR_STATE, "state", "现场审核后、入库前不能修改；如需修改请先退回");
    row = old;
    e = edit(c, in, &old, &row);
    if (!e && !rec_same(&kind_firm, &old, &row)) /* else no version and no history of nothing */
        e = firm_change(c, &old, &row, &n);
    return e ? e : firm_view_fill(c, &row, ret);
}

/* A firm fills in what is empty; what stands there its authority corrects. */
static void check_empty(struct ctx *c, const struct firm_own_edit *in, const struct firm_row *old)
{
    const struct desc *d = &firm_own_edit_desc;
    for (size_t i = 0; i < d->n; i++) {
        const struct field *f = &d->fields[i];
        const void *m = (const char *)in + f->off;
        bool given = field_is_text(f->type) ? ((const struct str *)m)->n > 0
                                            : *(const int64_t *)m != NULL_INT;
        if (given && firm_text(old, str_z(f->name)).n)
            complain(
                c, str_z(f->name), "filled", "%s：已有内容，需要更正请联系属地监管所", f->label);
    }
}

enum err op_firm_own_edit(struct ctx *c, const struct firm_own_edit *in, struct firm_view *ret)
{
    struct firm_row old, row;
    struct note n = {.label = "企业补填"};
    enum err e = firm_need(c, c->actor.firm, &old);
    if (e)
        return e;
    if (c->if_match != old.version)
        return stale(c, &old);
    if (!wf_state_editable(c, "workflow_firm", old.state))
        return fail(c, ERR_STATE, "state", "正在现场审核，暂时不能补填");
    row = old;
    check_empty(c, in, &old);
    desc_merge(&firm_own_edit_desc, in, &firm_row_desc, &row);
    check_figures(c, &row);
    firm_paper_follow(c, &old, &row);
    e = checked(c);
    if (!e && !rec_same(&kind_firm, &old, &row))
        e = firm_change(c, &old, &row, &n);
    return e ? e : op_firm_own(c, &(struct none){0}, ret);
}

/* --- products --------------------------------------------------------------------------------- */

static void check_dates(struct ctx *c, const struct product_row *p)
{
    bool both = p->lic_date != NULL_INT && p->lic_to != NULL_INT;
    if (both && p->lic_to < p->lic_date)
        complain(c, S("lic_to"), "range", "有效期至不能早于发证日期");
}

/* The firm's 适用情形 is the union of its products'; grade floors look at product names. */
static enum err firm_follows(
    struct ctx *c, const struct firm_row *old, const char *label, bool reopen)
{
    struct firm_row row = *old;
    struct firm_products p;
    struct note n = {.label = label};
    enum err e = firm_products_load(c, old->id, &p);
    if (e)
        return e;
    if (p.applicability.n)
        row.applicability = p.applicability;
    if (reopen)
        firm_paper_open(&row);
    return firm_change(c, old, &row, &n);
}

static enum err product_answer(struct ctx *c, const struct product_row *p, struct product_view *ret)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 64 << 10);
    jw_init(&w, &b);
    desc_json(&product_row_desc, p, &w);
    ret->id = p->id;
    ret->version = p->version;
    ret->record = keep(c, buf_str(&b));
    c->reply.version = p->version;
    buf_free(&b);
    return OK;
}

enum err op_product_create(struct ctx *c, const struct product_new *in, struct product_view *ret)
{
    struct firm_row firm;
    struct product_row p;
    struct note n = {.label = "增加产品", .text = in->product};
    enum err e = firm_need(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&product_row_desc, &p);
    p.firm = firm.id;
    p.kind = str_eqz(firm.kind, "seller") ? S("seller") : S("producer");
    desc_merge(&product_new_desc, in, &product_row_desc, &p);
    p.version = 1;
    if (!p.product.n)
        complain(c, S("product"), "required", "产品名称：必须填写");
    check_dates(c, &p);
    e = checked(c);
    if (!e)
        e = rec_insert(c, &kind_product, &p, &n);
    if (!e)
        e = firm_follows(c, &firm, "产品增加后重新定级", true);
    return e ? e : product_answer(c, &p, ret);
}

enum err op_product_edit(struct ctx *c, const struct product_edit *in, struct product_view *ret)
{
    struct firm_row firm;
    struct product_row old, p;
    struct note n = {.label = "修改产品"};
    enum err e = firm_need(c, in->firm, &firm);
    if (!e)
        e = rec_get(c, &kind_product, in->product_id, &old);
    if (e)
        return e;
    if (old.firm != firm.id)
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (c->if_match != old.version) {
        struct product_view now;
        (void)product_answer(c, &old, &now);
        c->reply.current = now.record;
        return fail(c, ERR_STALE, NULL, NULL);
    }
    p = old;
    desc_merge(&product_edit_desc, in, &product_row_desc, &p);
    clear_fields(c, in->clear, &product_edit_desc, &product_row_desc, &p);
    p.version++;
    check_dates(c, &p);
    e = checked(c);
    if (!e)
        e = rec_update(c, &kind_product, &old, &p, &n);
    if (!e)
        e = firm_follows(
            c, &firm, "产品修改后重新定级", paper_compares(c, &product_row_desc, &old, &p));
    return e ? e : product_answer(c, &p, ret);
}
