/* The director table from the body of template director. */
#include "domain/director.h"

/* The mask of the named things in a list of strings; an absent list is no condition (0). */
static bool read_mask(const struct jin *list, unsigned (*bit_of)(struct str), unsigned *ret)
{
    unsigned mask = 0;
    for (size_t i = 0; i < jin_len(list); i++) {
        unsigned bit = bit_of(jin_str(jin_at(list, i)));
        if (!bit)
            return false;
        mask |= bit;
    }
    *ret = mask;
    return true;
}

static unsigned role_bit(struct str s)
{
    if (str_eqz(s, "生产"))
        return DIRECTOR_PRODUCER;
    return str_eqz(s, "销售") ? DIRECTOR_SELLER : 0;
}

static unsigned size_bit(struct str s)
{
    enum size size = size_of(s);
    bool known = size != SIZE_UNKNOWN || str_eqz(s, size_code(SIZE_UNKNOWN));
    return known ? 1u << size : 0;
}

static bool read_need(struct str s, enum director_need *ret)
{
    for (int n = DIRECTOR_NO; n < DIRECTOR_NEEDS; n++) {
        if (!str_eqz(s, director_code((enum director_need)n)))
            continue;
        *ret = (enum director_need)n;
        return true;
    }
    return false;
}

static bool read_rule(const struct jin *row, struct arena *a, struct director_rule *r)
{
    r->chain_hq = jin_bool(jin_get(row, "chain_hq"), false);
    r->online_self = jin_bool(jin_get(row, "online_self"), false);
    r->verify = jin_bool(jin_get(row, "verify"), false);
    r->id = arena_str(a, jin_str(jin_get(row, "id")));
    r->reason = arena_str(a, jin_str(jin_get(row, "reason")));
    return !str_empty(r->id) && !str_empty(r->reason) &&
           read_need(jin_str(jin_get(row, "need")), &r->need) &&
           read_mask(jin_get(row, "roles"), role_bit, &r->roles) &&
           read_mask(jin_get(row, "classes"), director_classes, &r->classes) &&
           read_mask(jin_get(row, "sizes"), size_bit, &r->sizes);
}

enum err director_read(const struct jin *body, struct arena *a, struct director_table *ret)
{
    const struct jin *rows = jin_get(body, "rules");
    size_t n = jin_len(rows);
    struct director_rule *rules = arena_new(a, struct director_rule, n);
    for (size_t i = 0; rules && i < n; i++)
        if (!read_rule(jin_at(rows, i), a, &rules[i]))
            return a->failed ? ERR_NOMEM : ERR_INVALID;
    if (a->failed)
        return ERR_NOMEM;
    if (n == 0)
        return ERR_INVALID;
    *ret = (struct director_table){rules, n};
    return OK;
}
