/* One firm of a bulk operation: what a change makes of it, and what taking it back restores. */
#include "feature/bulk/bulk_plan.h"

#include "base/mem.h"
#include "core/app.h"
#include "core/crypto.h"
#include "core/decode.h"
#include "core/template.h"
#include "core/workflow.h"

enum { SET_DEPTH = 8, DIFF_MAX = 64 << 10 };

/* --- reading ---------------------------------------------------------------------------------- */

const struct jin *bulk_rule(struct ctx *c, struct str field)
{
    const struct jin *rules = jin_get(template_body(c->app, "bulk_fields", NULL), "fields");
    int i = desc_find(&firm_edit_desc, field), j = desc_find(&firm_row_desc, field);
    if (i < 0 || j < 0 || firm_edit_desc.fields[i].flags & (F_PATH | F_OUT))
        return NULL;
    for (size_t k = 0; k < jin_len(rules); k++)
        if (str_eq(jin_str(jin_get(jin_at(rules, k), "field")), field))
            return jin_at(rules, k);
    return NULL;
}

static void check_field(struct ctx *c, struct str field, struct buf *title)
{
    int i = desc_find(&firm_edit_desc, field);
    if (!bulk_rule(c, field)) {
        complain(c, field, "unknown", "“%.*s”不能批量修改", STR_ARG(field));
        return;
    }
    if (title->n)
        buf_addz(title, "、");
    buf_addz(title, firm_edit_desc.fields[i].label);
}

static void check_cleared(struct ctx *c, const struct jin *names, struct buf *title)
{
    for (size_t i = 0; i < jin_len(names); i++) {
        struct str one = jin_str(jin_at(names, i));
        const struct jin *rule = bulk_rule(c, one);
        if (rule && str_eqz(jin_str(jin_get(rule, "how")), "add"))
            complain(c, one, "removed", "只能增加，不能清空（PL-31）");
        check_field(c, one, title);
    }
}

static enum err members(struct ctx *c, const struct jin *doc, struct buf *title, struct buf *set)
{
    struct str key;
    const struct jin *v;
    struct jw w;
    jw_init(&w, set);
    jw_obj(&w);
    for (size_t i = 0; jin_member(doc, i, &key, &v); i++) {
        if (str_eqz(key, "clear"))
            check_cleared(c, v, title);
        else
            check_field(c, key, title);
        if (str_eqz(key, "supervisor_phone"))
            continue;
        jw_key_str(&w, key);
        jw_raw(&w, jin_text(v));
    }
    jw_end_obj(&w);
    return set->err ? set->err : title->err;
}

enum err bulk_plan_read(struct ctx *c, struct str set, struct bulk_plan *ret)
{
    const struct jin *doc = NULL;
    struct buf title, text;
    *ret = (struct bulk_plan){.undo_of = 0};
    desc_clear(&firm_edit_desc, &ret->edit);
    if (jin_parse(set, SET_DEPTH, &doc) || jin_type(doc) != JIN_OBJ) {
        jin_free(doc);
        return fail(c, ERR_INVALID, "set", "修改内容读不懂");
    }
    buf_init(&title, 4000);
    buf_init(&text, DIFF_MAX);
    enum err e = members(c, doc, &title, &text);
    decode_json(c, &firm_edit_desc, &ret->edit, doc, S("set."));
    if (!title.n && !c->problems)
        complain(c, S("set"), "required", "请至少选择一个要修改的项目");
    ret->title = keep(c, buf_str(&title));
    ret->set = keep(c, buf_str(&text));
    const struct jin *rule = bulk_rule(c, S("entry_reason"));
    if (ret->edit.entry_reason.n && rule && str_eqz(jin_str(jin_get(rule, "how")), "add")) {
        ret->add = ret->edit.entry_reason;
        ret->edit.entry_reason = STR_NULL;
    }
    buf_free(&text);
    buf_free(&title);
    jin_free(doc);
    return e ? fail(c, e, "set", NULL) : checked(c);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool holds(struct str codes, struct str one)
{
    while (codes.n)
        if (str_eq(str_cut(codes, ',', &codes), one))
            return true;
    return false;
}

static struct str both(struct ctx *c, struct str had, struct str add)
{
    struct buf b;
    buf_init(&b, 4000);
    buf_add(&b, had);
    while (add.n) {
        struct str one = str_cut(add, ',', &add);
        if (holds(had, one))
            continue;
        if (b.n)
            buf_addc(&b, ',');
        buf_add(&b, one);
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str first_words(const struct ctx *c)
{
    return c->problems ? c->problems->message : c->err_message;
}

/* A complaint about the firm is a refusal; anything else an error. The words outlive the copy. */
static enum err refuse(struct ctx *c, const struct ctx *one, enum err e, struct bulk_fate *ret)
{
    if (e != ERR_INVALID && e != ERR_STATE)
        return fail(c, e, NULL, NULL);
    struct str words = first_words(one);
    ret->result = BULK_REFUSED;
    ret->why = words.p ? words : S("填写的内容不适用于这个单位");
    return OK;
}

static enum err judge_edit(
    struct ctx *c, const struct bulk_plan *p, const struct firm_row *old, struct bulk_fate *ret)
{
    struct firm_edit in = p->edit;
    if (p->add.n)
        in.entry_reason = both(c, old->entry_reason, p->add);
    if (in.supervisor_phone.p && firm_phone_same(c, old, in.supervisor_phone))
        in.supervisor_phone = STR_NULL;
    return firm_edit_apply(c, &in, old, &ret->row);
}

/* --- taking back ------------------------------------------------------------------------------ */

static enum err side_read(
    struct ctx *c, struct str json, const struct jin **ret, struct firm_edit *to)
{
    struct str key;
    const struct jin *v;
    struct buf given;
    struct jw w;
    const struct jin *doc = NULL;
    desc_clear(&firm_edit_desc, to);
    enum err e = jin_parse(json, SET_DEPTH, ret);
    buf_init(&given, DIFF_MAX);
    jw_init(&w, &given);
    jw_obj(&w);
    for (size_t i = 0; !e && jin_member(*ret, i, &key, &v); i++) {
        if (jin_type(v) <= JIN_NULL)
            continue;
        jw_key_str(&w, key);
        jw_raw(&w, jin_text(v));
    }
    jw_end_obj(&w);
    if (!e)
        e = jin_parse(buf_str(&given), SET_DEPTH, &doc);
    if (!e)
        decode_json(c, &firm_edit_desc, to, doc, S(""));
    jin_free(doc);
    buf_free(&given);
    return e ? fail(c, e, NULL, NULL) : OK;
}

static bool equal(const struct field *f, const void *a, const struct field *g, const void *b)
{
    const char *x = (const char *)a + f->off, *y = (const char *)b + g->off;
    if (!field_is_text(f->type))
        return *(const int64_t *)x == *(const int64_t *)y;
    return str_eq(*(const struct str *)x, *(const struct str *)y);
}

static void put_back(const struct field *f, const void *from, const struct field *g, void *row)
{
    const char *x = (const char *)from + f->off;
    char *y = (char *)row + g->off;
    if (field_is_text(f->type))
        *(struct str *)y = *(const struct str *)x;
    else
        *(int64_t *)y = *(const int64_t *)x;
}

/* Each field by itself: what somebody changed since stays, and is told. */
static void restore_fields(struct ctx *c, const struct jin *was, const struct firm_edit *before,
    const struct firm_edit *after, struct bulk_fate *ret, struct buf *kept)
{
    struct str key;
    const struct jin *v;
    (void)c;
    for (size_t k = 0; jin_member(was, k, &key, &v); k++) {
        int i = desc_find(&firm_edit_desc, key), j = desc_find(&firm_row_desc, key);
        if (i < 0 || j < 0)
            continue;
        const struct field *f = &firm_edit_desc.fields[i], *g = &firm_row_desc.fields[j];
        if (equal(f, after, g, &ret->row)) {
            put_back(f, before, g, &ret->row);
        } else {
            if (kept->n)
                buf_addz(kept, "、");
            buf_addz(kept, g->label);
        }
    }
}

static void restore_phone(const struct bulk_item *it, struct bulk_fate *ret, struct buf *kept)
{
    if (!it->phone_was.p && !it->phone_now.p)
        return;
    if (str_eq(ret->row.supervisor_phone, it->phone_now))
        ret->row.supervisor_phone = it->phone_was;
    else
        buf_fmt(kept, "%s监管责任人电话", kept->n ? "、" : "");
}

static enum err judge_undo(
    struct ctx *c, const struct bulk_item *it, const struct firm_row *old, struct bulk_fate *ret)
{
    const struct jin *was = NULL, *now = NULL;
    struct firm_edit before, after;
    struct buf kept;
    enum err e = side_read(c, it->was, &was, &before);
    if (!e)
        e = side_read(c, it->now, &now, &after);
    buf_init(&kept, 4000);
    ret->row = *old;
    if (!e) {
        restore_fields(c, was, &before, &after, ret, &kept);
        restore_phone(it, ret, &kept);
    }
    if (!e && !str_eq(old->town, ret->row.town)) {
        e = firm_place(c, &ret->row, ret->row.town);
        if (!e && !scope_has(c, ret->row.org_path))
            e = fail(c, ERR_INVALID, "town", "原来的乡镇（街道）不在您的管辖范围内");
    }
    if (kept.n)
        ret->why = arena_fmt(c->a, "之后已有人改过，未恢复：%.*s", STR_ARG(buf_str(&kept)));
    buf_free(&kept);
    jin_free(was);
    jin_free(now);
    return e ? e : checked(c);
}

static const char *state_refusal(struct ctx *c, const struct firm_row *old, int64_t seen)
{
    if (seen != NULL_INT && seen != old->version)
        return "您选定之后已有人改过这个单位，请核对后再改";
    if (!wf_state_editable(c, "workflow_firm", old->state))
        return "现场审核后、入库前不能修改；如需修改请先退回";
    return NULL;
}

enum err bulk_judge(struct ctx *c, const struct bulk_plan *p, const struct firm_row *old,
    const struct bulk_item *it, struct bulk_fate *ret)
{
    struct ctx one = *c;
    one.problems = NULL;
    one.problems_end = &one.problems;
    one.problem_count = 0;
    ret->why = STR_NULL;
    const char *no = state_refusal(c, old, it->version);
    if (no) {
        ret->result = BULK_REFUSED;
        ret->why = str_z(no);
        return OK;
    }
    enum err e = p->undo_of > 0 ? judge_undo(&one, it, old, ret) : judge_edit(&one, p, old, ret);
    if (e)
        return refuse(c, &one, e, ret);
    bool same = rec_same(&kind_firm, old, &ret->row);
    ret->result = !same ? BULK_CHANGED : ret->why.p ? BULK_REFUSED : BULK_SAME;
    return OK;
}

/* --- telling ---------------------------------------------------------------------------------- */

static bool told(const struct field *f, const void *old, const void *row)
{
    return f->type != FT_BLOB && desc_find(&firm_edit_desc, str_z(f->name)) >= 0 &&
           !equal(f, old, f, row);
}

static void phone_diff(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row, struct jw *w)
{
    if (str_eq(old->supervisor_phone, row->supervisor_phone))
        return;
    jw_obj(w);
    jw_key(w, "field");
    jw_strz(w, "supervisor_phone");
    jw_key(w, "label");
    jw_strz(w, "监管责任人电话");
    jw_key(w, "old");
    jw_str(w, firm_phone_masked(c, old->id, old->supervisor_phone));
    jw_key(w, "new");
    jw_str(w, firm_phone_masked(c, old->id, row->supervisor_phone));
    jw_end_obj(w);
}

struct str bulk_diff(struct ctx *c, const struct firm_row *old, const struct firm_row *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, DIFF_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < firm_row_desc.n; i++) {
        const struct field *f = &firm_row_desc.fields[i];
        if (!told(f, old, row))
            continue;
        jw_obj(&w);
        jw_key(&w, "field");
        jw_strz(&w, f->name);
        jw_key(&w, "label");
        jw_strz(&w, f->label);
        jw_key(&w, "old");
        field_json(&firm_row_desc, old, i, &w);
        jw_key(&w, "new");
        field_json(&firm_row_desc, row, i, &w);
        jw_end_obj(&w);
    }
    phone_diff(c, old, row, &w);
    jw_end_arr(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

struct str bulk_side(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row, bool after)
{
    struct buf b;
    struct jw w;
    buf_init(&b, DIFF_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    for (size_t i = 0; i < firm_row_desc.n; i++) {
        const struct field *f = &firm_row_desc.fields[i];
        if (!told(f, old, row))
            continue;
        jw_key(&w, f->name);
        field_json(&firm_row_desc, after ? row : old, i, &w);
    }
    jw_end_obj(&w);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* --- gathering -------------------------------------------------------------------------------- */

static bool put_id(struct bulk_ids *ids, int64_t id)
{
    if (ids->n == ids->cap) {
        size_t cap = ids->cap ? ids->cap * 2 : 1024;
        int64_t *p = mem_grow(ids->p, cap * sizeof *p);
        if (!p)
            return false;
        ids->p = p;
        ids->cap = cap;
    }
    ids->p[ids->n++] = id;
    return true;
}

struct gathering {
    struct bulk_ids *ids;
    bool full;
};

static bool gather_one(void *arg, const struct list_cell *cells, size_t n)
{
    struct gathering *g = arg;
    for (size_t i = 0; i < n; i++)
        if (strcmp(cells[i].col->name, "id") == 0)
            g->full = !put_id(g->ids, cells[i].num);
    return !g->full;
}

static enum err gather_all(struct ctx *c, const struct bulk_ask *in, struct bulk_ids *ret)
{
    struct list_query lq;
    struct list_run r;
    struct gathering g = {ret, false};
    desc_clear(&list_query_desc, &lq);
    lq.filters = (struct vec){0};
    lq.org = in->org;
    lq.q = in->q;
    lq.columns = S("id");
    enum err e = filters_read(c, in->filters, &lq);
    if (!e)
        e = firm_run(c, &lq, &r);
    if (!e)
        e = list_each(&r, false, gather_one, &g);
    return e ? e : g.full ? fail(c, ERR_NOMEM, NULL, NULL) : OK;
}

enum err bulk_gather(struct ctx *c, const struct bulk_ask *in, struct bulk_ids *ret)
{
    *ret = (struct bulk_ids){0};
    if (in->all == 1)
        return gather_all(c, in, ret);
    const struct bulk_pick *picks = in->picks.p;
    for (size_t i = 0; i < in->picks.n; i++)
        if (!put_id(ret, picks[i].firm))
            return fail(c, ERR_NOMEM, NULL, NULL);
    return OK;
}
