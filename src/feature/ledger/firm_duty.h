/* What storing a firm means for the duty calendar and its counters. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_DUTY_H
#define ZHIAN_FEATURE_LEDGER_FIRM_DUTY_H

#include "feature/ledger/ledger.h"

/* firm_duty_count keeps duty_stock, duty_gap and the opened days' counters in step with a firm that
 * was stored (old NULL: a new one): entering and leaving duty, moving to another authority. Writer
 * only. */
MUST_CHECK enum err firm_duty_count(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row);

/* firm_duty_take adds a firm taken over from another store to duty_stock, and does no more. */
void firm_duty_take(struct ctx *c, const struct firm_row *row);

#endif
