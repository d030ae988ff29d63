/* Where a row of a list belongs: township or county by code, by names, or by what stands in the
 * address. */
#ifndef ZHIAN_FEATURE_CAMPAIGN_AREA_H
#define ZHIAN_FEATURE_CAMPAIGN_AREA_H

#include "core/ctx.h"

struct place {
    struct str code, name, stem, parent;
    int64_t level; /* 3 county, 4 township */
    int64_t org;   /* who answers for it; 0: nobody */
    struct str path;
    bool looked;
};

struct places {
    struct ctx *c;
    struct place *rows;
    size_t n;
    struct str county; /* the reader's own county, or STR_NULL above that */
};

/* What a row says of its place; any may be absent. */
struct place_words {
    struct str code, county, town, address;
};

/* places_load reads the areas in force; county: the code of the reader's own county or STR_NULL. */
MUST_CHECK enum err places_load(struct ctx *c, struct str county, struct places *ret);

/* places_find: the township, or the county where no more can be told; NULL: not to be told. Its
 * authority is looked up (org 0: none). */
MUST_CHECK enum err places_find(
    struct places *p, const struct place_words *w, const struct place **ret);

#endif
