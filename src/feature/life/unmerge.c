/* Taking a merger back. The entry that was merged gets back what the merger changed, as the journal
 * noted it then; its counters and its candidates follow, its relation is voided, the pair is open
 * again. Accounts stay ended: whoever needs one is invited anew. */
#include "base/jsonin.h"
#include "core/batch.h"
#include "core/past.h"
#include "core/template.h"
#include "feature/ledger/firm_follow.h"
#include "feature/life/life_impl.h"
#include "feature/org/org.h"
#include "feature/ops.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

enum { NOTE_DEPTH = 32, UNDO_DAYS = 15 };

/* A merger on its way back. */
struct undoing {
    struct ctx *c;
    struct twin_row pair;
    struct firm_row gone, kept; /* as they stand */
    struct firm_row was;        /* gone, before the merger */
    struct firm_link_row link;
    struct str reason;
};

int64_t unmerge_until(struct ctx *c, const struct twin_row *t)
{
    bool merged = str_eqz(t->state, "merged") && t->kept != NULL_INT;
    return merged ? t->decided_at + setting_int(c->app, "merge_undo_days", UNDO_DAYS) * DAY_MS
                  : NULL_INT;
}

/* --- what stands in the way ------------------------------------------------------------------- */

static enum err kept_gone(struct undoing *u)
{
    struct q q;
    struct str into = S("另一份档案");
    q_begin(&q, u->c->db, SQL_link_merged_into);
    q_int(&q, "firm", u->kept.id);
    if (q_row(&q))
        into = keep(u->c, q_get_str(&q, 1));
    enum err e = q_end(&q);
    return e ? db_fail(u->c, e)
             : failf(u->c, ERR_STATE, NULL, "“%.*s”后来又并入“%.*s”，请先撤销那一次合并",
                   STR_ARG(u->kept.name), STR_ARG(into));
}

static enum err check_place(struct undoing *u)
{
    struct ctx *c = u->c;
    struct org_row org;
    if (!(scope_has(c, u->gone.org_path) && scope_has(c, u->kept.org_path)))
        return fail(c, ERR_FORBIDDEN, NULL, "两家单位现在不都在您的管辖范围内，请由上级处理");
    enum err e = org_get(c, u->gone.org, &org);
    if (!e && org.valid_to != NULL_INT && org.valid_to <= c->today)
        return failf(
            c, ERR_STATE, NULL, "原来的属地机构“%.*s”已经撤销，请重新建档", STR_ARG(org.name));
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err check(struct undoing *u)
{
    struct ctx *c = u->c;
    int64_t until = unmerge_until(c, &u->pair);
    if (until == NULL_INT)
        return fail(c, ERR_STATE, NULL, "这一对没有合并，或合并已经撤销，请刷新查看");
    if (c->now > until)
        return failf(c, ERR_STATE, NULL, "合并已超过 %lld 天，不能再撤销；确属两家的，请重新建档",
            (long long)setting_int(c->app, "merge_undo_days", UNDO_DAYS));
    if (!firm_is_merged(&u->gone))
        return fail(c, ERR_STATE, NULL, "被并入的档案已经恢复，请刷新查看");
    if (firm_is_merged(&u->kept))
        return kept_gone(u);
    return check_place(u);
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum err load(struct undoing *u, int64_t twin)
{
    struct ctx *c = u->c;
    enum err e = twin_need(c, twin, &u->pair);
    int64_t kept = u->pair.kept;
    if (!e && kept == NULL_INT)
        return check(u);
    if (!e)
        e = rec_get(c, &kind_firm, kept, &u->kept);
    if (!e)
        e = rec_get(c, &kind_firm, kept == u->pair.a ? u->pair.b : u->pair.a, &u->gone);
    return e;
}

static bool is_merger(const struct record_kind *k, int64_t kind, const struct jin *note)
{
    return kind == k->code && str_eqz(jin_str(jin_get(note, "label")), LIFE_MERGED_LABEL);
}

/* The entry without what its merger changed. */
static enum err read_was(struct undoing *u)
{
    struct ctx *c = u->c;
    struct past p = {.kind = &kind_firm, .row = &u->was};
    struct q q;
    enum err e = OK;
    bool found = false;
    u->was = u->gone;
    q_begin(&q, c->db, SQL_journal_firm_since);
    q_int(&q, "firm", u->gone.id);
    q_int(&q, "at", u->pair.decided_at - 1);
    while (!e && !found && q_row(&q)) {
        const struct jin *note = NULL;
        e = jin_parse(q_get_str(&q, 3), NOTE_DEPTH, &note);
        found = !e && is_merger(&kind_firm, q_get_int(&q, 1), note);
        if (found)
            e = past_undo(c, &p, note);
        jin_free(note);
    }
    enum err end = q_end(&q);
    if (!e && !end && !found)
        return fail(c, ERR_CORRUPT, NULL, "变更史中找不到这次合并");
    return e ? fail(c, e, NULL, NULL) : db_fail(c, end);
}

static enum err read_link(struct undoing *u)
{
    struct q q;
    int64_t id = 0;
    q_begin(&q, u->c->db, SQL_link_merger);
    q_int(&q, "firm", u->gone.id);
    q_int(&q, "other", u->kept.id);
    enum err e = q_one_int(&q, &id);
    return e ? db_fail(u->c, e) : rec_get(u->c, &kind_firm_link, id, &u->link);
}

/* --- taking back ------------------------------------------------------------------------------ */

/* A manual grade that the merger ended is in force again unless its own end has come. */
static enum err grade_back(struct undoing *u)
{
    struct ctx *c = u->c;
    struct grade_change_row old, g;
    struct note n = {.label = "撤销并入，人工调整恢复"};
    if (u->was.grade_override == NULL_INT)
        return OK;
    enum err e = rec_get(c, &kind_grade_change, u->was.grade_override, &old);
    if (e)
        return e;
    if (!str_eqz(old.state, "expired") || (old.expires != NULL_INT && old.expires < c->today)) {
        u->was.grade_override = NULL_INT;
        return OK;
    }
    g = old;
    g.state = S("approved");
    g.version++;
    return rec_update(c, &kind_grade_change, &old, &g, &n);
}

static enum err firm_back(struct undoing *u)
{
    struct ctx *c = u->c;
    struct note n = {.label = "撤销并入",
        .text = arena_fmt(c->a, "不再并入“%.*s”（编号%lld）：%.*s", STR_ARG(u->kept.name),
            (long long)u->kept.id, STR_ARG(u->reason))};
    enum err e = grade_back(u);
    if (!e)
        e = firm_unmerge(c, &u->gone, &u->was, &n);
    if (!e)
        e = firm_followed(c, firm_unmerge_followers, &u->kept, &u->was);
    if (e)
        return e;
    return journal_event(c, u->kept.id, "撤销并入",
        arena_fmt(c->a, "“%.*s”（编号%lld）不再并入本档案：%.*s", STR_ARG(u->gone.name),
            (long long)u->gone.id, STR_ARG(u->reason)));
}

static enum err link_end(struct undoing *u)
{
    struct firm_link_row row = u->link;
    struct note n = {.label = "解除并入", .text = u->reason};
    row.void_reason = u->reason;
    row.version++;
    return rec_update(u->c, &kind_firm_link, &u->link, &row, &n);
}

static enum err reopen(struct ctx *c, const struct twin_row *old, const struct note *n)
{
    struct twin_row t = *old;
    t.state = S("open");
    t.kept = t.decided_by = t.decided_at = NULL_INT;
    t.decided_name = t.opinion = STR_NULL;
    t.version++;
    return rec_update(c, &kind_twin, old, &t, n);
}

/* Other suspicions about the entry, which the merger had closed, concern it again. */
static enum err pairs_back(struct undoing *u, enum sql_id id)
{
    struct q q;
    struct vec rows;
    struct note n = {.silent = true};
    q_begin(&q, u->c->db, id);
    q_int(&q, "firm", u->gone.id);
    enum err e = db_fail(u->c, q_all(&q, &twin_row_desc, &rows, u->c->a));
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct twin_row t;
        e = rec_get(u->c, &kind_twin, ((struct twin_row *)rows.p)[i].id, &t);
        if (!e && str_eqz(t.state, "merged") && t.kept == NULL_INT)
            e = reopen(u->c, &t, &n);
    }
    return e;
}

enum err op_twin_undo(struct ctx *c, const struct twin_undo *in, struct life_done *ret)
{
    struct undoing u = {.c = c, .reason = in->reason};
    struct note n = {.label = "撤销合并", .text = in->reason};
    enum err e = load(&u, in->twin);
    if (!e)
        e = check(&u);
    if (!e)
        e = read_was(&u);
    if (!e)
        e = read_link(&u);
    if (!e)
        e = firm_back(&u);
    if (!e)
        e = link_end(&u);
    if (!e)
        e = reopen(c, &u.pair, &n);
    if (!e)
        e = pairs_back(&u, SQL_twin_of_firm_a);
    if (!e)
        e = pairs_back(&u, SQL_twin_of_firm_b);
    *ret =
        (struct life_done){u.pair.id, S("open"), S("已撤销；企业账号不自动恢复，需要的请重新邀请")};
    return e;
}
