/* Judging a firm by the pure rules of domain/. */
#include "feature/ledger/firm_judge.h"

#include "core/app.h"
#include "feature/ledger/refdata.h"

enum { BASIS_MAX = 4000, RULES_MAX = 8000 };

static bool is_producer(const struct firm_row *row)
{
    return str_eqz(row->kind, "producer") || str_eqz(row->kind, "both");
}

static bool is_seller(const struct firm_row *row)
{
    return str_eqz(row->kind, "seller") || str_eqz(row->kind, "both");
}

static bool certified(struct str applicability)
{
    return (director_classes(applicability) & (DIRECTOR_LICENCE | DIRECTOR_CCC)) != 0;
}

static struct grade_input input_of(const struct firm_row *row, const struct firm_products *p)
{
    struct grade_input in = {.producer = is_producer(row),
        .seller = is_seller(row),
        .sale_modes = row->sale_modes,
        .wholesale_revenue = row->wholesale_revenue,
        .certified = certified(row->applicability),
        .suspect = row->figures_suspect == 1,
        .products = p ? p->names : STR_NULL};
    in.figures = (struct size_figures){row->staff, row->revenue, NULL_INT};
    return in;
}

/* M6: the branches of a head office; asked only where the rules look at them. */
static enum err load_group(struct ctx *c, int64_t firm, struct grade_group *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_firm_group_figures);
    q_int(&q, "firm", firm);
    if (q_row(&q)) {
        ret->branches = q_get_int(&q, 0);
        ret->staff = q_get_int(&q, 1);
        ret->revenue = q_get_int(&q, 2);
    }
    return db_fail(c, q_end(&q));
}

/* The authority that answers: the ancestor of the firm's own org at the grade's level, else the
 * nearest one above it. */
static enum err responsible(struct ctx *c, struct firm_row *row)
{
    row->sup_org = row->org;
    for (size_t n = row->org_path.n; n >= 5; n -= 5) {
        struct q q;
        int64_t id = 0, level = 0;
        q_begin(&q, c->db, SQL_org_at_path);
        q_str(&q, "path", str_sub(row->org_path, 0, n));
        if (q_row(&q)) {
            id = q_get_int(&q, 0);
            level = q_get_int(&q, 1);
        }
        enum err e = q_end(&q);
        if (e)
            return db_fail(c, e);
        if (id)
            row->sup_org = id;
        if (id && level <= row->sup_level)
            return OK;
    }
    return OK;
}

enum err firm_set_grade(struct ctx *c, struct firm_row *row, char grade)
{
    const struct ref_tables *ref = ref_tables(c->app);
    row->grade = keep(c, (struct str){&grade, 1});
    row->sup_level = grade_level(&ref->grade, grade);
    return responsible(c, row);
}

static struct str sentence(
    struct ctx *c, const struct grade_params *p, const struct grade_result *r)
{
    struct buf b;
    buf_init(&b, BASIS_MAX);
    grade_put_basis(p, r, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* With the version of 附件1 that the grade was computed by, so that it can be computed again. */
static struct str rules_json(struct ctx *c, const struct grade_result *r, int64_t att1)
{
    struct buf b;
    struct jw w;
    buf_init(&b, RULES_MAX);
    jw_init(&w, &b);
    grade_json(r, &w);
    struct str s = buf_str(&b);
    if (b.n && att1 > 0)
        s = arena_fmt(c->a, "%.*s,\"att1\":%lld}", (int)b.n - 1, b.p, (long long)att1);
    else
        s = keep(c, s);
    buf_free(&b);
    return s;
}

/* The higher order size of the firm's sides decides the director duty. */
static enum size order_size(
    const struct ref_tables *ref, const struct grade_input *in, const struct grade_result *r)
{
    enum size best = SIZE_UNKNOWN;
    for (int side = 0; side < GRADE_SIDES; side++) {
        if (!r->side[side].on)
            continue;
        struct str group =
            side == GRADE_PRODUCER ? S("industry") : grade_seller_group(&ref->grade, in);
        struct size_result s =
            size_order(&ref->order, group, &in->figures, r->side[side].size.size);
        if (!in->suspect && s.size > best)
            best = s.size;
    }
    return best;
}

static void director(
    struct ctx *c, const struct ref_tables *ref, struct firm_row *row, enum size order)
{
    struct director_input in = {.classes = director_classes(row->applicability),
        .order_size = order,
        .chain_hq = row->chain_hq == 1,
        .online_self = row->online_self == 1};
    in.roles = (is_producer(row) ? DIRECTOR_PRODUCER : 0) | (is_seller(row) ? DIRECTOR_SELLER : 0);
    struct director_result r = director_judge(&ref->director, &in);
    row->director_required = str_z(director_code(r.need));
    if (!r.rule)
        row->director_why = S("没有规则要求配备");
    else
        row->director_why = arena_fmt(c->a, "%.*s：%.*s%s", STR_ARG(r.rule->id),
            STR_ARG(r.rule->reason), r.verify ? "（依据待核）" : "");
}

enum err firm_judge(struct ctx *c, struct firm_row *row, const struct firm_products *p)
{
    const struct ref_tables *ref = ref_tables(c->app);
    struct grade_input in = input_of(row, p);
    enum err e = ref->grade.group_on ? load_group(c, row->id, &in.group) : OK;
    if (e)
        return e;
    struct grade_result r = grade_firm(&ref->grade, &ref->stat, &in);
    enum size order = order_size(ref, &in, &r);
    row->stat_size = str_z(size_code(r.stat_size));
    row->order_size = str_z(size_code(order));
    row->provisional = r.provisional;
    row->grade_basis = sentence(c, &ref->grade, &r);
    row->grade_rules = rules_json(c, &r, ref->att1);
    director(c, ref, row, order);
    if (row->grade_override != NULL_INT || !r.grade)
        return responsible(c, row);
    return firm_set_grade(c, row, r.grade);
}

enum err firm_verdict(struct ctx *c, const struct grade_params *rules, const struct firm_row *row,
    const struct firm_products *p, struct firm_verdict *ret)
{
    struct grade_input in = input_of(row, p);
    enum err e = rules->group_on ? load_group(c, row->id, &in.group) : OK;
    if (e)
        return e;
    struct grade_result r = grade_firm(rules, &ref_tables(c->app)->stat, &in);
    *ret = (struct firm_verdict){
        r.grade, r.provisional, r.level, sentence(c, rules, &r), rules_json(c, &r, 0)};
    return OK;
}
