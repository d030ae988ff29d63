/* Comparing a row with the firm it is about. */
#include "feature/import/import_update.h"

#include "core/codes.h"
#include "core/workflow.h"
#include "domain/idcard.h"

enum { TEXT_MAX = 64 << 10 };

/* Fields whose name in the file is not the firm's. */
static const struct {
    const char *file, *firm;
} twins[] = {{"officer", "supervisor"}, {"officer_phone", "supervisor_phone"},
    {"officer_since", "supervisor_since"}, {"risk", "risk_level"}, {"credit", "credit_class"}};

/* What identifies the row, is judged by the platform, or comes about by steps of its own. */
static bool is_apart(const char *name)
{
    static const char *const names[] = {"uscc", "kind", "state", "abnormal", "reviewer",
        "review_date", "review_opinion", "confirm_date", "confirm_level", "paper_match"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const char *firm_name(const char *file)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (strcmp(twins[i].file, file) == 0)
            return twins[i].firm;
    return file;
}

const char *merge_name(enum merge_result r)
{
    static const char *const names[MERGE_RESULTS] = {"unchanged", "updated", "conflict", "refused"};
    return names[r];
}

const char *merge_label(enum merge_result r)
{
    static const char *const labels[MERGE_RESULTS] = {"无变化", "更新", "待确认", "不能更新"};
    return labels[r];
}

void import_update_begin(struct import_update *u, const struct import_spec *s)
{
    *u = (struct import_update){.rule = s->rule, .choices = s->choices.p, .nchoices = s->choices.n};
}

void import_update_sheet(struct import_update *u, const struct imp_sheet *s)
{
    memset(u->have, 0, sizeof u->have);
    for (size_t i = 0; i < s->ncols; i++)
        if (s->keys[i] >= 0 && s->keys[i] < IK_COUNT)
            u->have[s->keys[i]] = true;
}

/* --- one field -------------------------------------------------------------------------------- */

struct merging {
    struct ctx *c;
    const struct import_update *u;
    const struct merge_row *r;
    struct firm_edit edit;
    struct buf clear;
    struct import_merge *ret;
    bool taken, open;
};

struct pair {
    const struct field *file, *edit, *firm;
};

static bool empty(const struct field *f, const void *s)
{
    const char *at = (const char *)s + f->off;
    return field_is_text(f->type) ? ((const struct str *)at)->n == 0
                                  : *(const int64_t *)at == NULL_INT;
}

static bool equal(const struct merging *m, const struct pair *p)
{
    const char *x = (const char *)m->r->unit + p->file->off;
    const char *y = (const char *)&m->ret->old + p->firm->off;
    if (p->firm->type == FT_BLOB)
        return firm_phone_same(m->c, &m->ret->old, *(const struct str *)x);
    if (!field_is_text(p->file->type))
        return *(const int64_t *)x == *(const int64_t *)y;
    return str_eq(*(const struct str *)x, *(const struct str *)y);
}

/* The decision of the user for a field of this row, or for the whole row. */
static struct str choice(const struct merging *m, const char *field)
{
    struct str whole = STR_NULL;
    for (size_t i = 0; i < m->u->nchoices; i++) {
        const struct import_override *o = &m->u->choices[i];
        if (o->sheet != m->r->sheet || o->row != m->r->row)
            continue;
        if (str_eqz(o->field, field))
            return o->value;
        if (str_eqz(o->field, "*"))
            whole = o->value;
    }
    return whole;
}

static struct str shown(struct ctx *c, const struct desc *d, const void *s, size_t i)
{
    const struct field *f = &d->fields[i];
    struct buf b;
    buf_init(&b, TEXT_MAX);
    if (f->type == FT_CODE && !empty(f, s))
        buf_add(&b, code_label(c, f->codes, *(const struct str *)((const char *)s + f->off)));
    else
        field_text(d, s, i, &b);
    struct str text = keep(c, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct str masked(struct ctx *c, struct str phone)
{
    struct buf b;
    buf_init(&b, 100);
    phone_mask(phone, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static void note_diff(struct merging *m, const struct pair *p, bool take, bool open)
{
    struct import_merge *to = m->ret;
    if (to->n == MERGE_DIFFS)
        return;
    struct merge_diff *d = &to->diffs[to->n++];
    *d = (struct merge_diff){p->firm->name, p->firm->label, STR_NULL, STR_NULL, take, open};
    if (p->firm->type == FT_BLOB) {
        d->stored = firm_phone_masked(m->c, to->old.id, to->old.supervisor_phone);
        d->file = masked(m->c, m->r->unit->officer_phone);
        return;
    }
    d->stored = shown(m->c, &firm_row_desc, &to->old, (size_t)(p->firm - firm_row_desc.fields));
    d->file = shown(m->c, &imp_unit_desc, m->r->unit, (size_t)(p->file - imp_unit_desc.fields));
}

static void take_value(struct merging *m, const struct pair *p, bool blank)
{
    m->taken = true;
    if (blank) {
        if (m->clear.n)
            buf_addc(&m->clear, ',');
        buf_addz(&m->clear, p->edit->name);
        return;
    }
    const char *from = (const char *)m->r->unit + p->file->off;
    char *to = (char *)&m->edit + p->edit->off;
    if (field_is_text(p->file->type))
        *(struct str *)to = *(const struct str *)from;
    else
        *(int64_t *)to = *(const int64_t *)from;
}

static void merge_differing(struct merging *m, const struct pair *p, bool blank)
{
    struct str said = str_eqz(m->u->rule, "ask") ? choice(m, p->firm->name) : STR_NULL;
    bool open = str_eqz(m->u->rule, "ask") && !said.n;
    bool take = str_eqz(m->u->rule, "fill") || str_eqz(m->u->rule, "file") || str_eqz(said, "file");
    note_diff(m, p, take, open);
    m->open = m->open || open;
    if (take)
        take_value(m, p, blank);
}

static void merge_field(struct merging *m, const struct pair *p)
{
    bool blank = empty(p->file, m->r->unit), lacking = empty(p->firm, &m->ret->old);
    bool only_file = str_eqz(m->u->rule, "file");
    bool fixed = p->firm->flags & (F_OUT | F_REQ) || p->firm->type == FT_CODES;
    if (equal(m, p) || (blank && lacking))
        return;
    if (blank && (!only_file || fixed))
        return;
    if (!lacking) {
        merge_differing(m, p, blank);
        return;
    }
    note_diff(m, p, true, false);
    take_value(m, p, false);
}

/* What the file adds is taken; what it leaves out stays. */
static void merge_reasons(struct merging *m, const struct pair *p)
{
    struct str add = m->r->unit->entry_reason, had = m->ret->old.entry_reason;
    struct buf b;
    size_t before;
    buf_init(&b, 4000);
    buf_add(&b, had);
    before = b.n;
    while (add.n) {
        struct str one = str_cut(add, ',', &add), look = had;
        bool there = false;
        while (look.n && !there)
            there = str_eq(str_cut(look, ',', &look), one);
        if (!there)
            buf_fmt(&b, "%s%.*s", b.n ? "," : "", STR_ARG(one));
    }
    if (b.n > before) {
        note_diff(m, p, true, false);
        m->edit.entry_reason = keep(m->c, buf_str(&b));
        m->taken = true;
    }
    buf_free(&b);
}

static void merge_all(struct merging *m)
{
    for (size_t i = 0; i < imp_unit_desc.n; i++) {
        const struct field *f = &imp_unit_desc.fields[i];
        const char *name = firm_name(f->name);
        int e = desc_find(&firm_edit_desc, str_z(name)), r = desc_find(&firm_row_desc, str_z(name));
        enum imp_key k = imp_key_of(str_z(f->name));
        if (e < 0 || r < 0 || is_apart(name) || k == IK_COUNT || !m->u->have[k])
            continue;
        struct pair p = {f, &firm_edit_desc.fields[e], &firm_row_desc.fields[r]};
        if (strcmp(name, "entry_reason") == 0)
            merge_reasons(m, &p);
        else if (p.edit->type == f->type)
            merge_field(m, &p);
    }
}

/* --- the row ---------------------------------------------------------------------------------- */

static void refuse(struct import_merge *ret, struct str why)
{
    ret->result = MERGE_REFUSED;
    ret->why = why;
    ret->row = ret->old;
}

static enum err apply_edit(struct ctx *c, struct merging *m)
{
    struct ctx one = *c;
    one.problems = NULL;
    one.problems_end = &one.problems;
    one.problem_count = 0;
    m->edit.clear = m->clear.n ? keep(c, buf_str(&m->clear)) : STR_NULL;
    enum err e = firm_edit_apply(&one, &m->edit, &m->ret->old, &m->ret->row);
    if (e && e != ERR_INVALID)
        return fail(c, e, NULL, NULL);
    if (e)
        refuse(m->ret, one.problems ? one.problems->message : one.err_message);
    return OK;
}

enum err import_merge(struct ctx *c, const struct import_update *u, const struct merge_row *r,
    int64_t firm, struct import_merge *ret)
{
    struct merging m = {.c = c, .u = u, .r = r, .ret = ret};
    ret->n = 0;
    ret->why = STR_NULL;
    ret->result = MERGE_UNCHANGED;
    enum err e = rec_get(c, &kind_firm, firm, &ret->old);
    if (e)
        return e;
    ret->row = ret->old;
    if (!scope_has(c, ret->old.org_path)) {
        refuse(ret, S("这个单位在其他辖区建档，不能由您更新，请联系上级核对"));
        return OK;
    }
    desc_clear(&firm_edit_desc, &m.edit);
    buf_init(&m.clear, 4000);
    merge_all(&m);
    if (m.open)
        ret->result = MERGE_CONFLICT;
    else if (m.taken && !wf_state_editable(c, "workflow_firm", ret->old.state))
        refuse(ret, S("现场审核后、入库前不能修改；如需修改请先退回"));
    else if (m.taken)
        ret->result = MERGE_UPDATED;
    if (ret->result == MERGE_UPDATED)
        e = apply_edit(c, &m);
    buf_free(&m.clear);
    return e;
}
