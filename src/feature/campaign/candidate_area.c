#include "feature/campaign/candidate_area.h"

enum { PLACES_MAX = 4000, COUNTY = 3, TOWN = 4, COUNTY_CODE = 6, TOWN_CODE = 9, CHAR = 3 };

/* The name without 镇, 乡, 街道, 县 …, where something distinctive is left. */
static struct str stem_of(struct str name)
{
    static const char *const tails[] = {"街道办事处", "街道", "地区", "镇", "乡", "县", "市", "区"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        struct str tail = str_z(tails[i]);
        if (str_ends(name, tail) && name.n >= tail.n + 2 * CHAR)
            return str_sub(name, 0, name.n - tail.n);
    }
    return name;
}

enum err places_load(struct ctx *c, struct str county, struct places *ret)
{
    struct q q;
    *ret = (struct places){
        .c = c, .rows = arena_new(c->a, struct place, PLACES_MAX), .county = county};
    if (!ret->rows)
        return fail(c, ERR_NOMEM, NULL, NULL);
    q_begin(&q, c->db, SQL_candidate_areas);
    q_int(&q, "day", c->today);
    while (ret->n < PLACES_MAX && q_row(&q)) {
        if (q_get_int(&q, 3) < COUNTY)
            continue;
        struct place *p = &ret->rows[ret->n++];
        p->code = keep(c, q_get_str(&q, 0));
        p->name = keep(c, q_get_str(&q, 1));
        p->parent = keep(c, q_get_str(&q, 2));
        p->level = q_get_int(&q, 3);
        p->stem = stem_of(p->name);
    }
    return db_fail(c, q_end(&q));
}

static bool named(const struct place *p, struct str text)
{
    return str_eq(p->name, text) || str_eq(p->stem, text) || str_ends(text, p->name);
}

/* The only place of a level (and of a county, for townships) that holds; NULL when none or several
 * do. test: by its name as written, or by its name somewhere in an address. */
static struct place *only(struct places *p, int64_t level, struct str parent, struct str text,
    bool (*test)(const struct place *p, struct str text))
{
    struct place *hit = NULL;
    for (size_t i = 0; text.n && i < p->n; i++) {
        struct place *one = &p->rows[i];
        bool here = one->level == level && (!parent.n || str_eq(one->parent, parent));
        if (!here || !test(one, text))
            continue;
        if (hit && hit->name.n == one->name.n)
            return NULL;
        if (!hit || one->name.n > hit->name.n)
            hit = one;
    }
    return hit;
}

static bool within(const struct place *p, struct str text)
{
    return str_find(text, p->name) >= 0;
}

static struct place *by_code(struct places *p, struct str code)
{
    if (code.n > TOWN_CODE)
        code = str_sub(code, 0, TOWN_CODE);
    for (size_t i = 0; code.n >= COUNTY_CODE && i < p->n; i++)
        if (str_eq(p->rows[i].code, code))
            return &p->rows[i];
    return NULL;
}

static struct place *by_words(struct places *p, const struct place_words *w)
{
    struct place *county = only(p, COUNTY, STR_NULL, w->county, named);
    if (!county && w->county.n)
        return NULL; /* a county was named that is not known: better asked than guessed */
    if (!county)
        county = only(p, COUNTY, STR_NULL, w->address, within);
    struct str code = county ? county->code : p->county;
    struct place *town = only(p, TOWN, code, w->town, named);
    if (!town && !w->town.n && code.n)
        town = only(p, TOWN, code, w->address, within);
    if (town || w->town.n)
        return town;
    return county ? county : by_code(p, p->county);
}

static enum err who_answers(struct places *p, struct place *at)
{
    struct q q;
    struct str code = at->code;
    at->looked = true;
    for (int i = 0; i < 2 && !at->org; i++) {
        q_begin(&q, p->c->db, SQL_org_for_area);
        q_str(&q, "area", code);
        q_int(&q, "day", p->c->today);
        if (q_row(&q)) {
            at->org = q_get_int(&q, 0);
            at->path = keep(p->c, q_get_str(&q, 1));
        }
        enum err e = q_end(&q);
        if (e)
            return db_fail(p->c, e);
        code = str_sub(code, 0, COUNTY_CODE); /* a township without a station goes to its county */
    }
    return OK;
}

enum err places_find(struct places *p, const struct place_words *w, const struct place **ret)
{
    struct place *at = w->code.n ? by_code(p, w->code) : by_words(p, w);
    *ret = at;
    return at && !at->looked ? who_answers(p, at) : OK;
}
