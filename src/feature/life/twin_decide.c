/* A pair side by side, and what becomes of it: one merged into the other, or remembered as two. Who
 * decides stands above both (the pair's path), so a pair across two counties goes to their city. */
#include "core/codes.h"
#include "feature/life/life_impl.h"
#include "feature/ops.h"

enum err twin_need(struct ctx *c, int64_t id, struct twin_row *ret)
{
    enum err e = id > 0 ? rec_get(c, &kind_twin, id, ret) : ERR_NOT_FOUND;
    if (!e && !scope_has(c, ret->path))
        e = ERR_NOT_FOUND;
    return e ? fail(c, e, NULL, NULL) : OK;
}

static enum err side_of(struct ctx *c, int64_t firm, struct twin_side *ret)
{
    struct firm_row row;
    struct q q;
    desc_clear(&twin_side_desc, ret);
    enum err e = rec_get(c, &kind_firm, firm, &row);
    if (e)
        return e;
    ret->id = firm;
    ret->record = firm_json(c, &row);
    ret->labels = firm_labels(c, &row);
    ret->org_name = path_org_name(c, row.org_path);
    ret->town_name = town_name(c, row.town);
    q_begin(&q, c->db, SQL_twin_side_counts);
    q_int(&q, "firm", firm);
    if (q_row(&q)) {
        ret->products = q_get_int(&q, 0);
        ret->people = q_get_int(&q, 1);
        ret->accounts = q_get_int(&q, 2);
        ret->changes = q_get_int(&q, 3);
    }
    return db_fail(c, q_end(&q));
}

static struct str labels_of(struct ctx *c, struct str codes)
{
    struct buf b;
    buf_init(&b, 1000);
    while (codes.n) {
        struct str one = str_cut(codes, ',', &codes);
        buf_addz(&b, b.n ? "、" : "");
        buf_add(&b, code_label(c, "twin_why", one));
    }
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err op_twin_get(struct ctx *c, const struct twin_ref *in, struct twin_view *ret)
{
    struct twin_row t;
    struct twin_side *sides = arena_new(c->a, struct twin_side, 2);
    enum err e = sides ? twin_need(c, in->twin, &t) : fail(c, ERR_NOMEM, NULL, NULL);
    if (!e)
        e = side_of(c, t.a, &sides[0]);
    if (!e)
        e = side_of(c, t.b, &sides[1]);
    if (e)
        return e;
    ret->id = t.id;
    ret->state = t.state;
    ret->score = t.score;
    ret->why = labels_of(c, t.why);
    ret->decider = path_org_name(c, t.path);
    ret->can_decide = can(c, PERM_TWIN_DECIDE) && str_eqz(t.state, "open");
    ret->undo_until = unmerge_until(c, &t);
    ret->can_undo =
        can(c, PERM_TWIN_DECIDE) && ret->undo_until != NULL_INT && c->now <= ret->undo_until;
    ret->opinion = t.opinion;
    ret->sides = (struct vec){sides, 2};
    return OK;
}

static enum err check_decision(
    struct ctx *c, const struct twin_decide *in, const struct twin_row *t, bool merge)
{
    struct firm_row a, b;
    if (!str_eqz(t->state, "open"))
        return fail(c, ERR_STATE, NULL, "这一对已经处理过了，请刷新查看结果");
    if (merge && in->keep != t->a && in->keep != t->b)
        complain(c, S("keep"), "required", "保留的单位：请在两家中选一家");
    enum err e = rec_get(c, &kind_firm, t->a, &a);
    if (!e)
        e = rec_get(c, &kind_firm, t->b, &b);
    /* Moved since the pair was found: whoever stands above both now decides. */
    if (!e && !(scope_has(c, a.org_path) && scope_has(c, b.org_path)))
        e = fail(c, ERR_FORBIDDEN, NULL, "两家单位现在不都在您的管辖范围内，请由上级处理");
    return e ? e : checked(c);
}

enum err op_twin_decide(struct ctx *c, const struct twin_decide *in, struct life_done *ret)
{
    struct twin_row old, t;
    bool merge = str_eqz(in->outcome, "merge");
    struct note n = {.label = merge ? "合并重复档案" : "认定不是重复", .text = in->opinion};
    enum err e = twin_need(c, in->twin, &old);
    if (!e)
        e = check_decision(c, in, &old, merge);
    if (!e && merge)
        e = firm_merge(c, in->keep == old.a ? old.b : old.a, in->keep, in->opinion);
    if (e)
        return e;
    t = old;
    t.state = merge ? S("merged") : S("distinct");
    t.kept = merge ? in->keep : NULL_INT;
    t.decided_by = c->actor.account;
    t.decided_name = c->actor.name;
    t.decided_at = c->now;
    t.opinion = in->opinion;
    t.version++;
    e = rec_update(c, &kind_twin, &old, &t, &n);
    if (!e && !merge)
        e = journal_event(c, old.a, "认定与相近的单位不是重复", in->opinion);
    if (!e && !merge)
        e = journal_event(c, old.b, "认定与相近的单位不是重复", in->opinion);
    *ret = (struct life_done){
        t.id, t.state, merge ? S("已合并；被并入的档案仍可查阅") : S("已记下，以后不再提示")};
    return e;
}
