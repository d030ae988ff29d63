/* Townships by the ways people write them (rules G1, G2). A county has a dozen towns, so lists
 * ordered by code and walked are enough. */
#include "feature/import/imp_rules.h"

#include <stdlib.h>

#include "base/mem.h"
#include "domain/fold.h"

enum { AREA_ARENA = 64 << 20 };

/* A string constant for static tables. */
#define S_(lit)                                                                                    \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }

struct area {
    struct str code, name;
    struct str stem; /* the name without 镇, 乡, 街道, 县, 市, 区 … */
    bool in_scope;
};

struct area_list {
    struct area *p;
    size_t n, size;
};

struct imp_areas {
    struct arena mem;
    struct area_list above, counties, towns, villages;
};

enum err imp_areas_new(struct imp_areas **ret)
{
    struct imp_areas *a = mem_alloc(sizeof *a);
    if (!a)
        return ERR_NOMEM;
    arena_init(&a->mem, AREA_ARENA);
    *ret = a;
    return OK;
}

void imp_areas_free(struct imp_areas *a)
{
    if (!a)
        return;
    mem_free(a->above.p);
    mem_free(a->counties.p);
    mem_free(a->towns.p);
    mem_free(a->villages.p);
    arena_free(&a->mem);
    mem_free(a);
}

static struct str stem_of(struct str name)
{
    static const struct str tails[] = {S_("街道办事处"), S_("地区办事处"), S_("办事处"), S_("街道"),
        S_("地区"), S_("镇"), S_("乡"), S_("自治县"), S_("新区"), S_("县"), S_("市"), S_("区"),
        S_("省")};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (str_ends(name, tails[i]) && name.n >= tails[i].n + 3)
            return str_sub(name, 0, name.n - tails[i].n);
    return name;
}

/* By the length of the code; 140000 and 141100 are a province and a city padded to six digits. */
static struct area_list *list_of(struct imp_areas *a, struct str code)
{
    switch (code.n) {
    case 2:
    case 4:
        return &a->above;
    case 6:
        return str_ends(code, S("00")) ? &a->above : &a->counties;
    case 9:
        return &a->towns;
    case 12:
        return &a->villages;
    default:
        return NULL;
    }
}

enum err imp_areas_add(struct imp_areas *a, struct str code, struct str name, bool in_scope)
{
    struct area_list *l = list_of(a, code);
    if (!l || name.n == 0)
        return ERR_INVALID;
    if (l->n == l->size) {
        size_t size = l->size ? l->size * 2 : 32;
        struct area *p = mem_grow(l->p, size * sizeof *p);
        if (!p)
            return ERR_NOMEM;
        l->p = p;
        l->size = size;
    }
    struct str kept = arena_str(&a->mem, name);
    l->p[l->n++] = (struct area){arena_str(&a->mem, code), kept, stem_of(kept), in_scope};
    return a->mem.failed ? ERR_NOMEM : OK;
}

/* --- texts --------------------------------------------------------------------------------------
 */

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

/* Drops one area's name, full or short, from the front; something must be left. */
static bool drop_name(struct str *s, const struct area *area)
{
    struct str names[2] = {area->name, area->stem};
    for (int i = 0; i < 2; i++) {
        if (!str_starts(*s, names[i]) || s->n == names[i].n)
            continue;
        *s = str_sub(*s, names[i].n, s->n);
        return true;
    }
    return false;
}

static struct str drop_above(const struct imp_areas *a, struct str s)
{
    for (size_t i = 0; i < a->above.n; i++)
        (void)drop_name(&s, &a->above.p[i]);
    return s;
}

/* --- counties -----------------------------------------------------------------------------------
 */

static bool county_is(const struct area *c, struct str text)
{
    if (str_eq(text, c->name) || str_eq(text, c->code))
        return true;
    if (all_digits(text) && text.n > 6 && str_starts(text, c->code))
        return str_find(str_sub(text, 6, text.n), S("000")) == 0;
    return c->stem.n >= 6 && str_eq(text, c->stem);
}

int area_county(const struct imp_areas *a, struct str text)
{
    struct str rest = drop_above(a, text);
    for (size_t i = 0; i < a->counties.n; i++)
        if (county_is(&a->counties.p[i], text) || county_is(&a->counties.p[i], rest))
            return (int)i;
    return -1;
}

bool area_county_in_scope(const struct imp_areas *a, int county)
{
    return county >= 0 && a->counties.p[county].in_scope;
}

/* --- towns --------------------------------------------------------------------------------------
 */

static bool in_county(const struct imp_areas *a, int county, const struct area *t)
{
    return county < 0 ? t->in_scope : str_starts(t->code, a->counties.p[county].code);
}

static const struct area *town_by_code(const struct imp_areas *a, int county, struct str code)
{
    for (size_t i = 0; i < a->towns.n; i++)
        if (str_eq(a->towns.p[i].code, code) && in_county(a, county, &a->towns.p[i]))
            return &a->towns.p[i];
    return NULL;
}

/* The only town with that full name, else the only one with that short name. */
static const struct area *town_by_name(const struct imp_areas *a, int county, struct str name)
{
    const struct area *full = NULL, *part = NULL;
    size_t nfull = 0, npart = 0;
    for (size_t i = 0; i < a->towns.n; i++) {
        const struct area *t = &a->towns.p[i];
        if (!str_starts(name, t->stem) || !in_county(a, county, t))
            continue;
        if (str_eq(t->name, name)) {
            full = t;
            nfull++;
        }
        bool bare = name.n == t->stem.n;
        bool office = str_starts(name, t->name) && str_ends(name, S("办事处")) &&
                      str_eq(t->stem, stem_of(name));
        if (bare || office) {
            part = t;
            npart++;
        }
    }
    if (nfull)
        return nfull == 1 ? full : NULL;
    return npart == 1 ? part : NULL;
}

static struct str drop_county(const struct imp_areas *a, int county, struct str s)
{
    for (size_t i = 0; i < a->counties.n; i++)
        if ((county < 0 || (int)i == county) && drop_name(&s, &a->counties.p[i]))
            break;
    return s;
}

static struct str village_town(const struct imp_areas *a, int county, struct str name)
{
    struct str town = S("");
    for (size_t i = 0; i < a->villages.n; i++) {
        const struct area *v = &a->villages.p[i];
        struct str code = str_sub(v->code, 0, 9);
        bool same =
            str_eq(v->name, name) || str_eq(stem_of(v->name), name) ||
            (str_starts(v->name, name) && str_eqz(str_sub(v->name, name.n, v->name.n), "村")) ||
            (str_starts(v->name, name) && str_eqz(str_sub(v->name, name.n, v->name.n), "委会"));
        const struct area *t = same ? town_by_code(a, county, code) : NULL;
        if (!t || str_eq(town, t->code))
            continue;
        if (town.n)
            return S(""); /* villages of that name in two towns */
        town = t->code;
    }
    return town;
}

struct area_hit area_town(const struct imp_areas *a, int county, struct str text)
{
    const struct area *t = NULL;
    if (all_digits(text)) {
        t = text.n == 9 || text.n == 12 ? town_by_code(a, county, str_sub(text, 0, 9)) : NULL;
        return (struct area_hit){t ? t->code : S(""), S(""), t && t->in_scope};
    }
    t = town_by_name(a, county, text);
    struct str rest = text;
    if (!t) {
        rest = drop_county(a, county, drop_above(a, text));
        t = town_by_name(a, county, rest);
    }
    if (t)
        return (struct area_hit){t->code, S(""), t->in_scope};
    return (struct area_hit){S(""), village_town(a, county, rest), false};
}

/* Whether the name occurs in the text other than inside a longer town name that occurs there. */
static bool occurs(const struct imp_areas *a, int county, struct str text, const struct area *t)
{
    ptrdiff_t at = str_find(text, t->name);
    if (at < 0)
        return false;
    for (size_t i = 0; i < a->towns.n; i++) {
        const struct area *o = &a->towns.p[i];
        bool longer = o->name.n > t->name.n && str_ends(o->name, t->name);
        if (!longer || !in_county(a, county, o))
            continue;
        ptrdiff_t o_at = str_find(text, o->name);
        if (o_at >= 0 && o_at + (ptrdiff_t)(o->name.n - t->name.n) == at)
            return false;
    }
    return true;
}

struct str area_in_text(
    const struct imp_areas *a, int county, struct str text, struct str *ret_name)
{
    const struct area *hit = NULL;
    for (size_t i = 0; i < a->towns.n; i++) {
        const struct area *t = &a->towns.p[i];
        if (!in_county(a, county, t) || !occurs(a, county, text, t))
            continue;
        if (hit)
            return S("");
        hit = t;
    }
    if (hit && ret_name)
        *ret_name = hit->name;
    return hit ? hit->code : S("");
}
