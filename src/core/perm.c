/* Roles and permissions as tables. */
#include "core/perm.h"

static const struct {
    const char *name;
    const char *label;
} perms[PERM_COUNT] = {
    [PERM_NONE] = {"none", "任何人"},
    [PERM_ANY] = {"any", "登录即可"},
#define ROW(id, name, label) [id] = {name, label},
#include "core/perms.def"
#undef ROW
};

static const struct role roles[] = {
#define ROW(name, label, kind, ...)                                                                \
    {name, label, kind, (const enum perm[]){__VA_ARGS__, PERM_NONE}},
#include "core/roles.def"
#undef ROW
};

enum { ROLES = sizeof roles / sizeof *roles };
_Static_assert(PERM_COUNT <= 128, "actor.perms holds 128 bits");

const struct role *role_find(struct str name)
{
    for (size_t i = 0; i < ROLES; i++)
        if (str_eqz(name, roles[i].name))
            return &roles[i];
    return NULL;
}

const struct role *role_at(size_t i)
{
    return i < ROLES ? &roles[i] : NULL;
}

const char *perm_name(enum perm p)
{
    return perms[p].name;
}

const char *perm_label(enum perm p)
{
    return perms[p].label;
}

enum perm perm_find(struct str name)
{
    for (int i = 0; i < PERM_COUNT; i++)
        if (str_eqz(name, perms[i].name))
            return (enum perm)i;
    return PERM_COUNT;
}

void role_grants(const struct role *r, uint64_t out[2])
{
    out[0] = (uint64_t)1 << PERM_ANY;
    out[1] = 0;
    for (const enum perm *p = r->perms; *p != PERM_NONE; p++)
        out[*p / 64] |= (uint64_t)1 << (*p % 64);
}
