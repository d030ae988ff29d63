/* What the files on hand-overs share. */
#ifndef ZHIAN_FEATURE_REORG_HANDOVER_H
#define ZHIAN_FEATURE_REORG_HANDOVER_H

#include "feature/ledger/ledger.h"
#include "feature/reorg/reorg_impl.h"

/* An official with an account. */
struct handover_person {
    int64_t id, org; /* id 0: none */
    struct str name, org_name, path;
    bool active;
};
MUST_CHECK enum err handover_person(struct ctx *c, int64_t id, struct handover_person *ret);

/* handover_show fills the view of a hand-over with its parts. */
MUST_CHECK enum err handover_show(
    struct ctx *c, const struct handover_row *row, struct handover_view *ret);

#endif
