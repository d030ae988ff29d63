/* The file of a firm as it stood at the end of a day, put back from the journal (core/past.h). */
#ifndef ZHIAN_FEATURE_LIFE_PAST_H
#define ZHIAN_FEATURE_LIFE_PAST_H

#include "core/past.h"
#include "feature/life/life.h"

struct past_file {
    bool exists;
    bool proved; /* the firm's record has the digest that the journal kept of that time */
    bool lost;   /* a number that is not kept changed since */
    int64_t changes_since;
    struct firm_row firm;
    struct vec products, people;        /* struct product_row, struct person_row */
    struct firm_products products_seen; /* what grading looks at */
};

/* past_load: 404 for a firm out of scope today; ERR_INVALID for a day to come. */
MUST_CHECK enum err past_load(struct ctx *c, int64_t firm, int64_t day, struct past_file *ret);

#endif
