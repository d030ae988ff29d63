/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_ORG_IMPL_H
#define ZHIAN_FEATURE_ORG_IMPL_H

#include "feature/org/org.h"

enum { ORG_SEGMENT = 5, ORG_CHILDREN_MAX = 9999 };

/* org_sees_all: administrators and the system. */
bool org_sees_all(const struct ctx *c);

/* org_fill completes a view read from the database: areas served today with their names; the count
 * of firms only for who may read firms. */
MUST_CHECK enum err org_fill(struct ctx *c, struct org_view *v);

/* area_chain calls fn for an area and every area above it, from below, until fn returns false. */
MUST_CHECK enum err area_chain(struct ctx *c, struct str code,
    bool (*fn)(struct ctx *c, void *arg, const struct area_row *area), void *arg);

/* like_pattern: what finds q anywhere (head "%") or in front (head ""), LIKE's signs escaped. */
struct str like_pattern(struct ctx *c, const char *head, struct str q);

#endif
