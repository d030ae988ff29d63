/* What a campaign's figures say: coverage by subtree, and who reported. Read from counters; no
 * order but that of the tree. */
#include "core/template.h"
#include "feature/campaign/campaign_impl.h"
#include "feature/ops.h"

enum { SEGMENT = 5, DEPTH = 4, DEFAULT_MINUTES = 10 };

/* --- coverage ----------------------------------------------------------------------------------
 */

/* What is left to do, in minutes (D7): an estimate from the setting. */
static void estimate(struct ctx *c, struct vec *rows)
{
    int64_t each = setting_int(c->app, "campaign_tick_minutes", DEFAULT_MINUTES);
    struct coverage_row *r = rows->p;
    for (size_t i = 0; i < rows->n; i++)
        r[i].minutes = r[i].pending * each;
}

static enum err coverage_of(struct ctx *c, int64_t campaign, struct str path, struct vec *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_campaign_count_of);
    q_int(&q, "level", path_level(path));
    q_int(&q, "campaign", campaign);
    q_str(&q, "path", path);
    enum err e = q_all(&q, &coverage_row_desc, ret, c->a);
    estimate(c, ret);
    return db_fail(c, e);
}

/* The way back up, inside the actor's scope. */
static enum err parents_of(struct ctx *c, int64_t campaign, struct str path, struct vec *ret)
{
    struct coverage_row *rows = arena_new(c->a, struct coverage_row, DEPTH);
    size_t n = 0;
    if (!rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    for (size_t len = c->actor.org_path.n; len < path.n; len += SEGMENT) {
        struct vec one = {0};
        enum err e = coverage_of(c, campaign, str_sub(path, 0, len), &one);
        if (e)
            return e;
        if (one.n && n < DEPTH)
            rows[n++] = *(struct coverage_row *)one.p;
    }
    *ret = (struct vec){rows, n};
    return OK;
}

enum err op_campaign_board(
    struct ctx *c, const struct campaign_org_ask *in, struct campaign_board *ret)
{
    struct campaign_row camp;
    struct org_row org;
    struct q q;
    enum err e = campaign_need(c, in->campaign, &camp);
    if (!e)
        e = campaign_org(c, in->org, &org);
    if (!e)
        e = coverage_of(c, camp.id, org.path, &ret->total);
    if (!e)
        e = parents_of(c, camp.id, org.path, &ret->parents);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_campaign_count_children);
    q_int(&q, "level", path_level(org.path) + 1);
    q_int(&q, "campaign", camp.id);
    q_int(&q, "parent", org.id);
    e = q_all(&q, &coverage_row_desc, &ret->items, c->a);
    estimate(c, &ret->items);
    ret->as_of = c->now;
    return db_fail(c, e);
}

/* --- reports -----------------------------------------------------------------------------------
 */

static void judge(struct ctx *c, struct report_row *r, int64_t due, struct campaign_reports *ret)
{
    bool none = r->submission == NULL_INT, past = due < c->today;
    if (none) {
        r->state = past ? S("missing") : S("waiting");
        r->due_day = due;
        r->late = past;
        r->late_days = past ? c->today - due : NULL_INT;
        *(past ? &ret->missing : &ret->waiting) += 1;
        return;
    }
    if (r->late == 1 && r->sent_at != NULL_INT)
        r->late_days = civil_today(r->sent_at) - r->due_day;
    if (str_eqz(r->state, "returned")) {
        ret->returned++;
        return;
    }
    ret->received++;
    ret->received_late += r->late == 1;
}

/* All below one authority keep the same dates: its own, or what it was asked itself. */
static enum err due_below(
    struct ctx *c, const struct campaign_row *camp, const struct org_row *org, int64_t *ret)
{
    struct campaign_date_row own;
    struct asked asked;
    *ret = camp->due_day;
    if (org->id == camp->org)
        return OK;
    enum err e = campaign_own_date(c, camp->id, org->path, &own);
    if (!e && own.id != NULL_INT) {
        *ret = own.due_day;
        return OK;
    }
    if (!e)
        e = campaign_asked(c, camp, org->path, &asked);
    if (!e)
        *ret = asked.due;
    return e;
}

enum err op_campaign_reports(
    struct ctx *c, const struct campaign_org_ask *in, struct campaign_reports *ret)
{
    struct campaign_row camp;
    struct org_row org;
    struct q q;
    int64_t due;
    size_t n = 0;
    enum err e = campaign_need(c, in->campaign, &camp);
    if (!e)
        e = campaign_org(c, in->org, &org);
    if (!e)
        e = due_below(c, &camp, &org, &due);
    if (e)
        return e;
    *ret = (struct campaign_reports){.as_of = c->now};
    q_begin(&q, c->db, SQL_report_rows);
    q_int(&q, "campaign", camp.id);
    q_int(&q, "parent", org.id);
    q_int(&q, "day", c->today);
    e = q_all(&q, &report_row_desc, &ret->items, c->a);
    struct report_row *rows = ret->items.p;
    for (size_t i = 0; !e && i < ret->items.n; i++) {
        if (!campaign_covers(&camp, rows[i].org_path))
            continue;
        rows[n] = rows[i];
        judge(c, &rows[n++], due, ret);
    }
    ret->items.n = n;
    return db_fail(c, e);
}
