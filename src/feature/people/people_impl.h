/* What the files of this folder share. */
#ifndef ZHIAN_FEATURE_PEOPLE_IMPL_H
#define ZHIAN_FEATURE_PEOPLE_IMPL_H

#include "core/app.h"
#include "core/crypto.h"
#include "feature/people/people.h"

/* A number as typed, normalised and judged; complains on field. STR_NULL stays STR_NULL. */
struct str phone_read(struct ctx *c, const char *field, struct str typed);
struct str id_no_read(struct ctx *c, const char *field, struct str typed);

/* person_posts: the rows (struct person_row) of those now in a post of a firm. */
MUST_CHECK enum err person_posts(struct ctx *c, int64_t firm, struct str post, struct vec *ret);

/* post_free complains unless `name` may take the post beside those in it: one principal, one
 * director unless `second`, officers as many as needed; from: first day. */
struct post_claim {
    int64_t firm;
    struct str post, name;
    int64_t from; /* day or NULL_INT */
    bool second;
};
MUST_CHECK enum err post_free(struct ctx *c, const struct post_claim *claim);

/* bar_check complains when the person failed the regulator's last assessment for that post (R-017,
 * PL-59: may not hold it): found by the ID number in every firm, by the name within the firm.
 * id_no: in clear, or STR_NULL. bars_mark says so on those in post. */
MUST_CHECK enum err bar_check(struct ctx *c, const struct person_row *row, struct str id_no);
MUST_CHECK enum err bars_mark(struct ctx *c, int64_t firm, struct person_view *v, size_t n);

/* invites_withdraw ends every open invitation of that person and post (writer). */
MUST_CHECK enum err invites_withdraw(
    struct ctx *c, int64_t firm, struct str post, struct str person);

#endif
