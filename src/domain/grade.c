/* The grade follows the size of each role the firm has; the higher of the two stands (M1). */
#include "domain/grade.h"

static const char *const role_names[GRADE_SIDES] = {"生产", "销售"};

/* Whether codes (joined by ',') hold the code; ret_n counts all of them. */
static bool codes_hold(struct str codes, struct str code, size_t *ret_n)
{
    bool hit = false;
    *ret_n = 0;
    struct str rest = codes;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        hit = hit || str_eq(one, code);
        (*ret_n)++;
    }
    return hit;
}

struct str grade_seller_group(const struct grade_params *p, const struct grade_input *in)
{
    size_t modes;
    if (!codes_hold(in->sale_modes, S("批发"), &modes))
        return S("retail");
    if (modes == 1)
        return S("wholesale");
    int64_t part = in->wholesale_revenue, all = in->figures.revenue;
    if (part == NULL_INT || all == NULL_INT || all <= 0)
        return S("retail");
    __int128 share = (__int128)part * 100;
    return share >= (__int128)all * p->wholesale_share ? S("wholesale") : S("retail");
}

static void cite(struct grade_result *r, const char *rule)
{
    if (r->nrules < GRADE_RULES)
        r->rules[r->nrules++] = rule;
}

/* M6: the figures of a head office are its own and its branches'. */
static struct size_figures figures_of(const struct grade_params *p, const struct grade_input *in)
{
    struct size_figures f = in->figures;
    if (!p->group_on || in->group.branches <= 0)
        return f;
    bool staff = f.staff != NULL_INT && in->group.staff != NULL_INT;
    bool revenue = f.revenue != NULL_INT && in->group.revenue != NULL_INT;
    f.staff = staff ? f.staff + in->group.staff : NULL_INT;
    f.revenue = revenue ? f.revenue + in->group.revenue : NULL_INT;
    return f;
}

static struct grade_side judge_side(const struct grade_params *p, const struct size_table *t,
    const struct grade_input *in, int which)
{
    struct grade_side s = {.on = true};
    struct str group = which == GRADE_PRODUCER ? S("industry") : grade_seller_group(p, in);
    struct size_figures figures = figures_of(p, in);
    s.size = size_stat(t, group, &figures);
    if (in->suspect)
        s.size.size = SIZE_UNKNOWN;
    if (s.size.size != SIZE_UNKNOWN)
        s.grade = p->of_size[s.size.size];
    else if (p->provisional)
        s.grade = which == GRADE_PRODUCER && in->certified ? p->certified : p->other;
    return s;
}

/* Whether grade a outranks b; A is the highest, 0 is none. */
static bool outranks(char a, char b)
{
    return a && (!b || a < b);
}

/* The side whose grade stands: the higher with M1, else the producer's. */
static int decide(const struct grade_params *p, const struct grade_result *r)
{
    if (!r->side[GRADE_PRODUCER].on)
        return GRADE_SELLER;
    if (!r->side[GRADE_SELLER].on || !p->both_higher)
        return GRADE_PRODUCER;
    return outranks(r->side[GRADE_SELLER].grade, r->side[GRADE_PRODUCER].grade) ? GRADE_SELLER
                                                                                : GRADE_PRODUCER;
}

static void apply_floor(
    const struct grade_params *p, const struct grade_input *in, struct grade_result *r)
{
    if (!p->floors_on || !in->producer || str_empty(in->products))
        return;
    for (size_t i = 0; i < p->nfloors; i++) {
        const struct grade_floor *f = &p->floors[i];
        if (str_empty(f->word) || str_find(in->products, f->word) < 0)
            continue;
        if (!outranks(f->grade, r->grade))
            continue;
        r->grade = f->grade;
        cite(r, "M5");
    }
}

static void cite_all(
    const struct grade_params *p, const struct grade_input *in, struct grade_result *r)
{
    cite(r, "R-100");
    cite(r, "P1.1");
    if (in->seller)
        cite(r, "H2");
    if (in->producer && in->seller && p->both_higher)
        cite(r, "M1");
    if (in->suspect)
        cite(r, "D3");
    if (r->provisional)
        cite(r, "M2");
    if (p->group_on && in->group.branches > 0)
        cite(r, "M6");
}

struct grade_result grade_firm(
    const struct grade_params *p, const struct size_table *t, const struct grade_input *in)
{
    struct grade_result r = {.grade = 0};
    if (!in->producer && !in->seller)
        return r;
    if (in->producer)
        r.side[GRADE_PRODUCER] = judge_side(p, t, in, GRADE_PRODUCER);
    if (in->seller)
        r.side[GRADE_SELLER] = judge_side(p, t, in, GRADE_SELLER);
    r.decided = decide(p, &r);
    r.grade = r.side[r.decided].grade;
    r.stat_size = r.side[r.decided].size.size;
    for (int i = 0; i < GRADE_SIDES; i++)
        if (r.side[i].on && r.side[i].size.size == SIZE_UNKNOWN)
            r.provisional = true;
    cite_all(p, in, &r);
    apply_floor(p, in, &r);
    r.level = grade_level(p, r.grade);
    return r;
}

unsigned grade_signals(const struct grade_params *p, const struct grade_facts *f)
{
    unsigned s = 0;
    if (p->accident_on && f->accidents > 0)
        s |= GRADE_SIGNAL_M3;
    if (p->hazards_on && f->major_hazards >= p->hazards_count)
        s |= GRADE_SIGNAL_M4;
    return s;
}

void grade_signal_text(
    const struct grade_params *p, const struct grade_facts *f, unsigned signal, struct buf *out)
{
    if (signal & GRADE_SIGNAL_M3)
        buf_fmt(out, "M3：近12个月核实的较大及以上质量安全事故 %lld 起", (long long)f->accidents);
    if (signal & GRADE_SIGNAL_M4)
        buf_fmt(out, "M4：近%lld个月核实的重大质量安全风险隐患 %lld 次（达到 %lld 次）",
            (long long)p->hazards_months, (long long)f->major_hazards, (long long)p->hazards_count);
    if (signal)
        buf_addz(out, "；提请上一级监管或者挂牌督办，由上级决定（PL-16、R-102）");
}

char grade_up(char grade)
{
    return grade > 'A' && grade <= 'D' ? (char)(grade - 1) : grade;
}

enum level grade_level(const struct grade_params *p, char grade)
{
    return grade >= 'A' && grade <= 'D' ? p->level[grade - 'A'] : LEVEL_NONE;
}

void grade_put_label(enum level level, char grade, struct buf *out)
{
    if (!grade) {
        buf_addz(out, "未定级");
        return;
    }
    buf_addz(out, level_code(level));
    buf_addz(out, "管(");
    buf_addc(out, grade);
    buf_addz(out, "级)");
}

static void put_side(
    const struct grade_params *p, const struct grade_side *s, int which, struct buf *out)
{
    buf_addz(out, role_names[which]);
    buf_addz(out, "按");
    buf_add(out, s->size.name);
    buf_addz(out, "标准：");
    size_put_marks(&s->size, out);
    buf_addz(out, "，统计规模");
    buf_addz(out, size_code(s->size.size));
    buf_addz(out, s->size.size == SIZE_UNKNOWN ? "，暂定" : "，对应");
    grade_put_label(grade_level(p, s->grade), s->grade, out);
    buf_addz(out, "；");
}

void grade_put_basis(const struct grade_params *p, const struct grade_result *r, struct buf *out)
{
    for (int i = 0; i < GRADE_SIDES; i++)
        if (r->side[i].on)
            put_side(p, &r->side[i], i, out);
    if (r->side[GRADE_PRODUCER].on && r->side[GRADE_SELLER].on)
        buf_addz(
            out, p->both_higher ? "既生产又销售，取较高的级别；" : "既生产又销售，按生产定级；");
    buf_addz(out, r->provisional ? "规模数据待补，暂定" : "定为");
    grade_put_label(r->level, r->grade, out);
    buf_addz(out, "。依据：");
    for (size_t i = 0; i < r->nrules; i++) {
        buf_addz(out, i ? "、" : "");
        buf_addz(out, r->rules[i]);
    }
}

static void mark_json(const struct size_mark *m, struct jw *w)
{
    jw_obj(w);
    jw_key(w, "indicator");
    jw_str(w, (struct str){&m->indicator, 1});
    jw_key(w, "value");
    if (m->indicator == 'X')
        jw_int(w, m->value);
    else
        jw_money(w, m->value);
    jw_key(w, "alone");
    jw_strz(w, size_code(m->alone));
    jw_key(w, "bound");
    if (m->indicator == 'X')
        jw_int(w, m->bound);
    else
        jw_money(w, m->bound);
    jw_end_obj(w);
}

static void side_json(const struct grade_side *s, int which, struct jw *w)
{
    jw_obj(w);
    jw_key(w, "role");
    jw_strz(w, role_names[which]);
    jw_key(w, "group");
    jw_str(w, s->size.group);
    jw_key(w, "size");
    jw_strz(w, size_code(s->size.size));
    jw_key(w, "grade");
    jw_str(w, s->grade ? (struct str){&s->grade, 1} : STR_NULL);
    jw_key(w, "marks");
    jw_arr(w);
    for (size_t i = 0; i < s->size.n; i++)
        mark_json(&s->size.marks[i], w);
    jw_end_arr(w);
    jw_end_obj(w);
}

void grade_json(const struct grade_result *r, struct jw *w)
{
    jw_obj(w);
    jw_key(w, "grade");
    jw_str(w, r->grade ? (struct str){&r->grade, 1} : STR_NULL);
    jw_key(w, "level");
    jw_strz(w, level_code(r->level));
    jw_key(w, "provisional");
    jw_bool(w, r->provisional);
    jw_key(w, "rules");
    jw_arr(w);
    for (size_t i = 0; i < r->nrules; i++)
        jw_strz(w, r->rules[i]);
    jw_end_arr(w);
    jw_key(w, "sides");
    jw_arr(w);
    for (int i = 0; i < GRADE_SIDES; i++)
        if (r->side[i].on)
            side_json(&r->side[i], i, w);
    jw_end_arr(w);
    jw_end_obj(w);
}
