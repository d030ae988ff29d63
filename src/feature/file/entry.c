/* What a firm or its authority enters into the file: sites, systems and documents, suppliers,
 * training and assessments (P2 7, 31, 36–42; …R-019). One way for all of them: the row
 * says who told it; what the firm told stays 待核对 until its authority has looked at it. */
#include "core/batch.h"
#include "core/codes.h"
#include "core/workflow.h"
#include "domain/uscc.h"
#include "feature/file/file_impl.h"
#include "feature/ops.h"
#include "feature/people/people.h"

/* --- columns every entry has ------------------------------------------------------------------ */

static void put_int(const struct desc *d, void *row, const char *name, int64_t v)
{
    *field_int(d, row, (size_t)desc_find(d, str_z(name))) = v;
}

static void put_str(const struct desc *d, void *row, const char *name, struct str v)
{
    *field_str(d, row, (size_t)desc_find(d, str_z(name))) = v;
}

static int64_t get_int(const struct desc *d, void *row, const char *name)
{
    return *field_int(d, row, (size_t)desc_find(d, str_z(name)));
}

/* What the authority enters it has looked at; what the firm enters it has not. */
static void sign_check(struct ctx *c, const struct desc *d, void *row)
{
    bool own = c->actor.firm > 0;
    put_int(d, row, "checked", !own);
    put_str(d, row, "checked_by", own ? STR_NULL : c->actor.name);
    put_int(d, row, "checked_at", own ? NULL_INT : c->now);
}

static enum err answer(
    struct ctx *c, const struct record_kind *k, void *row, struct entry_view *ret)
{
    ret->id = get_int(k->desc, row, "id");
    ret->version = get_int(k->desc, row, "version");
    ret->record = row_json(c, k->desc, row);
    c->reply.version = ret->version;
    return ret->record.p ? OK : c->err;
}

/* A firm whose file may be written now by this actor. */
static enum err firm_open(struct ctx *c, int64_t firm, struct firm_row *ret)
{
    enum err e = firm_need(c, firm, ret);
    if (!e && !wf_state_editable(c, "workflow_firm", ret->state))
        e = fail(c, ERR_STATE, "state", "现场审核后、入库前不能修改；如需修改请先退回");
    return e;
}

static enum err entry_add(struct ctx *c, const struct record_kind *k, void *row,
    const struct note *n, struct entry_view *ret)
{
    put_int(k->desc, row, "version", 1);
    put_int(k->desc, row, "at", c->now);
    put_int(k->desc, row, "by_account", c->actor.account);
    put_str(k->desc, row, "by_name", c->actor.name);
    sign_check(c, k->desc, row);
    enum err e = checked(c);
    if (!e)
        e = rec_insert(c, k, row, n);
    if (!e)
        e = firm_paper_reopen(c, get_int(k->desc, row, "firm"), k->name);
    return e ? e : answer(c, k, row, ret);
}

/* Reads an entry of that firm; 404 for another's. */
static enum err entry_of(
    struct ctx *c, const struct record_kind *k, int64_t firm, int64_t id, void *ret)
{
    enum err e = id > 0 ? rec_get(c, k, id, ret) : ERR_NOT_FOUND;
    if (!e && get_int(k->desc, ret, "firm") != firm)
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err entry_put(
    struct ctx *c, const struct record_kind *k, const void *old, void *row, const struct note *n)
{
    put_int(k->desc, row, "version", get_int(k->desc, row, "version") + 1);
    return rec_update(c, k, old, row, n);
}

static enum err entry_change(
    struct ctx *c, const struct record_kind *k, const void *old, void *row, struct entry_view *ret)
{
    struct note n = {.label = arena_fmt(c->a, "修改%s", k->label).p};
    enum err e = checked(c);
    if (!e && !rec_same(k, old, row)) {
        sign_check(c, k->desc, row);
        e = entry_put(c, k, old, row, &n);
        if (!e)
            e = firm_paper_reopen(c, get_int(k->desc, row, "firm"), k->name);
    }
    return e ? e : answer(c, k, row, ret);
}

static enum err stale(struct ctx *c, const struct desc *d, const void *row)
{
    c->reply.current = row_json(c, d, row);
    return fail(c, ERR_STALE, NULL, NULL);
}

static void clear_named(struct ctx *c, const struct desc *d, void *row, struct str names)
{
    while (names.n) {
        struct str one = str_cut(names, ',', &names);
        int i = desc_find(d, one);
        if (i < 0 || d->fields[i].flags & F_OUT)
            complain(c, S("clear"), "unknown", "“%.*s”不能清空", STR_ARG(one));
        else if (field_is_text(d->fields[i].type))
            *field_str(d, row, (size_t)i) = STR_NULL;
        else
            *field_int(d, row, (size_t)i) = NULL_INT;
    }
}

/* --- checks ----------------------------------------------------------------------------------- */

static void need(struct ctx *c, const struct desc *d, void *row, const char *name)
{
    const struct field *f = &d->fields[desc_find(d, str_z(name))];
    bool there = field_is_text(f->type) ? ((struct str *)((char *)row + f->off))->n > 0
                                        : *(int64_t *)((char *)row + f->off) != NULL_INT;
    if (!there)
        complain(c, str_z(name), "required", "%s：必须填写", f->label);
}

static void check_period(struct ctx *c, int64_t from, int64_t to)
{
    if (from != NULL_INT && to != NULL_INT && to < from)
        complain(c, S("to_day"), "range", "止日期不能早于起日期");
}

static enum err check_town(struct ctx *c, struct str town)
{
    struct q q;
    q_begin(&q, c->db, SQL_area_name_of);
    q_str(&q, "code", town);
    bool known = q_row(&q);
    enum err e = q_end(&q);
    if (!e && town.n && !known)
        complain(c, S("town"), "unknown", "乡镇（街道）：没有这个区划代码");
    return db_fail(c, e);
}

static enum err check_site(struct ctx *c, struct site_row *row)
{
    need(c, &site_row_desc, row, "kind");
    need(c, &site_row_desc, row, "address");
    need(c, &site_row_desc, row, "town");
    firm_location_check(c, row->location);
    check_period(c, row->from_day, row->to_day);
    return check_town(c, row->town);
}

static void check_supplier(struct ctx *c, struct supplier_row *row)
{
    need(c, &supplier_row_desc, row, "name");
    need(c, &supplier_row_desc, row, "goods");
    check_period(c, row->from_day, row->to_day);
    if (!row->uscc.n)
        return;
    enum uscc_verdict v = uscc_check(row->uscc);
    if (v != USCC_VALID && v != USCC_BAD_CHECK)
        complain(c, S("uscc"), "uscc", "统一社会信用代码：%s", uscc_text(v));
}

/* A document said to be there names who approved it and since when. */
static void check_doc(struct ctx *c, struct firm_doc_row *row)
{
    need(c, &firm_doc_row_desc, row, "kind");
    need(c, &firm_doc_row_desc, row, "state");
    if (!str_eqz(row->state, "已建立"))
        return;
    need(c, &firm_doc_row_desc, row, "approver");
    need(c, &firm_doc_row_desc, row, "effective");
    if (str_eqz(row->kind, "other"))
        need(c, &firm_doc_row_desc, row, "title");
}

/* --- sites and suppliers ---------------------------------------------------------------------- */

enum err op_site_create(struct ctx *c, const struct site_new *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct site_row row;
    struct note n = {.label = "增加场所", .text = in->address};
    enum err e = firm_open(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&site_row_desc, &row);
    row.firm = firm.id;
    desc_merge(&site_new_desc, in, &site_row_desc, &row);
    e = check_site(c, &row);
    return e ? e : entry_add(c, &kind_site, &row, &n, ret);
}

enum err op_site_edit(struct ctx *c, const struct site_edit *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct site_row old, row;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = entry_of(c, &kind_site, firm.id, in->site, &old);
    if (e)
        return e;
    if (c->if_match != old.version)
        return stale(c, &site_row_desc, &old);
    row = old;
    desc_merge(&site_edit_desc, in, &site_row_desc, &row);
    clear_named(c, &site_row_desc, &row, in->clear);
    e = check_site(c, &row);
    return e ? e : entry_change(c, &kind_site, &old, &row, ret);
}

enum err op_supplier_create(struct ctx *c, const struct supplier_new *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct supplier_row row;
    struct note n = {.label = "增加供应商", .text = in->name};
    enum err e = firm_open(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&supplier_row_desc, &row);
    row.firm = firm.id;
    desc_merge(&supplier_new_desc, in, &supplier_row_desc, &row);
    check_supplier(c, &row);
    return entry_add(c, &kind_supplier, &row, &n, ret);
}

enum err op_supplier_edit(struct ctx *c, const struct supplier_edit *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct supplier_row old, row;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = entry_of(c, &kind_supplier, firm.id, in->supplier, &old);
    if (e)
        return e;
    if (c->if_match != old.version)
        return stale(c, &supplier_row_desc, &old);
    row = old;
    desc_merge(&supplier_edit_desc, in, &supplier_row_desc, &row);
    clear_named(c, &supplier_row_desc, &row, in->clear);
    check_supplier(c, &row);
    return entry_change(c, &kind_supplier, &old, &row, ret);
}

/* --- systems and documents -------------------------------------------------------------------- */

static enum err next_edition(struct ctx *c, struct firm_doc_row *row)
{
    struct q q;
    q_begin(&q, c->db, SQL_firm_doc_last);
    q_int(&q, "firm", row->firm);
    q_str(&q, "kind", row->kind);
    row->edition = 0;
    enum err e = q_one_int(&q, &row->edition);
    row->edition++;
    return db_fail(c, e);
}

enum err op_firm_doc_create(struct ctx *c, const struct firm_doc_new *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct firm_doc_row row;
    enum err e = firm_open(c, in->firm, &firm);
    if (e)
        return e;
    desc_clear(&firm_doc_row_desc, &row);
    row.firm = firm.id;
    desc_merge(&firm_doc_new_desc, in, &firm_doc_row_desc, &row);
    check_doc(c, &row);
    e = checked(c);
    if (!e)
        e = next_edition(c, &row);
    row.id = e ? NULL_INT : id_next(c);
    if (!e)
        e = attachment_assign(
            c, &(struct attachment_owner){firm.id, "firm_doc", row.id}, row.attachment);
    struct note n = {.label = "登记制度文件", .text = code_label(c, "firm_doc_kind", row.kind)};
    return e ? e : entry_add(c, &kind_firm_doc, &row, &n, ret);
}

static enum err entry_void_put(struct ctx *c, const struct record_kind *k, const void *old,
    void *row, const struct entry_void *in)
{
    struct str *reason = field_str(k->desc, row, (size_t)desc_find(k->desc, S("void_reason")));
    struct note n = {.label = arena_fmt(c->a, "作废%s", k->label).p, .text = in->reason};
    if (reason->n)
        return fail(c, ERR_STATE, NULL, "这条记录已经作废");
    *reason = in->reason;
    enum err e = entry_put(c, k, old, row, &n);
    return e ? e : firm_paper_reopen(c, in->firm, k->name);
}

enum err op_firm_doc_void(struct ctx *c, const struct entry_void *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct firm_doc_row old, row;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = entry_of(c, &kind_firm_doc, firm.id, in->entry, &old);
    if (e)
        return e;
    row = old;
    e = entry_void_put(c, &kind_firm_doc, &old, &row, in);
    return e ? e : answer(c, &kind_firm_doc, &row, ret);
}

/* --- training and assessments ----------------------------------------------------------------- */

/* The regulator's assessment is the authority's to enter (PL-57…60). */
static void check_assessment(struct ctx *c, struct assessment_row *row)
{
    need(c, &assessment_row_desc, row, "kind");
    need(c, &assessment_row_desc, row, "day");
    if (row->day != NULL_INT && row->day > c->today)
        complain(c, S("day"), "range", "日期：不能晚于今天");
    if (str_eqz(row->kind, "regulator") && c->actor.firm > 0)
        complain(c, S("kind"), "range", "类别：监管部门的考核由监管部门登记");
    if (str_eqz(row->kind, "training"))
        need(c, &assessment_row_desc, row, "hours");
    else
        need(c, &assessment_row_desc, row, "result");
    if (row->published != NULL_INT && row->day != NULL_INT && row->published < row->day)
        complain(c, S("published"), "range", "公布日期：不能早于考核日期");
    if (!row->result.n)
        row->result = S("未考");
}

enum err op_assessment_create(
    struct ctx *c, const struct assessment_new *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct person_row person;
    struct assessment_row row;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = entry_of(c, &kind_person, firm.id, in->person, &person);
    if (e)
        return e;
    desc_clear(&assessment_row_desc, &row);
    row.firm = firm.id;
    row.person = person.id;
    row.post = person.post;
    row.name = person.name;
    row.id_idx = person.id_idx;
    desc_merge(&assessment_new_desc, in, &assessment_row_desc, &row);
    if (!row.org_name.n)
        row.org_name = c->actor.firm > 0 ? firm.name : c->actor.org_name;
    check_assessment(c, &row);
    e = checked(c);
    row.id = e ? NULL_INT : id_next(c);
    if (!e)
        e = attachment_assign(
            c, &(struct attachment_owner){firm.id, "assessment", row.id}, row.attachment);
    struct note n = {.label = "登记培训考核",
        .text = arena_fmt(c->a, "%.*s %.*s", STR_ARG(row.name), STR_ARG(row.result))};
    return e ? e : entry_add(c, &kind_assessment, &row, &n, ret);
}

enum err op_assessment_void(struct ctx *c, const struct entry_void *in, struct entry_view *ret)
{
    struct firm_row firm;
    struct assessment_row old, row;
    enum err e = firm_open(c, in->firm, &firm);
    if (!e)
        e = entry_of(c, &kind_assessment, firm.id, in->entry, &old);
    if (e)
        return e;
    if (str_eqz(old.kind, "regulator") && c->actor.firm > 0)
        return fail(c, ERR_FORBIDDEN, NULL, "监管部门的考核只能由监管部门更正");
    row = old;
    e = entry_void_put(c, &kind_assessment, &old, &row, in);
    return e ? e : answer(c, &kind_assessment, &row, ret);
}

/* --- what the firm told, looked at -------------------------------------------------------------
 */

union any_entry {
    struct site_row site;
    struct firm_doc_row doc;
    struct supplier_row supplier;
    struct assessment_row assessment;
    struct person_row person;
};

static const struct record_kind *kind_of(struct str of)
{
    static const struct record_kind *const kinds[] = {
        &kind_site, &kind_firm_doc, &kind_supplier, &kind_assessment, &kind_person};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(of, kinds[i]->name))
            return kinds[i];
    return NULL;
}

enum err op_entry_check(struct ctx *c, const struct entry_check *in, struct entry_view *ret)
{
    struct firm_row firm;
    union any_entry old, row;
    const struct record_kind *k = kind_of(in->of);
    enum err e = firm_need(c, in->firm, &firm);
    if (!e && !k)
        e = fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e)
        e = entry_of(c, k, firm.id, in->entry, &old);
    if (e)
        return e;
    struct note n = {.label = arena_fmt(c->a, "核对企业填报的%s", k->label).p};
    row = old;
    if (get_int(k->desc, &row, "checked") == 0) {
        sign_check(c, k->desc, &row);
        e = entry_put(c, k, &old, &row, &n);
    }
    return e ? e : answer(c, k, &row, ret);
}
