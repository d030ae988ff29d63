/* Posts that should be held and stand empty (R-011, R-014… ). */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_GAP_H
#define ZHIAN_FEATURE_LEDGER_FIRM_GAP_H

#include "feature/ledger/ledger.h"

/* firm_gap_follow keeps post_gap and its counters in step with a firm that was stored (old NULL: a
 * new one). Reads nothing when nothing that matters changed. Writer only. */
MUST_CHECK enum err firm_gap_follow(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row);

#endif
