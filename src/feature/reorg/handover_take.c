/* Following a hand-over and signing for it. */
#include "base/civil.h"
#include "base/jsonin.h"
#include "core/app.h"
#include "core/codes.h"
#include "core/template.h"
#include "domain/workday.h"
#include "feature/account/account.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"
#include "feature/reorg/handover.h"

/* --- showing ------------------------------------------------------------------------------------
 */

static enum err parts_of(struct ctx *c, int64_t handover, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_handover_parts);
    q_int(&q, "handover", handover);
    return db_fail(c, q_all(&q, &handover_part_row_desc, ret, c->a));
}

/* The day by which the change of supervisors was to be entered, and how late it is (PL-19). */
static void judge(struct ctx *c, const struct handover_row *r, struct handover_view *ret)
{
    const struct workday_calendar *cal = &ref_tables(c->app)->calendar;
    int64_t end = r->done_at == NULL_INT ? c->today : civil_today(r->done_at);
    ret->due_day =
        workday_add(cal, r->day, setting_int(c->app, "supervisor_change_workdays", 5), NULL);
    ret->late = str_eqz(r->state, "cancelled") ? 0 : workday_between(cal, ret->due_day, end);
}

enum err handover_show(struct ctx *c, const struct handover_row *r, struct handover_view *ret)
{
    *ret = (struct handover_view){.id = r->id,
        .state = r->state,
        .giver = r->giver,
        .giver_name = r->giver_name,
        .org_name = r->org_name,
        .day = r->day,
        .reason = r->reason,
        .disable = r->disable,
        .firms = r->firms,
        .views = r->views,
        .at = r->at,
        .by_name = r->by_name,
        .done_at = r->done_at,
        .version = r->version};
    enum err e = parts_of(c, r->id, &ret->parts);
    const struct handover_part_row *p = ret->parts.p;
    struct str proof = arena_fmt(c->a, "%lld", (long long)r->jseq);
    ret->mine = 0;
    for (size_t i = 0; !e && i < ret->parts.n; i++) {
        ret->mine |= p[i].taker == c->actor.account && str_eqz(p[i].state, "open");
        proof = arena_fmt(c->a, "%.*s、%lld", STR_ARG(proof), (long long)p[i].jseq);
    }
    ret->proof = proof;
    judge(c, r, ret);
    c->reply.version = r->version;
    return e;
}

static bool takes(const struct ctx *c, const struct vec *parts)
{
    const struct handover_part_row *p = parts->p;
    for (size_t i = 0; i < parts->n; i++)
        if (p[i].taker == c->actor.account)
            return true;
    return false;
}

/* Seen by giver, takers, who filed it, and who leads the authority. */
static enum err seen(struct ctx *c, int64_t id, struct handover_row *ret)
{
    struct vec parts = {0};
    struct org_row org;
    enum err e = id > 0 ? rec_get(c, &kind_handover, id, ret) : ERR_NOT_FOUND;
    if (!e)
        e = parts_of(c, id, &parts);
    if (e)
        return fail(c, e, NULL, NULL);
    bool own = ret->giver == c->actor.account || ret->by_account == c->actor.account;
    if (own || takes(c, &parts))
        return OK;
    e = org_get(c, ret->org, &org);
    if (!e && can(c, PERM_ORG_CHANGE) && scope_has(c, org.path))
        return OK;
    return fail(c, ERR_NOT_FOUND, NULL, NULL);
}

enum err op_handover_get(struct ctx *c, const struct handover_ref *in, struct handover_view *ret)
{
    struct handover_row row;
    enum err e = seen(c, in->handover, &row);
    return e ? e : handover_show(c, &row, ret);
}

#define COL(col, ftype, fl, text, list)                                                            \
    {                                                                                              \
        .name = #col, .type = FT_##ftype, .flags = (fl), .label = (text), .codes = (list),         \
        .expr = "x." #col                                                                          \
    }

static const struct list_col cols[] = {
    COL(id, INT, LC_ALWAYS, "编号", NULL),
    COL(giver, INT, LC_ALWAYS, "移交账号", NULL),
    COL(giver_name, STR, LC_DEFAULT, "移交人", NULL),
    COL(org_name, STR, LC_DEFAULT, "机构", NULL),
    COL(state, CODE, LC_DEFAULT | LC_FILTER, "状态", "handover_state"),
    COL(firms, INT, LC_DEFAULT, "单位数", NULL),
    COL(views, INT, LC_DEFAULT, "视图数", NULL),
    COL(day, DAY, LC_DEFAULT | LC_FILTER | LC_SORT, "接手日期", NULL),
    COL(reason, STR, LC_DEFAULT, "移交原因", NULL),
    COL(by_name, STR, LC_DEFAULT, "发起人", NULL),
    COL(at, TIME, LC_DEFAULT, "发起时间", NULL),
    COL(done_at, TIME, LC_DEFAULT, "完成时间", NULL),
};

static const struct list_def handover_list = {.name = "handover",
    .from = "handover x JOIN org o ON o.id = x.org",
    .id = "x.id",
    .scope = "o.path",
    .default_sort = "-id",
    .cols = cols,
    .n = sizeof cols / sizeof *cols};

static enum err concerns(struct ctx *c, struct list_sql *s, void *arg)
{
    (void)arg;
    list_part(s, PART_handover_mine, c->actor.account);
    return OK;
}

enum err op_handover_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    struct list_run r = {.c = c, .def = &handover_list, .lq = in};
    if (!can(c, PERM_ORG_CHANGE)) { /* one's own; else those of the authorities below */
        r.no_scope = true;
        r.extra = concerns;
    }
    return list_page(&r, ret);
}

/* --- signing ------------------------------------------------------------------------------------
 */

struct taking {
    struct ctx *c;
    struct handover_row row;
    struct handover_part_row part;
};

static enum err take_firm(struct taking *t, int64_t id)
{
    struct ctx *c = t->c;
    struct firm_row firm;
    struct note n = {.label = "工作交接：变更监管责任人"};
    struct supervisor_who who = {.name = t->part.taker_name, .from_day = t->row.day};
    enum err e = rec_get(c, &kind_firm, id, &firm);
    if (e || !str_eq(firm.supervisor, t->row.giver_name))
        return e; /* another has taken it meanwhile */
    n.text = arena_fmt(c->a, "%.*s 移交 %.*s，交接单 %lld", STR_ARG(t->row.giver_name),
        STR_ARG(t->part.taker_name), (long long)t->row.id);
    return firm_supervise(c, &firm, &who, &n);
}

static enum err take_view(struct taking *t, int64_t id)
{
    struct view_row old, row;
    struct note n = {.label = "工作交接：转给接收人"};
    enum err e = rec_get(t->c, &kind_view, id, &old);
    if (e || old.account != t->row.giver || old.void_flag == 1)
        return e;
    row = old;
    row.account = t->part.taker;
    row.version++;
    return rec_update(t->c, &kind_view, &old, &row, &n);
}

static enum err take_each(
    struct taking *t, struct str list, enum err (*take)(struct taking *t, int64_t id))
{
    const struct jin *doc = NULL;
    enum err e = jin_parse(list, 8, &doc);
    for (size_t i = 0; !e && i < jin_len(doc); i++)
        e = take(t, jin_int(jin_get(jin_at(doc, i), "id"), 0));
    jin_free(doc);
    return e ? fail(t->c, e, NULL, NULL) : OK;
}

static enum err sign(struct taking *t, bool accept, struct str note)
{
    struct handover_part_row old = t->part;
    struct note n = {.label = accept ? "签收工作交接" : "退回工作交接", .text = note};
    t->part.state = accept ? S("taken") : S("refused");
    t->part.note = note;
    t->part.answered_at = t->c->now;
    t->part.version++;
    enum err e = rec_update(t->c, &kind_handover_part, &old, &t->part, &n);
    if (!e && accept)
        e = take_each(t, t->part.firms, take_firm);
    if (!e && accept)
        e = take_each(t, t->part.views, take_view);
    return e;
}

/* Done when nobody is waited for; the account is disabled only when everything was taken. */
static enum err close_when_done(struct taking *t)
{
    struct vec parts = {0};
    struct handover_row old = t->row;
    struct note n = {.label = "工作交接完成"};
    size_t open = 0, taken = 0;
    enum err e = parts_of(t->c, t->row.id, &parts);
    const struct handover_part_row *p = parts.p;
    for (size_t i = 0; i < parts.n; i++) {
        open += str_eqz(p[i].state, "open");
        taken += str_eqz(p[i].state, "taken");
    }
    if (e || open)
        return e;
    t->row.state = S("done");
    t->row.done_at = t->c->now;
    t->row.version++;
    e = rec_update(t->c, &kind_handover, &old, &t->row, &n);
    if (!e && t->row.disable == 1 && taken == parts.n)
        e = account_stop(t->c, t->row.giver, S("工作已全部移交"));
    return e;
}

static enum err mine(struct taking *t)
{
    struct vec parts = {0};
    enum err e = parts_of(t->c, t->row.id, &parts);
    const struct handover_part_row *p = parts.p;
    for (size_t i = 0; !e && i < parts.n; i++) {
        if (p[i].taker != t->c->actor.account)
            continue;
        t->part = p[i];
        return str_eqz(p[i].state, "open") ? OK
                                           : fail(t->c, ERR_STATE, NULL, "这份移交已经答复过了");
    }
    return e ? e : fail(t->c, ERR_FORBIDDEN, NULL, "只有接收人本人可以签收");
}

enum err op_handover_answer(
    struct ctx *c, const struct handover_answer *in, struct handover_view *ret)
{
    struct taking t = {.c = c};
    enum err e = seen(c, in->handover, &t.row);
    if (!e && !str_eqz(t.row.state, "open"))
        e = fail(c, ERR_STATE, "state", "这份工作交接已经完成或撤回");
    if (!e)
        e = mine(&t);
    if (!e && in->accept != 1 && !in->note.n) {
        complain(c, S("note"), "required", "接收意见：退回时请写明原因");
        e = checked(c);
    }
    if (!e)
        e = sign(&t, in->accept == 1, in->note);
    if (!e)
        e = close_when_done(&t);
    return e ? e : handover_show(c, &t.row, ret);
}

enum err op_handover_cancel(struct ctx *c, const struct handover_ref *in, struct handover_view *ret)
{
    struct handover_row old, row;
    struct vec parts = {0};
    struct note n = {.label = "撤回工作交接"};
    enum err e = seen(c, in->handover, &old);
    if (!e && !str_eqz(old.state, "open"))
        e = fail(c, ERR_STATE, "state", "这份工作交接已经完成或撤回");
    if (!e && old.by_account != c->actor.account && !can(c, PERM_ORG_CHANGE))
        e = fail(c, ERR_FORBIDDEN, NULL, "由发起人或业务负责人撤回");
    if (!e)
        e = parts_of(c, old.id, &parts);
    const struct handover_part_row *p = parts.p;
    for (size_t i = 0; !e && i < parts.n; i++) {
        struct handover_part_row part = p[i];
        if (!str_eqz(part.state, "open"))
            continue; /* what was signed for stays taken */
        part.state = S("cancelled");
        part.version++;
        e = rec_update(c, &kind_handover_part, &p[i], &part, &n);
    }
    if (e)
        return e;
    row = old;
    row.state = S("cancelled");
    row.version++;
    e = rec_update(c, &kind_handover, &old, &row, &n);
    return e ? e : handover_show(c, &row, ret);
}
