/* The director duty: walk the table, keep the strongest row. */
#include "domain/director.h"

static bool applies(const struct director_rule *r, const struct director_input *in)
{
    if (r->roles && !(r->roles & in->roles))
        return false;
    if (r->classes && !(r->classes & in->classes))
        return false;
    if (r->sizes && !(r->sizes & 1u << in->order_size))
        return false;
    return (!r->chain_hq || in->chain_hq) && (!r->online_self || in->online_self);
}

static bool stronger(const struct director_rule *r, const struct director_rule *than)
{
    if (!than || r->need != than->need)
        return !than || r->need > than->need;
    return than->verify && !r->verify;
}

struct director_result director_judge(
    const struct director_table *t, const struct director_input *in)
{
    const struct director_rule *best = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (applies(&t->rules[i], in) && stronger(&t->rules[i], best))
            best = &t->rules[i];
    if (!best)
        return (struct director_result){DIRECTOR_NO, false, NULL};
    return (struct director_result){best->need, best->verify, best};
}

unsigned director_classes(struct str applicability)
{
    unsigned classes = 0;
    struct str rest = applicability;
    while (rest.n) {
        struct str one = str_cut(rest, ',', &rest);
        if (str_eqz(one, "许可证"))
            classes |= DIRECTOR_LICENCE;
        else if (str_eqz(one, "CCC"))
            classes |= DIRECTOR_CCC;
        else if (str_eqz(one, "强制性国家标准"))
            classes |= DIRECTOR_STANDARD;
    }
    return classes;
}

const char *director_code(enum director_need n)
{
    static const char *const codes[DIRECTOR_NEEDS] = {
        [DIRECTOR_NO] = "否", [DIRECTOR_GUIDE] = "指导", [DIRECTOR_YES] = "是"};
    return codes[n];
}
