/* 工作交接: what a leaving person holds, to whom it goes, and who signed for it. The list is frozen
 * when the hand-over is filed; each taker signs for his part in the product, and only then do the
 * firms change their supervisor (PL-19, R-104). */
#include "core/app.h"
#include "core/batch.h"
#include "feature/ops.h"
#include "feature/reorg/handover.h"

enum { HELD_MAX = 2000, LIST_BYTES = 1 << 20 };

/* --- people -------------------------------------------------------------------------------------
 */

enum err handover_person(struct ctx *c, int64_t id, struct handover_person *ret)
{
    struct q q;
    *ret = (struct handover_person){.id = 0};
    q_begin(&q, c->db, SQL_account_person);
    q_int(&q, "id", id);
    if (q_row(&q))
        *ret = (struct handover_person){.id = q_get_int(&q, 0),
            .name = keep(c, q_get_str(&q, 1)),
            .active = str_eqz(q_get_str(&q, 4), "active"),
            .org = q_get_int(&q, 5),
            .org_name = keep(c, q_get_str(&q, 6)),
            .path = keep(c, q_get_str(&q, 7))};
    return db_fail(c, q_end(&q));
}

enum err op_handover_people(struct ctx *c, const struct person_ask *in, struct official_list *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_handover_people);
    q_str(&q, "path", c->actor.org_path);
    q_str(&q, "end", scope_end(c->a, c->actor.org_path));
    q_str(&q, "pattern", arena_fmt(c->a, "%%%.*s%%", STR_ARG(in->q)));
    return db_fail(c, q_all(&q, &official_desc, &ret->items, c->a));
}

/* Whoever hands over his own work, or leads the authority it belongs to. 404 for anybody else. */
static enum err giver_of(struct ctx *c, int64_t id, struct handover_person *ret)
{
    enum err e = handover_person(c, id, ret);
    bool own = ret->id == c->actor.account;
    if (!e && (ret->id == 0 || !scope_has(c, ret->path)))
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (!e && !own && !can(c, PERM_ORG_CHANGE))
        return fail(c, ERR_FORBIDDEN, NULL, "只能移交自己的工作；移交他人的工作请由业务负责人办理");
    return e;
}

/* --- what he holds ------------------------------------------------------------------------------
 */

/* Delegated tasks and questions name an authority, never a person: they stay where they are. */
static enum err staying(struct ctx *c, const struct handover_person *who, struct holdings *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_handover_stays);
    q_str(&q, "path", who->path);
    q_int(&q, "org", who->org);
    if (q_row(&q)) {
        ret->delegations = q_get_int(&q, 0);
        ret->questions = q_get_int(&q, 1);
    }
    return db_fail(c, q_end(&q));
}

static enum err held(struct ctx *c, const struct handover_person *who, struct holdings *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_handover_firms);
    q_str(&q, "path", who->path);
    q_str(&q, "end", scope_end(c->a, who->path));
    q_str(&q, "name", who->name);
    q_int(&q, "limit", HELD_MAX);
    enum err e = db_fail(c, q_all(&q, &held_firm_desc, &ret->firms, c->a));
    if (e)
        return e;
    const struct held_firm *f = ret->firms.p;
    ret->hazards = 0;
    for (size_t i = 0; i < ret->firms.n; i++)
        ret->hazards += f[i].hazards;
    q_begin(&q, c->db, SQL_handover_views);
    q_int(&q, "account", who->id);
    e = db_fail(c, q_all(&q, &held_view_desc, &ret->views, c->a));
    if (e)
        return e;
    q_begin(&q, c->db, SQL_handover_proposals);
    q_str(&q, "path", who->path);
    q_str(&q, "end", scope_end(c->a, who->path));
    q_int(&q, "account", who->id);
    e = db_fail(c, q_one_int(&q, &ret->proposals));
    return e ? e : staying(c, who, ret);
}

enum err op_handover_holdings(struct ctx *c, const struct holdings_ask *in, struct holdings *ret)
{
    struct handover_person who;
    enum err e = giver_of(c, in->account, &who);
    if (e)
        return e;
    desc_clear(&holdings_desc, ret);
    ret->account = who.id;
    ret->name = who.name;
    ret->org_name = who.org_name;
    return held(c, &who, ret);
}

/* --- filing -------------------------------------------------------------------------------------
 */

struct filing {
    struct ctx *c;
    const struct handover_new *in;
    struct handover_person giver;
    struct holdings has;
    bool *given; /* by place in has.firms */
    int64_t firms, views;
    struct handover_row row;
};

static const struct held_firm *firm_held(const struct filing *f, int64_t id)
{
    const struct held_firm *rows = f->has.firms.p;
    for (size_t i = 0; i < f->has.firms.n; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

static const struct held_view *view_held(const struct filing *f, int64_t id)
{
    const struct held_view *rows = f->has.views.p;
    for (size_t i = 0; i < f->has.views.n; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

static struct str at(struct ctx *c, size_t part, const char *field)
{
    return arena_fmt(c->a, "parts.%zu.%s", part, field);
}

/* One firm of a part: held by the giver, not given to another, and in the taker's scope. */
static enum err put_firm(
    struct filing *f, size_t part, const struct handover_person *to, int64_t n, struct jw *w)
{
    struct ctx *c = f->c;
    struct firm_row firm;
    const struct held_firm *h = firm_held(f, n);
    if (!h) {
        complain(c, at(c, part, "firms"), "held", "单位：%lld 不是%.*s监管的单位，请刷新清单",
            (long long)n, STR_ARG(f->giver.name));
        return OK;
    }
    size_t i = (size_t)(h - (const struct held_firm *)f->has.firms.p);
    if (f->given[i])
        complain(c, at(c, part, "firms"), "twice", "单位：“%.*s”分给了两个人", STR_ARG(h->name));
    f->given[i] = true;
    enum err e = firm_need(c, n, &firm);
    if (!e && !str_starts(firm.org_path, to->path))
        complain(c, at(c, part, "taker"), "outside",
            "接收人：“%.*s”不在%.*s（%.*s）的辖区内，请换一个接收人", STR_ARG(h->name),
            STR_ARG(to->name), STR_ARG(to->org_name));
    desc_json(&held_firm_desc, h, w);
    return e;
}

static enum err put_firms(struct filing *f, size_t part, const struct handover_person *to,
    const struct vec *list, struct handover_part_row *row)
{
    const struct pick *ids = list->p;
    struct buf b;
    struct jw w;
    enum err e = OK;
    buf_init(&b, LIST_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    row->firm_count = row->hazard_count = 0;
    for (size_t i = 0; !e && i < list->n; i++) {
        const struct held_firm *h = firm_held(f, ids[i].id);
        row->firm_count++;
        row->hazard_count += h ? h->hazards : 0;
        e = put_firm(f, part, to, ids[i].id, &w);
    }
    jw_end_arr(&w);
    row->firms = keep(f->c, buf_str(&b));
    if (!e && b.err)
        e = fail(f->c, b.err, NULL, NULL);
    buf_free(&b);
    return e;
}

static void put_views(
    struct filing *f, size_t part, const struct vec *list, struct handover_part_row *row)
{
    const struct pick *ids = list->p;
    struct buf b;
    struct jw w;
    buf_init(&b, LIST_BYTES);
    jw_init(&w, &b);
    jw_arr(&w);
    row->view_count = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct held_view *v = view_held(f, ids[i].id);
        if (v) {
            desc_json(&held_view_desc, v, &w);
            row->view_count++;
        } else {
            complain(f->c, at(f->c, part, "views"), "held", "视图：%lld 不是%.*s的共享视图",
                (long long)ids[i].id, STR_ARG(f->giver.name));
        }
    }
    jw_end_arr(&w);
    row->views = keep(f->c, buf_str(&b));
    buf_free(&b);
}

static enum err part_make(
    struct filing *f, size_t i, const struct handover_to *in, struct handover_part_row *row)
{
    struct handover_person to;
    struct ctx *c = f->c;
    desc_clear(&handover_part_row_desc, row);
    enum err e = handover_person(c, in->taker, &to);
    if (e)
        return e;
    if (to.id == 0 || !to.active || !scope_has(c, to.path)) {
        complain(c, at(c, i, "taker"), "taker",
            "接收人：请选择本机构辖区内在用的工作人员账号，不能移交给辖区以外的人");
        return OK;
    }
    if (to.id == f->giver.id)
        complain(c, at(c, i, "taker"), "self", "接收人：不能移交给本人");
    if (!in->firms.n && !in->views.n)
        complain(
            c, at(c, i, "firms"), "required", "请选择移交给%.*s的单位或视图", STR_ARG(to.name));
    row->taker = to.id;
    row->taker_name = to.name;
    row->state = S("open");
    row->version = 1;
    e = put_firms(f, i, &to, &in->firms, row);
    put_views(f, i, &in->views, row);
    f->firms += row->firm_count;
    f->views += row->view_count;
    return e;
}

static enum err check_filing(struct filing *f)
{
    struct ctx *c = f->c;
    struct q q;
    int64_t open = 0;
    q_begin(&q, c->db, SQL_handover_open_of);
    q_int(&q, "giver", f->giver.id);
    enum err e = q_one_int(&q, &open);
    if (e)
        return db_fail(c, e);
    if (open > 0)
        return failf(
            c, ERR_CONFLICT, NULL, "%.*s已有一份没有完成的工作交接", STR_ARG(f->giver.name));
    if (f->row.disable == 1 && f->firms < (int64_t)f->has.firms.n)
        complain(c, S("disable"), "left", "还有 %lld 家单位没有接收人，全部移交后才能停用账号",
            (long long)((int64_t)f->has.firms.n - f->firms));
    if (f->row.disable == 1 && f->giver.id == c->actor.account)
        complain(c, S("disable"), "self", "不能停用自己的账号，请由业务负责人发起");
    return checked(c);
}

static void fill(struct filing *f)
{
    struct handover_row *r = &f->row;
    desc_clear(&handover_row_desc, r);
    r->giver = f->giver.id;
    r->giver_name = f->giver.name;
    r->org = f->giver.org;
    r->org_name = f->giver.org_name;
    r->state = S("open");
    r->day = f->in->day == NULL_INT ? f->c->today : f->in->day;
    r->reason = f->in->reason;
    r->disable = f->in->disable == 1;
    r->at = f->c->now;
    r->by_account = f->c->actor.account;
    r->by_name = f->c->actor.name;
    r->version = 1;
}

static enum err store(struct filing *f, struct handover_part_row *parts, size_t n)
{
    struct note note = {.label = "发起工作交接", .text = f->row.reason};
    f->row.firms = f->firms;
    f->row.views = f->views;
    enum err e = rec_insert(f->c, &kind_handover, &f->row, &note);
    for (size_t i = 0; !e && i < n; i++) {
        parts[i].handover = f->row.id;
        e = rec_insert(f->c, &kind_handover_part, &parts[i], &note);
    }
    return e;
}

enum err op_handover_create(struct ctx *c, const struct handover_new *in, struct handover_view *ret)
{
    struct filing f = {.c = c, .in = in};
    const struct handover_to *to = in->parts.p;
    struct handover_part_row *parts = arena_new(c->a, struct handover_part_row, in->parts.n + 1);
    enum err e = parts ? giver_of(c, in->giver, &f.giver) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = held(c, &f.giver, &f.has);
    if (e)
        return e;
    f.given = arena_new(c->a, bool, f.has.firms.n + 1);
    if (!f.given)
        return fail(c, ERR_NOMEM, NULL, NULL);
    memset(f.given, 0, f.has.firms.n);
    fill(&f);
    for (size_t i = 0; !e && i < in->parts.n; i++)
        e = part_make(&f, i, &to[i], &parts[i]);
    if (!e)
        e = check_filing(&f);
    if (!e)
        e = store(&f, parts, in->parts.n);
    return e ? e : handover_show(c, &f.row, ret);
}
