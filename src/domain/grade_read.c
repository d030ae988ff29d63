/* The parameters of the grade from the body of template att1. */
#include "domain/grade.h"

static char letter_of(const struct jin *v)
{
    struct str s = jin_str(v);
    return s.n == 1 && s.p[0] >= 'A' && s.p[0] <= 'D' ? s.p[0] : 0;
}

static bool read_sizes(const struct jin *rows, struct grade_params *p)
{
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        enum size size = size_of(jin_str(jin_get(row, "size")));
        if (size != SIZE_UNKNOWN)
            p->of_size[size] = letter_of(jin_get(row, "grade"));
    }
    for (int s = SIZE_MICRO; s < SIZE_COUNT; s++)
        if (!p->of_size[s])
            return false;
    return true;
}

static bool read_levels(const struct jin *rows, struct grade_params *p)
{
    for (size_t i = 0; i < jin_len(rows); i++) {
        const struct jin *row = jin_at(rows, i);
        char grade = letter_of(jin_get(row, "grade"));
        if (grade)
            p->level[grade - 'A'] = level_of(jin_str(jin_get(row, "level")));
    }
    for (int i = 0; i < 4; i++)
        if (p->level[i] == LEVEL_NONE)
            return false;
    return true;
}

static bool read_floors(const struct jin *rows, struct arena *a, struct grade_params *p)
{
    size_t n = jin_len(rows);
    struct grade_floor *floors = arena_new(a, struct grade_floor, n);
    for (size_t i = 0; floors && i < n; i++) {
        const struct jin *row = jin_at(rows, i);
        floors[i].word = arena_str(a, jin_str(jin_get(row, "word")));
        floors[i].grade = letter_of(jin_get(row, "grade"));
        if (!floors[i].grade || str_empty(floors[i].word))
            return false;
    }
    p->floors = floors;
    p->nfloors = n;
    return true;
}

static bool read_modifier(const struct jin *row, struct arena *a, struct grade_params *p)
{
    struct str no = jin_str(jin_get(row, "no"));
    bool on = jin_bool(jin_get(row, "on"), false);
    if (str_eqz(no, "M1")) {
        p->both_higher = on;
    } else if (str_eqz(no, "M2")) {
        p->provisional = on;
        p->certified = letter_of(jin_get(row, "certified"));
        p->other = letter_of(jin_get(row, "other"));
        return !on || (p->certified && p->other);
    } else if (str_eqz(no, "M5")) {
        p->floors_on = on;
        return read_floors(jin_get(row, "floors"), a, p);
    } else if (str_eqz(no, "M6")) {
        p->group_on = on;
    } else if (str_eqz(no, "M3")) {
        p->accident_on = on;
    } else if (str_eqz(no, "M4")) {
        p->hazards_on = on;
        p->hazards_count = jin_int(jin_get(row, "count"), 2);
        p->hazards_months = jin_int(jin_get(row, "months"), 12);
        return p->hazards_count > 0 && p->hazards_months > 0 && p->hazards_months <= 120;
    }
    return true;
}

enum err grade_params_read(const struct jin *body, struct arena *a, struct grade_params *ret)
{
    struct grade_params p = {.wholesale_share = jin_int(jin_get(body, "wholesale_share"), 50)};
    if (!read_sizes(jin_get(body, "grade_of_size"), &p) ||
        !read_levels(jin_get(body, "levels"), &p) || p.wholesale_share < 0 ||
        p.wholesale_share > 100)
        return ERR_INVALID;
    const struct jin *modifiers = jin_get(body, "modifiers");
    for (size_t i = 0; i < jin_len(modifiers); i++)
        if (!read_modifier(jin_at(modifiers, i), a, &p))
            return a->failed ? ERR_NOMEM : ERR_INVALID;
    if (a->failed)
        return ERR_NOMEM;
    *ret = p;
    return OK;
}
