/* Working on a hazard: the steps of workflow_hazard, and the page that shows them. */
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "core/workflow.h"
#include "feature/hazard/hazard.h"
#include "feature/ops.h"

enum { STEPS_MAX = 500, ACTIONS_MAX = 20, PAGE_BYTES = 64 << 10, NOTE_DEPTH = 8 };

#define WORKFLOW "workflow_hazard"

/* --- who fixed it ---------------------------------------------------------------------------- */

static enum err steps_load(struct ctx *c, const struct hazard_row *h, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_hazard_notes);
    q_int(&q, "firm", h->firm);
    q_int(&q, "kind", kind_hazard.code);
    q_int(&q, "ref", h->id);
    enum err e = q_all(&q, &history_item_desc, ret, c->a);
    struct history_item *items = ret->p;
    for (size_t i = 0; !e && i < ret->n; i++)
        items[i].kind_label = str_z(kind_hazard.label);
    return db_fail(c, e);
}

/* Whether a history note tells of the step to `state`. */
static bool note_reaches(struct str note, const char *state)
{
    const struct jin *doc;
    bool hit = false;
    if (!note.n || jin_parse(note, NOTE_DEPTH, &doc))
        return false;
    const struct jin *changes = jin_get(doc, "changes");
    for (size_t i = 0; i < jin_len(changes) && !hit; i++) {
        const struct jin *ch = jin_at(changes, i);
        hit = str_eqz(jin_str(jin_get(ch, "field")), "state") &&
              str_eqz(jin_str(jin_get(ch, "new")), state);
    }
    jin_free(doc);
    return hit;
}

/* The account that last said "fixed"; NULL_INT when nobody did. */
static int64_t fixed_by(const struct vec *steps)
{
    const struct history_item *items = steps->p;
    for (size_t i = steps->n; i-- > 0;)
        if (note_reaches(items[i].note, "fixed"))
            return items[i].actor;
    return NULL_INT;
}

/* what is larger or major is confirmed by someone else than who fixed it. */
static bool needs_other(
    struct ctx *c, const struct jin *t, const struct hazard_row *h, const struct vec *steps)
{
    const struct jin *severities = jin_get(t, "other_person");
    for (size_t i = 0; i < jin_len(severities); i++)
        if (str_eq(jin_str(jin_at(severities, i)), h->severity))
            return fixed_by(steps) == c->actor.account ||
                   (h->fixer.n && str_eq(h->fixer, c->actor.name));
    return false;
}

/* --- the page -------------------------------------------------------------------------------- */

/* The record without what only the program needs. */
static struct str row_json(struct ctx *c, const struct hazard_row *h)
{
    struct buf b;
    struct jw w;
    buf_init(&b, PAGE_BYTES);
    jw_init(&w, &b);
    jw_obj(&w);
    for (size_t i = 0; i < hazard_row_desc.n; i++) {
        if (hazard_row_desc.fields[i].flags & F_OUT)
            continue;
        jw_key(&w, hazard_row_desc.fields[i].name);
        field_json(&hazard_row_desc, h, i, &w);
    }
    jw_end_obj(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str labels_json(struct ctx *c, const struct hazard_row *h)
{
    struct buf b;
    struct jw w;
    buf_init(&b, PAGE_BYTES);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key(&w, "state");
    jw_str(&w, code_label(c, "hazard_state", h->state));
    jw_key(&w, "source");
    jw_str(&w, code_label(c, "hazard_source", h->source));
    jw_key(&w, "severity");
    jw_str(&w, code_label(c, "severity", h->severity));
    jw_end_obj(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

struct actions {
    struct ctx *c;
    const struct hazard_row *h;
    const struct vec *steps;
    struct action_view *items;
    size_t n;
};

static struct str field_names(struct ctx *c, const struct jin *fields)
{
    struct buf b;
    struct jw w;
    buf_init(&b, PAGE_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    for (size_t i = 0; i < jin_len(fields); i++)
        jw_str(&w, jin_str(jin_get(jin_at(fields, i), "key")));
    jw_end_arr(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static void add_action(void *arg, const struct jin *t)
{
    struct actions *a = arg;
    if (a->n == ACTIONS_MAX || needs_other(a->c, t, a->h, a->steps))
        return;
    a->items[a->n++] = (struct action_view){.action = keep(a->c, jin_str(jin_get(t, "code"))),
        .label = keep(a->c, jin_str(jin_get(t, "label"))),
        .needs = field_names(a->c, jin_get(t, "fields"))};
}

static enum err photos_load(struct ctx *c, const struct hazard_row *h, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_attachment_of_owner);
    q_int(&q, "firm", h->firm);
    q_str(&q, "owner_kind", S("hazard"));
    q_int(&q, "owner", h->id);
    return db_fail(c, q_all(&q, &attachment_view_desc, ret, c->a));
}

static bool overdue(const struct ctx *c, const struct hazard_row *h)
{
    return h->due_day != NULL_INT && h->due_day < c->today && !str_eqz(h->state, "closed");
}

static enum err view_fill(
    struct ctx *c, const struct hazard_row *h, const struct firm_row *firm, struct hazard_view *ret)
{
    struct actions a = {c, h, &ret->steps, arena_new(c->a, struct action_view, ACTIONS_MAX), 0};
    if (!a.items)
        return fail(c, ERR_NOMEM, NULL, NULL);
    ret->id = h->id;
    ret->version = h->version;
    ret->firm = firm->id;
    ret->firm_name = firm->name;
    ret->record = row_json(c, h);
    ret->labels = labels_json(c, h);
    ret->overdue = overdue(c, h);
    enum err e = photos_load(c, h, &ret->photos);
    if (!e)
        e = steps_load(c, h, &ret->steps);
    if (e)
        return e;
    wf_actions(c, WORKFLOW, h->state, add_action, &a);
    ret->actions = (struct vec){a.items, a.n};
    c->reply.version = h->version;
    return OK;
}

/* A hazard is reached through its firm; out of scope is no different from absent. */
static enum err hazard_need(
    struct ctx *c, int64_t id, struct hazard_row *ret, struct firm_row *ret_firm)
{
    enum err e = id > 0 ? rec_get(c, &kind_hazard, id, ret) : fail(c, ERR_NOT_FOUND, NULL, NULL);
    return e ? e : firm_need(c, ret->firm, ret_firm);
}

enum err op_hazard_get(struct ctx *c, const struct hazard_ref *in, struct hazard_view *ret)
{
    struct hazard_row h;
    struct firm_row firm;
    enum err e = hazard_need(c, in->hazard, &h, &firm);
    return e ? e : view_fill(c, &h, &firm, ret);
}

/* --- a step ---------------------------------------------------------------------------------- */

struct step {
    struct ctx *c;
    const struct hazard_step *in;
    const struct jin *t; /* the transition */
    struct hazard_row old, row;
};

static struct str step_fact(void *arg, const char *key)
{
    const struct step *s = arg;
    int i = desc_find(&hazard_step_desc, str_z(key));
    if (i < 0)
        return S("");
    const char *member = (const char *)s->in + hazard_step_desc.fields[i].off;
    if (field_is_text(hazard_step_desc.fields[i].type))
        return *(const struct str *)member;
    return *(const int64_t *)member == NULL_INT ? S("") : S("true");
}

static bool takes(const struct step *s, const char *key)
{
    const struct jin *fields = jin_get(s->t, "fields");
    for (size_t i = 0; i < jin_len(fields); i++)
        if (str_eqz(jin_str(jin_get(jin_at(fields, i), "key")), key))
            return true;
    return false;
}

/* What this step does not ask for must not come with it. */
static void refuse_others(struct step *s)
{
    static const char *const keys[] = {"text", "severity", "fixer", "due_day"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (step_fact(s, keys[i]).n && !takes(s, keys[i]))
            complain(s->c, str_z(keys[i]), "unknown", "这一步不用填这一项");
    if (s->in->due_day != NULL_INT && s->in->due_day < s->c->today)
        complain(s->c, S("due_day"), "range", "改完的日期不能早于今天");
}

static enum err judge(struct step *s)
{
    struct ctx *c = s->c;
    struct vec steps = {NULL, 0};
    s->t = wf_find(c, WORKFLOW, s->in->action, s->old.state);
    if (!s->t)
        return c->err;
    if (!wf_may(c, s->t, s->old.state))
        return fail(
            c, ERR_FORBIDDEN, NULL, "这一步由单位的质量安全员、质量安全总监或主要负责人办理");
    wf_inputs(c, s->t, step_fact, s);
    refuse_others(s);
    enum err e = checked(c);
    if (!e)
        e = steps_load(c, &s->old, &steps);
    if (e)
        return e;
    if (needs_other(c, s->t, &s->old, &steps))
        return fail(c, ERR_STATE, "action", "较大、重大问题要由另一个人核实，不能由改的人自己关闭");
    return OK;
}

static void apply_state(struct step *s)
{
    struct hazard_row *row = &s->row;
    row->state = keep(s->c, wf_to(s->t));
    if (str_eqz(row->state, "fixed")) {
        row->fixed_day = s->c->today;
        row->fix_note = s->in->text;
    } else if (str_eqz(row->state, "closed")) {
        row->closed_day = s->c->today;
        row->close_note = s->in->text;
    } else {
        row->fixed_day = NULL_INT;
        row->fix_note = STR_NULL;
    }
}

static enum err apply(struct step *s)
{
    struct hazard_row *row = &s->row;
    *row = s->old;
    if (s->in->severity.n)
        row->severity = s->in->severity;
    if (s->in->fixer.n)
        row->fixer = s->in->fixer;
    if (s->in->due_day != NULL_INT)
        row->due_day = s->in->due_day;
    row->version = s->old.version + 1;
    apply_state(s);
    struct note n = {.label = wf_label(s->c, s->t), .text = s->in->text};
    return rec_update(s->c, &kind_hazard, &s->old, row, &n);
}

enum err op_hazard_step(struct ctx *c, const struct hazard_step *in, struct hazard_view *ret)
{
    struct step s = {.c = c, .in = in};
    struct firm_row firm;
    enum err e = hazard_need(c, in->hazard, &s.old, &firm);
    if (e)
        return e;
    if (c->if_match != s.old.version) {
        c->reply.current = row_json(c, &s.old);
        return fail(c, ERR_STALE, NULL, NULL);
    }
    e = judge(&s);
    if (!e)
        e = apply(&s);
    return e ? e : view_fill(c, &s.row, &firm, ret);
}
