/* What goes along when a firm changes: tables of functions of other features. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_FOLLOW_H
#define ZHIAN_FEATURE_LEDGER_FIRM_FOLLOW_H

#include "feature/ledger/ledger.h"

/* firm_followers: what other features do in the transaction in which a firm changed its state or
 * moved to another authority; firm_merge_followers: in which `old` was merged into `row`;
 * firm_unmerge_followers: in which `row` came back out of `old`. All end with NULL; they stand in
 * feature/followers.c. */
typedef enum err firm_follower(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row);
extern firm_follower *const firm_followers[], *const firm_merge_followers[];
extern firm_follower *const firm_unmerge_followers[];

/* firm_followed runs a table of followers. */
MUST_CHECK enum err firm_followed(struct ctx *c, firm_follower *const *table,
    const struct firm_row *old, const struct firm_row *row);

#endif
