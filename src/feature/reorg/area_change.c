/* 行政区划变更: an area is added, renamed, closed or placed under another one. A row is never
 * deleted: a closed area keeps its name and its dates, so that what was written with its code stays
 * readable; firms in it go to the successor named with the closing, one by one, and with them their
 * days. The day may lie in the past: a decree is often learnt of later. */
#include "base/jsonin.h"
#include "core/app.h"
#include "core/batch.h"
#include "core/job.h"
#include "feature/ledger/ledger.h"
#include "feature/ledger/refdata.h"
#include "feature/ops.h"
#include "feature/reorg/reorg_impl.h"

enum { AREA_BATCH = 20, ORGS_TEXT = 2000 };

struct area_plan {
    struct area_change_ask ask;
    struct area_row area, parent, successor; /* code STR_NULL: none */
    int64_t firms, below;
    struct hurdles hurdles;
};

static bool is(const struct area_plan *p, const char *kind)
{
    return str_eqz(p->ask.kind, kind);
}

/* --- judging ------------------------------------------------------------------------------------
 */

static enum err read_area(struct ctx *c, struct str code, struct area_row *ret)
{
    desc_clear(&area_row_desc, ret);
    enum err e = code.n ? area_get(c, code, ret) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND)
        ret->code = STR_NULL;
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static enum err count(
    struct ctx *c, enum sql_id id, const char *param, struct str code, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, id);
    q_str(&q, param, code);
    if (id == SQL_area_open_below)
        q_int(&q, "day", c->today);
    return db_fail(c, q_one_int(&q, ret));
}

static bool open_on(const struct area_row *a, int64_t day)
{
    return a->code.p && (a->valid_to == NULL_INT || a->valid_to >= day);
}

static enum err check_twin(struct ctx *c, struct area_plan *p, struct str parent)
{
    struct q q;
    int64_t n = 0;
    q_begin(&q, c->db, SQL_area_twin);
    q_str(&q, "parent", parent);
    q_str(&q, "name", p->ask.name);
    q_str(&q, "code", p->ask.code);
    q_int(&q, "day", p->ask.day);
    enum err e = q_one_int(&q, &n);
    if (!e && n > 0)
        hurdle(c, &p->hurdles, "name", "同一上级下已有“%.*s”", STR_ARG(p->ask.name));
    return db_fail(c, e);
}

static enum err check_add(struct ctx *c, struct area_plan *p)
{
    static const int digits[] = {0, 2, 4, 6, 9, 12};
    struct hurdles *h = &p->hurdles;
    if (p->area.code.p)
        hurdle(
            c, h, "code", "区划代码：%.*s已是“%.*s”", STR_ARG(p->ask.code), STR_ARG(p->area.name));
    if (!p->ask.name.n)
        hurdle(c, h, "name", "名称：必须填写");
    if (!open_on(&p->parent, p->ask.day)) {
        hurdle(c, h, "parent", "上级区划：请选择在用的区划");
        return OK;
    }
    int want = p->parent.level >= 1 && p->parent.level < 5 ? digits[p->parent.level + 1] : 0;
    bool full = p->parent.level < 3 && p->ask.code.n == 6; /* 140100, 140105 */
    if (!want || (p->ask.code.n != (size_t)want && !full))
        hurdle(c, h, "code", "区划代码：%.*s的下级应为 %d 位", STR_ARG(p->parent.name),
            p->parent.level < 3 ? 6 : want);
    return OK; /* a name may stand twice while one code gives way to another */
}

static void check_close(struct ctx *c, struct area_plan *p)
{
    struct hurdles *h = &p->hurdles;
    bool villages = p->area.level >= 4;
    if (p->below > 0 && !villages)
        hurdle(c, h, "code", "%.*s还有 %lld 个在用的下级区划，请先变更下级", STR_ARG(p->area.name),
            (long long)p->below);
    if (p->below > 0 && villages && !p->ask.successor.n)
        hurdle(c, h, "successor", "%.*s还有 %lld 个村（社区），请指定承接区划",
            STR_ARG(p->area.name), (long long)p->below);
    if (p->firms > 0 && !p->ask.successor.n)
        hurdle(c, h, "successor", "还有 %lld 家单位在%.*s，请指定承接区划", (long long)p->firms,
            STR_ARG(p->area.name));
    if (!p->ask.successor.n)
        return;
    if (!open_on(&p->successor, p->ask.day) || str_eq(p->ask.successor, p->ask.code))
        hurdle(c, h, "successor", "承接区划：请选择另一个在用的区划");
    else if (p->successor.level != p->area.level)
        hurdle(c, h, "successor", "承接区划：应与%.*s同级", STR_ARG(p->area.name));
}

static enum err check_known(struct ctx *c, struct area_plan *p)
{
    struct hurdles *h = &p->hurdles;
    if (!p->area.code.p)
        hurdle(c, h, "code", "区划代码：没有“%.*s”", STR_ARG(p->ask.code));
    else if (!open_on(&p->area, p->ask.day))
        hurdle(c, h, "code", "%.*s已撤销", STR_ARG(p->area.name));
    else if (is(p, "close"))
        check_close(c, p);
    else if (is(p, "move") &&
             (!open_on(&p->parent, p->ask.day) || p->parent.level != p->area.level - 1))
        hurdle(c, h, "parent", "新上级区划：请选择在用的、高一级的区划");
    else if (is(p, "rename") && !p->ask.name.n)
        hurdle(c, h, "name", "新名称：必须填写");
    else if (is(p, "rename"))
        return check_twin(c, p, p->area.parent);
    return OK;
}

/* 404 for an authority whose own area is another: a county changes its own townships. */
static enum err check_mine(struct ctx *c, struct area_plan *p)
{
    struct org_row org;
    struct str code = p->area.code.p ? p->ask.code : p->ask.parent;
    if (!c->actor.org)
        return OK;
    enum err e = org_by_area(c, code, c->today, &org);
    if (e == ERR_NOT_FOUND || (!e && !scope_has(c, org.path)))
        hurdle(c, &p->hurdles, "code", "这个区划不在本机构的辖区内");
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err judge(struct ctx *c, const struct area_change_ask *ask, struct area_plan *p)
{
    *p = (struct area_plan){.ask = *ask};
    p->ask.day = ask->day == NULL_INT ? c->today : ask->day;
    enum err e = read_area(c, ask->code, &p->area);
    if (!e)
        e = read_area(c, ask->parent, &p->parent);
    if (!e)
        e = read_area(c, ask->successor, &p->successor);
    if (!e)
        e = count(c, SQL_area_firm_count, "town", ask->code, &p->firms);
    if (!e)
        e = count(c, SQL_area_open_below, "code", ask->code, &p->below);
    if (!e)
        e = check_mine(c, p);
    if (!e)
        e = is(p, "add") ? check_add(c, p) : check_known(c, p);
    return e;
}

static enum err served(struct ctx *c, struct str code, struct str *ret)
{
    struct vec rows = {0};
    struct buf b;
    struct q q;
    q_begin(&q, c->db, SQL_org_areas_served);
    q_str(&q, "area", code);
    q_int(&q, "day", c->today);
    enum err e = db_fail(c, q_all(&q, &org_area_row_desc, &rows, c->a));
    const struct org_area_row *r = rows.p;
    buf_init(&b, ORGS_TEXT);
    for (size_t i = 0; !e && i < rows.n; i++) {
        buf_addz(&b, i ? "、" : "");
        buf_add(&b, org_name(c, r[i].org));
    }
    *ret = keep(c, buf_str(&b));
    buf_free(&b);
    return e;
}

enum err op_area_change_preview(
    struct ctx *c, const struct area_change_ask *in, struct area_preview *ret)
{
    struct area_plan *p = arena_new(c->a, struct area_plan, 1);
    enum err e = p ? judge(c, in, p) : fail(c, ERR_NOMEM, NULL, NULL);
    if (e)
        return e;
    ret->ok = p->hurdles.n == 0;
    ret->name = p->area.code.p ? p->area.name : in->name;
    ret->successor_name = p->successor.code.p ? p->successor.name : STR_NULL;
    ret->firms = p->firms;
    ret->below = p->below;
    ret->hurdles = hurdles_list(c, &p->hurdles);
    return served(c, in->code, &ret->orgs);
}

/* --- carrying out -------------------------------------------------------------------------------
 */

static struct str initials(struct ctx *c, struct str name)
{
    struct buf b;
    buf_init(&b, 400);
    pinyin_initials(&ref_tables(c->app)->pinyin, name, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

static void new_area(struct ctx *c, const struct area_change_row *r, struct area_row *area)
{
    struct area_row parent;
    desc_clear(&area_row_desc, area);
    area->code = r->code;
    area->parent = r->parent;
    area->level = read_area(c, r->parent, &parent) == OK ? parent.level + 1 : 4;
    area->kind = r->area_kind;
    area->statutory = 1;
    area->valid_from = r->day;
}

/* Who served a closed area serves its successor, unless somebody does already. */
static enum err serve_on(struct ctx *c, const struct area_change_row *r)
{
    struct vec rows = {0}, next = {0};
    struct q q;
    struct note end = {.label = "取消服务区划"}, go = {.label = "承接服务区划"};
    q_begin(&q, c->db, SQL_org_areas_served);
    q_str(&q, "area", r->code);
    q_int(&q, "day", c->today);
    enum err e = db_fail(c, q_all(&q, &org_area_row_desc, &rows, c->a));
    if (e)
        return e;
    q_begin(&q, c->db, SQL_org_areas_served);
    q_str(&q, "area", r->successor);
    q_int(&q, "day", c->today);
    e = db_fail(c, q_all(&q, &org_area_row_desc, &next, c->a));
    const struct org_area_row *o = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct org_area_row row = o[i];
        row.valid_to = r->day - 1;
        e = rec_update(c, &kind_org_area, &o[i], &row, &end);
        if (e || !r->successor.n || next.n)
            continue;
        row = o[i];
        row.id = NULL_INT;
        row.area = r->successor;
        row.valid_from = r->day;
        e = rec_insert(c, &kind_org_area, &row, &go);
    }
    return e;
}

/* Villages and communities follow their township. */
static enum err villages_on(struct ctx *c, const struct area_change_row *r)
{
    struct q q;
    if (!r->successor.n)
        return OK;
    q_begin(&q, c->db, SQL_area_below_on);
    q_str(&q, "code", r->code);
    q_str(&q, "successor", r->successor);
    return db_fail(c, q_exec(&q));
}

static enum err apply(struct ctx *c, struct area_change_row *r)
{
    struct area_row area;
    enum err e = read_area(c, r->code, &area);
    if (e)
        return e;
    if (str_eqz(r->kind, "add"))
        new_area(c, r, &area);
    area.name = r->name;
    if (str_eqz(r->kind, "add") || str_eqz(r->kind, "rename"))
        area.initials = initials(c, r->name);
    if (str_eqz(r->kind, "move"))
        area.parent = r->parent;
    if (str_eqz(r->kind, "close"))
        area.valid_to = r->day - 1;
    e = area_put(c, &area);
    if (e || !str_eqz(r->kind, "close"))
        return e;
    e = villages_on(c, r);
    return e ? e : serve_on(c, r);
}

static void fill(struct ctx *c, const struct area_change_new *in, const struct area_plan *p,
    struct area_change_row *r)
{
    bool add = is(p, "add"), move = is(p, "move");
    desc_clear(&area_change_row_desc, r);
    r->id = id_next(c);
    r->kind = in->kind;
    r->state = S("planned");
    r->code = in->code;
    r->name = add || is(p, "rename") ? in->name : p->area.name;
    r->old_name = is(p, "rename") ? p->area.name : STR_NULL;
    r->parent = add || move ? in->parent : p->area.parent;
    r->old_parent = move ? p->area.parent : STR_NULL;
    r->area_kind = in->area_kind.n ? in->area_kind : p->area.kind;
    r->successor = in->successor;
    r->day = p->ask.day;
    r->doc_no = in->doc_no;
    r->reason = in->reason;
    r->at = c->now;
    r->by_account = c->actor.account;
    r->by_name = c->actor.name;
    r->version = 1;
}

static enum err begin(struct ctx *c, struct area_change_row *r, int64_t firms)
{
    enum err e = OK;
    if (r->day > c->today)
        return OK;
    if (firms == 0 || !str_eqz(r->kind, "close")) {
        r->state = S("done");
        r->done_at = c->now;
        r->firms = 0;
        return apply(c, r);
    }
    e = apply(c, r);
    r->state = S("moving");
    if (!e)
        e = change_job(
            c, "area_change", r->id, arena_fmt(c->a, "区划变更 %.*s", STR_ARG(r->name)), &r->job);
    return e;
}

static void view_of(const struct area_change_row *r, struct area_change_view *v)
{
    *v = (struct area_change_view){.id = r->id,
        .kind = r->kind,
        .state = r->state,
        .code = r->code,
        .name = r->name,
        .old_name = r->old_name,
        .parent = r->parent,
        .old_parent = r->old_parent,
        .successor = r->successor,
        .day = r->day,
        .doc_no = r->doc_no,
        .reason = r->reason,
        .firms = r->firms,
        .message = r->message,
        .at = r->at,
        .by_name = r->by_name};
}

enum err op_area_change_create(
    struct ctx *c, const struct area_change_new *in, struct area_change_view *ret)
{
    struct area_change_row row;
    struct note n = {.label = "区划变更", .text = in->reason};
    struct area_change_ask ask = {.kind = in->kind,
        .code = in->code,
        .name = in->name,
        .parent = in->parent,
        .area_kind = in->area_kind,
        .successor = in->successor,
        .day = in->day};
    struct area_plan *p = arena_new(c->a, struct area_plan, 1);
    enum err e = p ? judge(c, &ask, p) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = hurdles_complain(c, &p->hurdles);
    if (e)
        return e;
    fill(c, in, p, &row);
    e = begin(c, &row, p->firms);
    if (!e)
        e = rec_insert(c, &kind_area_change, &row, &n);
    view_of(&row, ret);
    return e;
}

/* --- the job: what was planned for today, and the firms of a closed area ------------------------
 */

struct area_work {
    struct job *j;
    struct area_change_row row;
    int64_t n, done, total;
};

static enum err due_now(struct ctx *c, void *arg)
{
    struct area_work *w = arg;
    struct area_change_row old;
    struct note n = {.label = "区划变更生效", .text = w->row.reason};
    enum err e = rec_get(c, &kind_area_change, w->row.id, &old);
    if (e || !str_eqz(old.state, "planned"))
        return e;
    w->row = old;
    e = apply(c, &w->row);
    w->row.state = S("moving");
    w->row.version++;
    return e ? e : rec_update(c, &kind_area_change, &old, &w->row, &n);
}

static enum err firms_some(struct ctx *c, void *arg)
{
    struct area_work *w = arg;
    struct vec rows = {0};
    struct q q;
    struct note n = {.label = "区划变更", .text = w->row.reason};
    enum err e = job_held(c, w->j->row.id);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_area_firms);
    q_str(&q, "town", w->row.code);
    q_int(&q, "limit", AREA_BATCH);
    e = db_fail(c, q_all(&q, &firm_row_desc, &rows, c->a));
    const struct firm_row *f = rows.p;
    for (size_t i = 0; !e && i < rows.n; i++) {
        struct firm_row row = f[i];
        row.town = w->row.successor;
        e = firm_place(c, &row, row.town);
        if (!e)
            e = firm_change(c, &f[i], &row, &n);
    }
    w->n = (int64_t)rows.n;
    return e;
}

static enum err over(struct ctx *c, void *arg)
{
    struct area_work *w = arg;
    struct area_change_row old, row;
    struct note n = {.label = "区划变更完成"};
    enum err e = rec_get(c, &kind_area_change, w->row.id, &old);
    if (e)
        return e;
    row = old;
    row.state = S("done");
    row.firms = w->done;
    row.done_at = c->now;
    row.version++;
    return rec_update(c, &kind_area_change, &old, &row, &n);
}

enum err job_area_change(struct ctx *c, struct job *j)
{
    struct area_work w = {.j = j};
    const struct jin *doc = NULL;
    int64_t id = 0;
    if (jin_parse(j->row.input, 8, &doc) == OK)
        id = jin_int(jin_get(doc, "change"), 0);
    jin_free(doc);
    enum err e = rec_get(c, &kind_area_change, id, &w.row);
    if (!e && str_eqz(w.row.state, "planned"))
        e = app_write(c->app, c, due_now, &w);
    if (!e)
        e = count(c, SQL_area_firm_count, "town", w.row.code, &w.total);
    if (e || !str_eqz(w.row.state, "moving"))
        return e;
    do {
        e = w.row.successor.n ? app_write(c->app, c, firms_some, &w) : OK;
        w.done += w.n;
        if (!e && job_step(c, j, w.done, w.total) == ERR_CANCELLED)
            e = ERR_CANCELLED;
    } while (!e && w.n > 0);
    return e ? e : app_write(c->app, c, over, &w);
}

/* --- history ------------------------------------------------------------------------------------
 */

enum err op_area_history(struct ctx *c, const struct area_ref *in, struct area_history *ret)
{
    struct area_row area;
    struct q q;
    enum err e = read_area(c, in->area, &area);
    if (!e && !area.code.p)
        return fail(c, ERR_NOT_FOUND, NULL, NULL);
    if (e)
        return e;
    desc_clear(&area_history_desc, ret);
    ret->code = area.code;
    ret->name = area.name;
    ret->valid_from = area.valid_from;
    ret->valid_to = area.valid_to;
    q_begin(&q, c->db, SQL_area_history);
    q_str(&q, "code", area.code);
    return db_fail(c, q_all(&q, &area_change_view_desc, &ret->items, c->a));
}
