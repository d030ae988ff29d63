/* The checks that quality rules name. To add one: a function and a row here, a rule in
 * data/templates/quality_rules.json. */
#include "feature/quality/judge.h"

enum { DAY_MS = 86400000, ZONE_MS = 8 * 3600000, CENTS = 100 };

static bool is(struct str s, const char *z)
{
    return str_eqz(s, z);
}

static bool admitted(const struct quality_facts *x)
{
    return is(x->firm->state, "admitted");
}

static int64_t days_since(const struct quality_facts *x, int64_t ms)
{
    return x->today - (ms + ZONE_MS) / DAY_MS;
}

static bool supervisor_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return !x->firm->supervisor.n;
}

static bool code_check(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return firm_code_suspect(x->firm);
}

static bool code_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return !x->firm->uscc.n;
}

static bool code_twice(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->twice;
}

static bool licence_expired(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return admitted(x) && x->expired > 0;
}

/* revenue is in hundredths of 万元. */
static bool figures_impossible(const struct quality_facts *x, int64_t limit)
{
    const struct firm_row *f = x->firm;
    if (f->revenue == NULL_INT || f->revenue <= 0 || f->staff == NULL_INT)
        return false;
    return f->staff <= 0 || f->revenue / CENTS / f->staff > limit;
}

static bool figures_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->firm->staff == NULL_INT || x->firm->revenue == NULL_INT;
}

static bool officer_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return admitted(x) && !x->officer;
}

static bool director_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return is(x->firm->director_required, "是") && !x->director;
}

static bool phone_shared(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->phone_shared;
}

static bool address_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return !x->firm->site_address.n;
}

static bool provisional_long(const struct quality_facts *x, int64_t limit)
{
    return x->firm->provisional == 1 && days_since(x, x->firm->created) > limit;
}

static bool temp_code_long(const struct quality_facts *x, int64_t limit)
{
    return x->firm->temp_code.n && days_since(x, x->firm->created) > limit;
}

static bool not_updated(const struct quality_facts *x, int64_t limit)
{
    return days_since(x, x->firm->updated) > limit;
}

static bool ahead(const struct quality_facts *x, int64_t day)
{
    return day != NULL_INT && day > x->today;
}

static bool dates_contradict(const struct quality_facts *x, int64_t limit)
{
    const struct firm_row *f = x->firm;
    (void)limit;
    bool before = f->confirm_date != NULL_INT && f->review_date != NULL_INT &&
                  f->confirm_date < f->review_date;
    return before || ahead(x, f->fill_date) || ahead(x, f->review_date) ||
           ahead(x, f->confirm_date) || ahead(x, f->supervisor_since);
}

static bool supervisor_unnamed(const struct quality_facts *x, int64_t limit)
{
    const struct firm_row *f = x->firm;
    (void)limit;
    return !f->supervisor.n && (f->supervisor_phone.n || f->supervisor_since != NULL_INT);
}

static bool product_missing(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->products == 0;
}

static bool paper_differs(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->firm->paper_match == 0;
}

static bool told_unchecked(const struct quality_facts *x, int64_t limit)
{
    (void)limit;
    return x->told;
}

static const struct check {
    const char *name;
    bool (*broken)(const struct quality_facts *x, int64_t limit);
} checks[] = {
    {"supervisor_missing", supervisor_missing},
    {"code_check", code_check},
    {"code_missing", code_missing},
    {"code_twice", code_twice},
    {"licence_expired", licence_expired},
    {"figures_impossible", figures_impossible},
    {"figures_missing", figures_missing},
    {"officer_missing", officer_missing},
    {"director_missing", director_missing},
    {"phone_shared", phone_shared},
    {"address_missing", address_missing},
    {"provisional_long", provisional_long},
    {"temp_code_long", temp_code_long},
    {"not_updated", not_updated},
    {"dates_contradict", dates_contradict},
    {"supervisor_unnamed", supervisor_unnamed},
    {"product_missing", product_missing},
    {"paper_differs", paper_differs},
    {"told_unchecked", told_unchecked},
};

static const struct check *check_find(struct str name)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (str_eqz(name, checks[i].name))
            return &checks[i];
    return NULL;
}

uint64_t quality_judge(const struct jin *rules, const struct quality_facts *x)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < jin_len(rules); i++) {
        const struct jin *r = jin_at(rules, i);
        int64_t no = jin_int(jin_get(r, "no"), 0);
        const struct check *k = check_find(jin_str(jin_get(r, "check")));
        bool on = jin_bool(jin_get(r, "on"), true) && no > 0 && no <= QUALITY_RULES;
        if (on && k && k->broken(x, jin_int(jin_get(r, "limit"), 0)))
            bits |= UINT64_C(1) << no;
    }
    return bits;
}

int64_t quality_limit(const struct jin *rules, const char *check, int64_t or_else)
{
    for (size_t i = 0; i < jin_len(rules); i++)
        if (str_eqz(jin_str(jin_get(jin_at(rules, i), "check")), check))
            return jin_int(jin_get(jin_at(rules, i), "limit"), or_else);
    return or_else;
}
