/* Grades over time (P1.2, R-100, R-102). The yearly recalculation proposes and never changes: a
 * firm whose figures and rules now give another grade, or whose verified events call for the upper
 * level (M3, M4). grade_at tells the grade of a past day and computes it again from that day's
 * figures with that day's rules. */
#include "base/civil.h"
#include "core/batch.h"
#include "core/job.h"
#include "core/template.h"
#include "feature/file/file.h"
#include "feature/ledger/firm_judge.h"
#include "feature/ledger/refdata.h"
#include "feature/life/life_impl.h"
#include "feature/life/past.h"
#include "feature/ops.h"

enum { PAGE = 200, IDS_MAX = 500, ACCIDENT_MONTHS = 12 };

/* --- facts of M3 and M4 ----------------------------------------------------------------------- */

static int64_t months_before(int64_t day, int64_t months)
{
    struct civil d = civil_of(day);
    int64_t m = (int64_t)d.year * 12 + d.month - 1 - months;
    d.year = (int)(m / 12);
    d.month = (int)(m % 12) + 1;
    int last = civil_month_days(d.year, d.month);
    d.day = d.day > last ? last : d.day;
    return civil_day(d);
}

/* Verified events in the window before a day: those entered as events of the firm, and the 重大
 * problems that an authority found. What a firm reported itself never counts against it. */
static enum err facts_load(
    struct ctx *c, const struct grade_params *p, int64_t firm, int64_t day, struct grade_facts *ret)
{
    struct event_tally year, months;
    struct q q;
    int64_t found = 0, from = months_before(day, p->hazards_months);
    *ret = (struct grade_facts){0};
    enum err e = event_tally(c, firm, months_before(day, ACCIDENT_MONTHS) + 1, day, &year);
    if (!e)
        e = event_tally(c, firm, from + 1, day, &months);
    if (e)
        return e;
    q_begin(&q, c->db, SQL_regrade_hazards);
    q_int(&q, "firm", firm);
    q_int(&q, "after", from);
    q_int(&q, "day", day);
    e = q_one_int(&q, &found);
    ret->accidents = year.accidents_larger;
    ret->major_hazards = months.major_hazards + found;
    return db_fail(c, e);
}

static struct str signals_text(
    struct ctx *c, const struct grade_params *p, const struct grade_facts *f, unsigned signal)
{
    struct buf b;
    buf_init(&b, 1000);
    grade_signal_text(p, f, signal, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* --- the job ---------------------------------------------------------------------------------- */

struct work {
    struct job *j;
    struct str path, path_end;
    int64_t after, year, seen, made;
    int64_t ids[PAGE];
    size_t n;
};

static enum err known(struct ctx *c, const struct regrade_row *r, bool *ret)
{
    struct q q;
    int64_t id = 0;
    q_begin(&q, c->db, SQL_regrade_known);
    q_int(&q, "firm", r->firm);
    q_int(&q, "year", r->year);
    q_str(&q, "kind", r->kind);
    enum err e = q_one_int(&q, &id);
    *ret = e == OK;
    return e == ERR_NOT_FOUND ? OK : db_fail(c, e);
}

static enum err propose(struct ctx *c, struct work *w, const struct firm_row *firm,
    const char *kind, char to, struct str basis)
{
    struct regrade_row r;
    struct note n = {.label = "级别复核建议", .text = basis};
    bool have = false;
    desc_clear(&regrade_row_desc, &r);
    r.firm = firm->id;
    r.year = w->year;
    r.kind = str_z(kind);
    enum err e = known(c, &r, &have);
    if (e || have)
        return e;
    r.state = S("open");
    r.from_grade = firm->grade;
    r.to_grade = keep(c, (struct str){&to, 1});
    r.basis = basis;
    r.att1 = ref_tables(c->app)->att1;
    r.at = c->now;
    r.version = 1;
    w->made++;
    return rec_insert(c, &kind_regrade, &r, &n);
}

static enum err look(struct ctx *c, struct work *w, int64_t id)
{
    const struct grade_params *p = &ref_tables(c->app)->grade;
    struct firm_row firm;
    struct firm_products products;
    struct firm_verdict v;
    struct grade_facts facts;
    enum err e = rec_get(c, &kind_firm, id, &firm);
    if (!e)
        e = firm_products_load(c, id, &products);
    if (!e)
        e = firm_verdict(c, p, &firm, &products, &v);
    if (!e)
        e = facts_load(c, p, id, c->today, &facts);
    if (e)
        return e;
    char now = firm.grade.n ? firm.grade.p[0] : 0;
    bool manual = firm.grade_override != NULL_INT;
    if (v.grade && v.grade != now && !manual)
        e = propose(c, w, &firm, "rules", v.grade, v.basis);
    unsigned s = grade_signals(p, &facts);
    if (!e && s & GRADE_SIGNAL_M3)
        e = propose(c, w, &firm, "m3", grade_up(now ? now : v.grade),
            signals_text(c, p, &facts, GRADE_SIGNAL_M3));
    if (!e && s & GRADE_SIGNAL_M4)
        e = propose(c, w, &firm, "m4", grade_up(now ? now : v.grade),
            signals_text(c, p, &facts, GRADE_SIGNAL_M4));
    return e;
}

static enum err write_page(struct ctx *c, void *arg)
{
    struct work *w = arg;
    int64_t made = w->made;
    enum err e = job_held(c, w->j->row.id);
    for (size_t i = 0; !e && i < w->n; i++)
        e = look(c, w, w->ids[i]);
    if (e)
        w->made = made;
    return e;
}

static enum err next_ids(struct ctx *c, struct work *w)
{
    struct q q;
    w->n = 0;
    q_begin(&q, c->db, SQL_regrade_walk);
    q_str(&q, "path", w->path);
    q_str(&q, "path_end", w->path_end);
    q_int(&q, "after", w->after);
    q_int(&q, "limit", PAGE);
    while (w->n < PAGE && q_row(&q))
        w->ids[w->n++] = q_get_int(&q, 0);
    if (w->n)
        w->after = w->ids[w->n - 1];
    return db_fail(c, q_end(&q));
}

enum err job_regrade(struct ctx *c, struct job *j)
{
    struct work w = {.j = j, .path = j->row.org_path};
    const struct jin *in = NULL;
    if (j->row.input.n && jin_parse(j->row.input, 4, &in) == OK && jin_str(jin_get(in, "path")).n)
        w.path = keep(c, jin_str(jin_get(in, "path")));
    jin_free(in);
    w.year = civil_of(c->today).year;
    w.path_end = scope_end(c->a, w.path);
    enum err e = next_ids(c, &w);
    while (!e && w.n) {
        e = app_write(c->app, c, write_page, &w);
        w.seen += (int64_t)w.n;
        if (!e)
            e = job_step(c, j, w.seen, w.seen + (w.n == PAGE));
        if (!e)
            e = next_ids(c, &w);
    }
    j->result = arena_fmt(c->a, "{\"firms\":%lld,\"proposals\":%lld,\"year\":%lld}",
        (long long)w.seen, (long long)w.made, (long long)w.year);
    return e ? fail(c, e, NULL, NULL) : OK;
}

enum err op_regrade_start(struct ctx *c, const struct regrade_start *in, struct none *ret)
{
    struct str path = c->actor.org_path;
    struct q q;
    (void)ret;
    if (in->org != NULL_INT) {
        path = STR_NULL;
        q_begin(&q, c->db, SQL_org_path_of);
        q_int(&q, "id", in->org);
        if (q_row(&q))
            path = keep(c, q_get_str(&q, 0));
        enum err e = q_end(&q);
        if (e || !path.p || !scope_has(c, path))
            return fail(c, e ? e : ERR_NOT_FOUND, "org", NULL);
    }
    struct job_spec spec = {.kind = "regrade",
        .title = S("年度级别复核"),
        .input = arena_fmt(c->a, "{\"path\":\"%.*s\"}", STR_ARG(path))};
    return job_create(c, &spec, &c->reply.job);
}

/* --- deciding --------------------------------------------------------------------------------- */

struct deciding {
    const struct regrade_decide *in;
    struct buf kept;
    struct jw w;
    int64_t done, stale;
};

static void leave_out(struct deciding *d, int64_t id, const char *why)
{
    jw_obj(&d->w);
    jw_key(&d->w, "id");
    jw_int(&d->w, id);
    jw_key(&d->w, "why");
    jw_strz(&d->w, why);
    jw_end_obj(&d->w);
}

static int level_of_grade(struct ctx *c, struct str grade)
{
    return grade.n ? (int)grade_level(&ref_tables(c->app)->grade, grade.p[0]) : 4;
}

/* Who may: by rules the higher of the two levels; of a signal a level above the present one, the
 * province its own. Refusing is deciding too. */
static const char *not_allowed(struct ctx *c, const struct regrade_row *r, struct str outcome)
{
    int from = level_of_grade(c, r->from_grade), to = level_of_grade(c, r->to_grade);
    int need = from < to ? from : to;
    bool rules = str_eqz(r->kind, "rules");
    if (!str_eqz(r->state, "open"))
        return "已经处理过了";
    if (str_eqz(outcome, "regrade") && !rules)
        return "事故和隐患的情形不能按规则调整，请选提高一级监管、挂牌督办或不采纳";
    if (!str_eqz(outcome, "regrade") && !str_eqz(outcome, "refuse") && rules)
        return "规模和规则的建议只能按规则调整或不采纳";
    if (!rules && from > 1 && c->actor.level >= from)
        return "由现在负责层级的上一级决定（PL-16）";
    if (rules && c->actor.level > need)
        return "由两个级别中较高的一级决定";
    return NULL;
}

/* The firm as the rules make it now; it must still be what was proposed. */
static enum err apply_rules(struct ctx *c, const struct regrade_row *r, bool *ret_stale)
{
    struct firm_row old, row;
    struct firm_products p;
    struct note n = {.label = "年度复核调整级别", .text = r->basis};
    struct firm_verdict v;
    enum err e = rec_get(c, &kind_firm, r->firm, &old);
    if (!e)
        e = firm_products_load(c, old.id, &p);
    if (!e)
        e = firm_verdict(c, &ref_tables(c->app)->grade, &old, &p, &v);
    if (e)
        return e;
    *ret_stale = firm_is_merged(&old) || old.grade_override != NULL_INT ||
                 v.grade != r->to_grade.p[0] || !str_eq(old.grade, r->from_grade);
    row = old;
    return *ret_stale ? OK : firm_change(c, &old, &row, &n);
}

/* One level up is a manual grade with an end, approved by the upper level itself (M8). */
static enum err apply_up(
    struct ctx *c, const struct regrade_row *r, struct str opinion, bool *ret_stale)
{
    struct firm_row old, row;
    struct grade_change_row g;
    struct note n = {.label = "提高一级监管", .text = opinion};
    enum err e = rec_get(c, &kind_firm, r->firm, &old);
    if (e)
        return e;
    *ret_stale = firm_is_merged(&old) || !str_eq(old.grade, r->from_grade) ||
                 str_eq(r->from_grade, r->to_grade) || old.grade_override != NULL_INT;
    if (*ret_stale)
        return OK;
    desc_clear(&grade_change_row_desc, &g);
    g.firm = old.id;
    g.org_path = old.org_path;
    g.state = S("approved");
    g.from_grade = old.grade;
    g.to_grade = r->to_grade;
    g.reason_code = str_eqz(r->kind, "m3") ? S("accident") : S("hazards");
    g.reason = r->basis;
    g.expires = c->today + setting_int(c->app, "grade_manual_days", 365);
    g.proposed_by = g.decided_by = c->actor.account;
    g.proposed_name = g.decided_name = c->actor.name;
    g.proposed_level = c->actor.level;
    g.proposed_at = g.decided_at = c->now;
    g.opinion = opinion;
    g.version = 1;
    e = rec_insert(c, &kind_grade_change, &g, &n);
    row = old;
    row.grade_override = g.id;
    if (!e)
        e = firm_set_grade(c, &row, r->to_grade.p[0]);
    return e ? e : firm_change(c, &old, &row, &n);
}

static enum err decide_one(struct ctx *c, struct deciding *d, const struct regrade_row *old)
{
    struct regrade_row r = *old;
    struct str outcome = d->in->outcome;
    bool stale = false, refuse = str_eqz(outcome, "refuse");
    enum err e = OK;
    if (str_eqz(outcome, "regrade"))
        e = apply_rules(c, old, &stale);
    else if (str_eqz(outcome, "up"))
        e = apply_up(c, old, d->in->opinion, &stale);
    if (e)
        return e;
    struct note n = {.label = stale    ? "级别复核建议过时"
                              : refuse ? "不采纳级别复核建议"
                                       : "采纳级别复核建议",
        .text = d->in->opinion};
    r.state = stale ? S("stale") : refuse ? S("refused") : S("accepted");
    r.outcome = stale || refuse ? STR_NULL : outcome;
    r.decided_by = c->actor.account;
    r.decided_name = c->actor.name;
    r.decided_at = c->now;
    r.opinion = d->in->opinion;
    r.version++;
    *(stale ? &d->stale : &d->done) += 1;
    return rec_update(c, &kind_regrade, old, &r, &n);
}

static enum err decide_id(struct ctx *c, struct deciding *d, struct str text)
{
    struct regrade_row r;
    struct firm_row firm;
    struct q q;
    int64_t id = 0;
    if (!str_int(text, &id) || id <= 0)
        return fail(c, ERR_INVALID, "ids", "复核建议：编号应是整数");
    desc_clear(&regrade_row_desc, &r);
    q_begin(&q, c->db, kind_regrade.get);
    q_int(&q, "id", id);
    enum err e = q_one(&q, &regrade_row_desc, &r, c->a);
    if (!e)
        e = rec_get(c, &kind_firm, r.firm, &firm);
    if (e && e != ERR_NOT_FOUND)
        return db_fail(c, e);
    const char *why =
        e || !scope_has(c, firm.org_path) ? "没有这条建议" : not_allowed(c, &r, d->in->outcome);
    if (why) {
        leave_out(d, id, why);
        return OK;
    }
    return decide_one(c, d, &r);
}

enum err op_regrade_decide(struct ctx *c, const struct regrade_decide *in, struct regrade_done *ret)
{
    struct deciding d = {.in = in};
    struct str rest = in->ids;
    size_t n = 0;
    enum err e = OK;
    buf_init(&d.kept, 64 << 10);
    jw_init(&d.w, &d.kept);
    jw_arr(&d.w);
    for (; !e && rest.n && n < IDS_MAX; n++)
        e = decide_id(c, &d, str_cut(rest, ',', &rest));
    jw_end_arr(&d.w);
    if (!e && rest.n)
        e = failf(c, ERR_INVALID, "ids", "一次最多处理 %d 条", IDS_MAX);
    ret->done = d.done;
    ret->stale = d.stale;
    ret->kept = keep(c, buf_str(&d.kept));
    buf_free(&d.kept);
    return e;
}

/* --- the grade of a day ----------------------------------------------------------------------- */

static enum err version_on(struct ctx *c, int64_t day, int64_t *ret)
{
    struct q q;
    q_begin(&q, c->db, SQL_template_version_on);
    q_str(&q, "name", S("att1"));
    q_int(&q, "day", day);
    return db_fail(c, q_one_int(&q, ret));
}

static struct str label_of(struct ctx *c, enum level level, char grade)
{
    struct buf b;
    buf_init(&b, 100);
    grade_put_label(level, grade, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}

/* Computed again with the rules of the day. */
static enum err compute(struct ctx *c, const struct past_file *f, struct grade_at *ret)
{
    struct grade_params p;
    struct grade_facts facts;
    struct firm_verdict v;
    const struct jin *body = NULL;
    struct str text = template_text(c, S("att1"), ret->att1);
    enum err e = text.p ? jin_parse(text, 16, &body) : ERR_NOT_FOUND;
    if (!e)
        e = grade_params_read(body, c->a, &p);
    jin_free(body);
    if (e)
        return fail(c, e == ERR_NOMEM ? e : ERR_CORRUPT, NULL, "当日有效的附件1读不出来");
    e = firm_verdict(c, &p, &f->firm, &f->products_seen, &v);
    if (!e)
        e = facts_load(c, &p, f->firm.id, ret->day, &facts);
    if (e)
        return e;
    ret->computed = v.grade ? keep(c, (struct str){&v.grade, 1}) : STR_NULL;
    ret->computed_label = label_of(c, v.level, v.grade);
    ret->computed_basis = v.basis;
    ret->rules = v.rules;
    unsigned s = grade_signals(&p, &facts);
    ret->signals = s ? signals_text(c, &p, &facts, s) : STR_NULL;
    return OK;
}

static int64_t used_version(const struct firm_row *row)
{
    const struct jin *rules = NULL;
    int64_t v = NULL_INT;
    if (row->grade_rules.n && jin_parse(row->grade_rules, 16, &rules) == OK)
        v = jin_int(jin_get(rules, "att1"), NULL_INT);
    jin_free(rules);
    return v;
}

enum err op_grade_at(struct ctx *c, const struct grade_ask *in, struct grade_at *ret)
{
    struct past_file f;
    ret->day = in->day == NULL_INT ? c->today : in->day;
    enum err e = past_load(c, in->firm, ret->day, &f);
    if (!e)
        e = version_on(c, ret->day, &ret->att1);
    if (e)
        return e;
    ret->exists = f.exists;
    if (!f.exists)
        return OK;
    const struct firm_row *row = &f.firm;
    ret->grade = row->grade;
    ret->basis = row->grade_basis;
    ret->manual = row->grade_override != NULL_INT;
    ret->used = used_version(row);
    if (row->grade.n && row->sup_level != NULL_INT)
        ret->grade_label = label_of(c, (enum level)row->sup_level, row->grade.p[0]);
    return compute(c, &f, ret);
}
