/* Who supervises a firm. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_SUPERVISE_H
#define ZHIAN_FEATURE_LEDGER_FIRM_SUPERVISE_H

#include "feature/ledger/ledger.h"

/* firm_supervisor_since fills the day on which a new supervisor begins when none was given: today.
 */
void firm_supervisor_since(struct ctx *c, const struct firm_row *old, struct firm_row *row);

#endif
