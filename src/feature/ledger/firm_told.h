/* What storing a firm means for the numbers of who was told of which notice (PL-66). */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_TOLD_H
#define ZHIAN_FEATURE_LEDGER_FIRM_TOLD_H

#include "feature/ledger/ledger.h"

/* firm_told_count keeps tell_stock and tell_count in step with a firm that was stored (old NULL: a
 * new one): admitted, closed, another kind, moved to another authority. Writer only. */
MUST_CHECK enum err firm_told_count(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row);

#endif
