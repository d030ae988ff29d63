/* Agreement with the paper archive (PL-29, R-006): compared item by item and field by field, with
 * scans, by whom and when; a later change of what was compared opens it again. What is compared
 * stands in the template paper_checklist: "compare" names fields, "kinds" records beside the firm.
 */
#include "core/app.h"
#include "core/template.h"
#include "feature/ledger/firm_view.h"
#include "feature/ops.h"

enum { ITEMS_MAX = 64 << 10, CHANGED_MAX = 100, SCANS_MAX = 30 };

static const struct jin *checklist(struct ctx *c)
{
    return jin_get(template_body(c->app, "paper_checklist", NULL), "items");
}

static bool lists(const struct jin *names, struct str name)
{
    for (size_t i = 0; i < jin_len(names); i++)
        if (str_eq(jin_str(jin_at(names, i)), name))
            return true;
    return false;
}

static bool watches(struct ctx *c, const char *key, struct str name)
{
    const struct jin *items = checklist(c);
    for (size_t i = 0; i < jin_len(items); i++)
        if (lists(jin_get(jin_at(items, i), key), name))
            return true;
    return false;
}

/* --- opening again ---------------------------------------------------------------------------- */

static bool same(const struct field *f, const void *a, const void *b)
{
    const char *x = (const char *)a + f->off, *y = (const char *)b + f->off;
    if (field_is_text(f->type))
        return str_eq(*(const struct str *)x, *(const struct str *)y);
    return *(const int64_t *)x == *(const int64_t *)y;
}

bool paper_compares(struct ctx *c, const struct desc *d, const void *old, const void *row)
{
    for (size_t i = 0; i < d->n; i++)
        if (!same(&d->fields[i], old, row) && watches(c, "compare", str_z(d->fields[i].name)))
            return true;
    return false;
}

void firm_paper_open(struct firm_row *row)
{
    row->paper_match = NULL_INT;
    row->paper_by = STR_NULL;
    row->paper_at = NULL_INT;
}

void firm_paper_follow(struct ctx *c, const struct firm_row *old, struct firm_row *row)
{
    if (old->paper_match != NULL_INT && paper_compares(c, &firm_row_desc, old, row))
        firm_paper_open(row);
}

enum err firm_paper_reopen(struct ctx *c, int64_t firm, const char *kind)
{
    struct firm_row old, row;
    struct note n = {.label = "需重新核对纸质档案"};
    if (!watches(c, "kinds", str_z(kind)))
        return OK;
    enum err e = rec_get(c, &kind_firm, firm, &old);
    if (e || old.paper_match == NULL_INT)
        return e;
    row = old;
    firm_paper_open(&row);
    return firm_change(c, &old, &row, &n);
}

/* --- comparing -------------------------------------------------------------------------------- */

/* What the platform says of a compared field: of the firm, or of its first product. */
static void diff_fill(struct ctx *c, const struct firm_row *row, struct paper_diff *d)
{
    struct buf b;
    int i = desc_find(&firm_row_desc, d->field), j = desc_find(&product_row_desc, d->field);
    buf_init(&b, 4000);
    if (i >= 0)
        field_text(&firm_row_desc, row, (size_t)i, &b);
    d->system = b.err ? STR_NULL : keep(c, buf_str(&b));
    d->label = str_z(i >= 0   ? firm_row_desc.fields[i].label
                     : j >= 0 ? product_row_desc.fields[j].label
                              : "其他");
    buf_free(&b);
}

static const struct jin *item_rule(struct ctx *c, struct str code)
{
    const struct jin *items = checklist(c);
    for (size_t i = 0; i < jin_len(items); i++)
        if (str_eq(jin_str(jin_get(jin_at(items, i), "code")), code))
            return jin_at(items, i);
    return NULL;
}

/* A field named as different must be one of those the item compares. */
static void items_judge(struct ctx *c, const struct firm_row *row, const struct vec *items)
{
    struct paper_item *it = items->p;
    for (size_t i = 0; i < items->n; i++) {
        const struct jin *rule = item_rule(c, it[i].code);
        struct paper_diff *d = it[i].diffs.p;
        if (!rule)
            complain(c, arena_fmt(c->a, "paper_items.%zu.code", i), "unknown",
                "清单里没有“%.*s”这一项", STR_ARG(it[i].code));
        for (size_t k = 0; k < it[i].diffs.n; k++) {
            if (rule && !lists(jin_get(rule, "compare"), d[k].field))
                complain(c, arena_fmt(c->a, "paper_items.%zu.diffs.%zu.field", i, k), "unknown",
                    "“%.*s”不是这一项要核对的内容", STR_ARG(d[k].field));
            diff_fill(c, row, &d[k]);
        }
    }
}

static struct str paper_json(struct ctx *c, const struct vec *items)
{
    struct buf b;
    struct jw w;
    buf_init(&b, ITEMS_MAX);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < items->n; i++)
        desc_json(&paper_item_desc, (const struct paper_item *)items->p + i, &w);
    jw_end_arr(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err scans_take(struct ctx *c, const struct paper_check_row *p, struct str ids)
{
    struct attachment_owner owner = {p->firm, "paper_check", p->id};
    enum err e = OK;
    for (int i = 0; !e && ids.n; i++) {
        struct str one = str_cut(ids, ',', &ids);
        int64_t id = 0;
        if (i == SCANS_MAX || !str_int(one, &id))
            return fail(c, ERR_INVALID, "scans", "扫描件：编号不对，或者超过 30 个");
        e = attachment_assign(c, &owner, id);
    }
    return e;
}

enum err firm_paper_store(struct ctx *c, const struct paper_check_new *in, struct firm_row *row)
{
    struct paper_check_row p;
    struct note n = {.label = in->paper_match == 1 ? "确认与纸质档案一致" : "记录与纸质档案不一致",
        .text = in->paper_note};
    if (in->paper_match == NULL_INT)
        return OK;
    items_judge(c, row, &in->paper_items);
    enum err e = checked(c);
    if (e)
        return e;
    desc_clear(&paper_check_row_desc, &p);
    p.firm = row->id;
    (void)template_body(c->app, "paper_checklist", &p.template_version);
    p.items = paper_json(c, &in->paper_items);
    p.match = in->paper_match;
    p.note = in->paper_note;
    p.at = c->now;
    p.by_name = c->actor.name;
    p.by_account = c->actor.account;
    row->paper_match = in->paper_match;
    row->paper_by = c->actor.name;
    row->paper_at = c->now;
    e = p.items.p ? rec_insert(c, &kind_paper_check, &p, &n)
                  : fail(c, ERR_TOO_LARGE, "paper_items", NULL);
    return e ? e : scans_take(c, &p, in->scans);
}

enum err op_paper_check_create(
    struct ctx *c, const struct paper_check_new *in, struct firm_view *ret)
{
    struct firm_row old, row;
    struct note n = {.label = "核对纸质档案", .text = in->paper_note};
    enum err e = firm_need(c, in->firm, &old);
    if (e)
        return e;
    if (!str_eqz(old.state, "admitted"))
        return fail(c, ERR_STATE, NULL, "还没有入库，请在现场审核时核对纸质档案");
    if (in->paper_match == 0 && !in->paper_note.n)
        return fail(c, ERR_INVALID, "paper_note", "不一致情况：请写明哪里不一致");
    row = old;
    e = firm_paper_store(c, in, &row);
    if (!e)
        e = firm_change(c, &old, &row, &n);
    return e ? e : firm_view_fill(c, &row, ret);
}

/* --- where it stands -------------------------------------------------------------------------- */

struct changed {
    struct ctx *c;
    struct paper_change *rows;
    size_t n;
};

static void changed_add(struct changed *x, struct str field, struct str label, struct q *q)
{
    for (size_t i = 0; i < x->n; i++)
        if (str_eq(x->rows[i].label, label))
            return;
    if (x->n < CHANGED_MAX)
        x->rows[x->n++] = (struct paper_change){
            keep(x->c, field), keep(x->c, label), q_get_int(q, 1), keep(x->c, q_get_str(q, 2))};
}

/* Looking at what the firm told changes nothing of it. */
static bool only_checked(const struct jin *changes)
{
    for (size_t i = 0; i < jin_len(changes); i++)
        if (!str_starts(jin_str(jin_get(jin_at(changes, i), "field")), S("checked")))
            return false;
    return jin_len(changes) > 0;
}

/* One line of the history: the compared fields it changed, or a watched record beside the firm. */
static void changed_read(struct changed *x, struct q *q)
{
    const struct jin *doc = NULL;
    const struct record_kind *k = record_kind_find(x->c->app, (int)q_get_int(q, 3));
    if (!k || jin_parse(q_get_str(q, 4), 8, &doc))
        return;
    const struct jin *changes = jin_get(doc, "changes");
    for (size_t i = 0; i < jin_len(changes); i++) {
        struct str field = jin_str(jin_get(jin_at(changes, i), "field"));
        if (watches(x->c, "compare", field))
            changed_add(x, field, jin_str(jin_get(jin_at(changes, i), "label")), q);
    }
    bool beside = watches(x->c, "kinds", str_z(k->name)) && !only_checked(changes);
    bool product = strcmp(k->name, "product") == 0 && !jin_len(changes);
    if (beside || product)
        changed_add(x, str_z(k->name), jin_str(jin_get(doc, "label")), q);
    jin_free(doc);
}

enum err firm_paper_state(struct ctx *c, const struct firm_row *row, struct paper_state *ret)
{
    struct paper_check_row last;
    struct changed x = {c, arena_new(c->a, struct paper_change, CHANGED_MAX), 0};
    struct q q;
    desc_clear(&paper_check_row_desc, &last);
    desc_clear(&paper_state_desc, ret);
    q_begin(&q, c->db, SQL_firm_paper_last);
    q_int(&q, "firm", row->id);
    enum err e = x.rows ? q_one(&q, &paper_check_row_desc, &last, c->a) : ERR_NOMEM;
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    ret->state = e ? S("none") : row->paper_match == 1 ? S("agrees") : S("differs");
    ret->label = e                       ? S("还没有核对")
                 : row->paper_match == 1 ? S("与纸质档案一致")
                                         : S("与纸质档案不一致");
    ret->at = last.at;
    ret->by_name = last.by_name;
    if (e || row->paper_match != NULL_INT)
        return OK;
    ret->state = S("reopened");
    ret->label = S("核对后有变动，需重新核对");
    q_begin(&q, c->db, SQL_journal_firm_after);
    q_int(&q, "firm", row->id);
    q_int(&q, "after", last.jseq);
    while (q_row(&q))
        changed_read(&x, &q);
    ret->changed = (struct vec){x.rows, x.n};
    return db_fail(c, q_end(&q));
}
