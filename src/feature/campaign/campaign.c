/* Opening, changing and closing campaigns (PL-26, PL-73). */
#include "core/codes.h"
#include "core/template.h"
#include "domain/workday.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"

#define WORKFLOW "workflow_campaign"

enum { TEXT_MAX = 64 << 10, LIST_MAX = 200, ACTIONS_MAX = 8 };

/* --- scope -------------------------------------------------------------------------------------
 */

bool campaign_covers(const struct campaign_row *row, struct str path)
{
    struct str rest = row->paths;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        if (str_starts(path, one) || str_starts(one, path))
            return true;
    }
    return false;
}

bool campaign_holds(const struct campaign_row *row, struct str path)
{
    struct str rest = row->paths;
    while (rest.n)
        if (str_starts(path, str_cut(rest, ',', &rest)))
            return true;
    return false;
}

enum err campaign_need(struct ctx *c, int64_t id, struct campaign_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_campaign, id, ret) : ERR_NOT_FOUND;
    if (!e && c->actor.account &&
        (!c->actor.org_path.n || !campaign_covers(ret, c->actor.org_path)))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err campaign_closed(struct ctx *c)
{
    return fail(c, ERR_STATE, "campaign",
        "这次摸底已经结束，不能再核对或报送；确需继续的，请联系发起机构恢复摸底后再办");
}

enum err campaign_need_open(struct ctx *c, int64_t id, struct campaign_row *ret)
{
    enum err e = campaign_need(c, id, ret);
    if (e)
        return e;
    return str_eqz(ret->state, "open") ? OK : campaign_closed(c);
}

enum err campaign_org(struct ctx *c, int64_t org, struct org_row *ret)
{
    return org_load(c, org == NULL_INT ? c->actor.org : org, ret);
}

/* --- showing -----------------------------------------------------------------------------------
 */

struct str campaign_row_text(struct ctx *c, const struct desc *d, const void *row)
{
    struct buf b;
    struct jw w;
    buf_init(&b, TEXT_MAX);
    jw_init(&w, &b);
    jw_obj(&w);
    for (size_t i = 0; i < d->n; i++) {
        if (d->fields[i].flags & F_OUT)
            continue;
        jw_key(&w, d->fields[i].name);
        field_json(d, row, i, &w);
    }
    jw_end_obj(&w);
    struct str s = b.err ? STR_NULL : keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

struct actions {
    struct ctx *c;
    struct action_view *items;
    size_t n;
};

static void add_action(void *arg, const struct jin *t)
{
    struct actions *a = arg;
    const struct jin *fields = jin_get(t, "fields");
    if (!a->items || a->n == ACTIONS_MAX || jin_str(jin_get(t, "by")).p)
        return;
    a->items[a->n++] = (struct action_view){.action = keep(a->c, jin_str(jin_get(t, "code"))),
        .label = keep(a->c, jin_str(jin_get(t, "label"))),
        .needs = jin_len(fields) ? S("[\"reason\"]") : S("[]")};
}

struct vec campaign_actions(struct ctx *c, const char *workflow, struct str state)
{
    struct actions a = {c, arena_new(c->a, struct action_view, ACTIONS_MAX), 0};
    wf_actions(c, workflow, state, add_action, &a);
    return (struct vec){a.items, a.n};
}

static struct str area_names(struct ctx *c, const struct campaign_row *row)
{
    struct buf b;
    struct area_row area;
    struct str rest = row->areas;
    if (!rest.n)
        return S("全部辖区");
    buf_init(&b, TEXT_MAX);
    while (rest.n) {
        struct str code = str_cut(rest, ',', &rest);
        if (b.n)
            buf_addz(&b, "、");
        buf_add(&b, area_get(c, code, &area) == OK ? area.name : code);
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* What the actor's own authority has to do with it. */
static enum err own_part(struct ctx *c, const struct campaign_row *row, struct campaign_view *ret)
{
    struct asked asked;
    struct campaign_date_row own;
    struct campaign_submission_row sent;
    struct str path = c->actor.org_path;
    bool opener = str_eq(path, row->org_path), open = str_eqz(row->state, "open");
    if (opener) {
        ret->below_due = row->due_day;
        ret->can_edit = open && can(c, PERM_CAMPAIGN_OPEN);
        return OK;
    }
    enum err e = campaign_asked(c, row, path, &asked);
    if (!e)
        e = campaign_own_date(c, row->id, path, &own);
    if (!e)
        e = submission_newest(c, row->id, c->actor.org, &sent);
    if (e)
        return e;
    ret->my_due = asked.due;
    ret->my_prio = asked.prio;
    ret->born_overdue = asked.due < asked.set;
    ret->overdue = asked.due < c->today;
    ret->workdays_left = workday_between(&ref_tables(c->app)->calendar, c->today, asked.due);
    ret->own_date = own.id != NULL_INT;
    ret->date_version = own.id == NULL_INT ? 0 : own.version;
    ret->below_due = own.id == NULL_INT ? asked.due : own.due_day;
    ret->my_submission = sent.id == NULL_INT ? STR_NULL : sent.state;
    ret->can_date = open && can(c, PERM_CAMPAIGN_DATE) && c->actor.level < 4;
    ret->can_submit = open && can(c, PERM_CAMPAIGN_SUBMIT) &&
                      (sent.id == NULL_INT || str_eqz(sent.state, "returned"));
    return OK;
}

static enum err view_fill(struct ctx *c, const struct campaign_row *row, struct campaign_view *ret)
{
    desc_clear(&campaign_view_desc, ret);
    ret->id = row->id;
    ret->version = row->version;
    ret->record = campaign_row_text(c, &campaign_row_desc, row);
    ret->org_name = org_name(c, row->org);
    ret->area_names = area_names(c, row);
    ret->state_label = code_label(c, "campaign_state", row->state);
    ret->as_of = c->now;
    if (str_eq(c->actor.org_path, row->org_path))
        ret->actions = campaign_actions(c, WORKFLOW, row->state);
    return own_part(c, row, ret);
}

static enum err answer(struct ctx *c, const struct campaign_row *row, struct campaign_view *ret)
{
    c->reply.version = row->version;
    return view_fill(c, row, ret);
}

enum err op_campaign_get(struct ctx *c, const struct campaign_ref *in, struct campaign_view *ret)
{
    struct campaign_row row;
    enum err e = campaign_need(c, in->campaign, &row);
    return e ? e : answer(c, &row, ret);
}

enum err op_campaign_list(struct ctx *c, const struct none *in, struct campaign_list *ret)
{
    struct q q;
    struct vec rows = {0};
    size_t n = 0;
    (void)in;
    q_begin(&q, c->db, SQL_campaigns_newest);
    enum err e = q_all(&q, &campaign_row_desc, &rows, c->a);
    struct campaign_view *items = arena_new(c->a, struct campaign_view, rows.n + 1);
    if (e || !items)
        return db_fail(c, e ? e : ERR_NOMEM);
    for (size_t i = 0; !e && i < rows.n; i++) {
        const struct campaign_row *row = (const struct campaign_row *)rows.p + i;
        if (c->actor.org_path.n && campaign_covers(row, c->actor.org_path))
            e = view_fill(c, row, &items[n++]);
    }
    ret->items = (struct vec){items, n};
    return e;
}

/* --- opening -----------------------------------------------------------------------------------
 */

static bool codes_have(struct str joined, const char *code)
{
    while (joined.n)
        if (str_eqz(str_cut(joined, ',', &joined), code))
            return true;
    return false;
}

/* The orgs that answer for the areas, and nothing outside the opener's subtree. */
static enum err scope_set(struct ctx *c, struct campaign_row *row)
{
    struct buf b;
    struct org_row org;
    struct str rest = row->areas;
    enum err e = OK;
    buf_init(&b, TEXT_MAX);
    if (!rest.n)
        buf_add(&b, c->actor.org_path);
    while (rest.n && !e) {
        struct str code = str_cut(rest, ',', &rest);
        e = org_by_area(c, code, c->today, &org);
        if (e == ERR_NOT_FOUND || (!e && !scope_has(c, org.path))) {
            complain(c, S("areas"), "scope", "区划 %.*s 不在您的管辖范围内", STR_ARG(code));
            e = OK;
            continue;
        }
        if (b.n)
            buf_addc(&b, ',');
        buf_add(&b, org.path);
    }
    row->paths = keep(c, buf_str(&b));
    buf_free(&b);
    return db_fail(c, e);
}

/* The forms' versions in force: what is asked stays the same to the end (PL-73). */
static void forms_set(struct ctx *c, struct campaign_row *row)
{
    if (codes_have(row->forms, "view"))
        complain(c, S("forms"), "code", "表式：只能选附件2、附件3");
    if (codes_have(row->forms, "att2"))
        (void)template_body(c->app, "att2", &row->att2_version);
    if (codes_have(row->forms, "att3"))
        (void)template_body(c->app, "att3", &row->att3_version);
}

static void check_days(struct ctx *c, const struct campaign_row *row)
{
    if (row->due_day < row->from_day)
        complain(c, S("due_day"), "range", "报送日期不能早于开始日期");
    if (row->prio_day != NULL_INT && row->prio_day < row->from_day)
        complain(c, S("prio_day"), "range", "优先单位录入日期不能早于开始日期");
}

enum err op_campaign_open(struct ctx *c, const struct campaign_new *in, struct campaign_view *ret)
{
    struct campaign_row row;
    struct note n = {.label = "发起摸底", .text = in->title};
    if (c->actor.level != 1)
        return fail(c, ERR_FORBIDDEN, NULL, "全省摸底由省局发起；本级可以确定对下级的日期");
    desc_clear(&campaign_row_desc, &row);
    row.org = c->actor.org;
    row.org_path = c->actor.org_path;
    row.title = in->title;
    row.doc_no = in->doc_no;
    row.kinds = in->kinds;
    row.areas = in->areas.n ? in->areas : STR_NULL;
    row.forms = in->forms;
    row.from_day = in->from_day == NULL_INT ? c->today : in->from_day;
    row.due_day = in->due_day;
    row.prio_day = in->prio_day;
    row.note = in->note;
    row.state = S("open");
    row.at = c->now;
    row.by_account = c->actor.account;
    row.by_name = c->actor.name;
    row.version = 1;
    enum err e = scope_set(c, &row);
    forms_set(c, &row);
    check_days(c, &row);
    if (!e)
        e = checked(c);
    if (!e)
        e = rec_insert(c, &kind_campaign, &row, &n);
    return e ? e : answer(c, &row, ret);
}

/* --- changing ----------------------------------------------------------------------------------
 */

static enum err stale(struct ctx *c, const struct campaign_row *row)
{
    c->reply.current = campaign_row_text(c, &campaign_row_desc, row);
    return fail(c, ERR_STALE, NULL, NULL);
}

/* Only who opened it changes it. */
static enum err own_need(struct ctx *c, int64_t id, struct campaign_row *ret)
{
    enum err e = campaign_need(c, id, ret);
    if (!e && c->actor.org != ret->org)
        return fail(c, ERR_FORBIDDEN, NULL, "摸底由发起机构修改；本级可以确定对下级的日期");
    return e || c->if_match == ret->version ? e : stale(c, ret);
}

enum err op_campaign_edit(struct ctx *c, const struct campaign_edit *in, struct campaign_view *ret)
{
    struct campaign_row old, row;
    struct note n = {.label = "修改摸底", .text = in->reason};
    enum err e = own_need(c, in->campaign, &old);
    if (e)
        return e;
    if (!str_eqz(old.state, "open"))
        return campaign_closed(c);
    row = old;
    row.title = in->title.n ? in->title : old.title;
    row.doc_no = in->doc_no.p ? in->doc_no : old.doc_no;
    row.note = in->note.p ? in->note : old.note;
    row.due_day = in->due_day == NULL_INT ? old.due_day : in->due_day;
    row.prio_day = in->prio_day == NULL_INT ? old.prio_day : in->prio_day;
    check_days(c, &row);
    if (row.due_day != old.due_day && !in->reason.n)
        complain(c, S("reason"), "required", "修改理由：改报送日期要写明理由，各级都看得到");
    e = checked(c);
    row.version = old.version + 1;
    if (!e)
        e = rec_update(c, &kind_campaign, &old, &row, &n);
    return e ? e : answer(c, &row, ret);
}

static struct str step_fact(void *arg, const char *key)
{
    const struct campaign_step *in = arg;
    return strcmp(key, "reason") == 0 ? in->reason : S("");
}

/* Who is just making a submission: closing would lose their work. */
static enum err under_way(struct ctx *c, const struct campaign_row *row, struct str *ret)
{
    struct q q;
    struct buf b;
    int n = 0;
    buf_init(&b, TEXT_MAX);
    q_begin(&q, c->db, SQL_submissions_making);
    q_int(&q, "campaign", row->id);
    while (q_row(&q)) {
        if (n++)
            buf_addz(&b, "、");
        buf_add(&b, q_get_str(&q, 0));
    }
    *ret = n ? keep(c, buf_str(&b)) : STR_NULL;
    buf_free(&b);
    return db_fail(c, q_end(&q));
}

enum err op_campaign_step(struct ctx *c, const struct campaign_step *in, struct campaign_view *ret)
{
    struct campaign_row old, row;
    struct str who = STR_NULL;
    enum err e = own_need(c, in->campaign, &old);
    if (e)
        return e;
    const struct jin *t = wf_find(c, WORKFLOW, in->action, old.state);
    if (!t)
        return c->err;
    if (!wf_may(c, t, old.state))
        return fail(c, ERR_FORBIDDEN, NULL, NULL);
    wf_inputs(c, t, step_fact, (void *)(uintptr_t)in);
    e = checked(c);
    row = old;
    row.state = keep(c, wf_to(t));
    if (!e && str_eqz(row.state, "closed") && in->anyway != 1)
        e = under_way(c, &old, &who);
    if (!e && who.p)
        return failf(c, ERR_STATE, "anyway",
            "%.*s 正在报送，现在结束会使这次报送送不出去；请等几分钟再结束，或确认仍要结束",
            STR_ARG(who));
    if (e)
        return e;
    row.close_reason = in->reason;
    row.version = old.version + 1;
    struct note n = {.label = wf_label(c, t), .text = in->reason};
    e = rec_update(c, &kind_campaign, &old, &row, &n);
    return e ? e : answer(c, &row, ret);
}
