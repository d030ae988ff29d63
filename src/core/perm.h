/* Permissions and the default roles that hold them; rows in perms.def and roles.def. */
#ifndef ZHIAN_CORE_PERM_H
#define ZHIAN_CORE_PERM_H

#include "base/str.h"

enum perm {
    PERM_NONE = 0, /* operations open to anyone: listed by a test */
    PERM_ANY,      /* any signed-in account */
#define ROW(id, name, label) id,
#include "core/perms.def"
#undef ROW
    PERM_COUNT
};

enum role_kind { ROLE_ORG, ROLE_FIRM, ROLE_ADMIN };

struct role {
    const char *name;
    const char *label;
    enum role_kind kind;
    const enum perm *perms; /* ends with PERM_NONE */
};

/* role_find: the row of that name, or NULL. */
const struct role *role_find(struct str name);
const struct role *role_at(size_t i); /* NULL past the end */

const char *perm_name(enum perm p);
const char *perm_label(enum perm p);
enum perm perm_find(struct str name); /* PERM_COUNT when unknown */

/* role_grants sets the bits of a role's permissions in out[2]. */
void role_grants(const struct role *r, uint64_t out[2]);

#endif
