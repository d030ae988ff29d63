/* Who supervises a firm, kept by date. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_SUPERVISE_H
#define ZHIAN_FEATURE_LEDGER_FIRM_SUPERVISE_H

#include "feature/ledger/ledger.h"

/* firm_supervisor_since fills the day on which a new supervisor begins when none was given: today.
 */
void firm_supervisor_since(struct ctx *c, const struct firm_row *old, struct firm_row *row);

/* firm_supervisor_keep adds a changed supervisor to the dated history (writer): the one before ends
 * the day before, and how many working days past the limit the change was entered is counted
 * (PL-19, R-104). who may be NULL: the name alone is known. Nothing happens when the name and the
 * day are the same. open: the history's row without an end where the caller has read it, its id
 * NULL_INT for none; NULL: not read. */
MUST_CHECK enum err firm_supervisor_keep(struct ctx *c, const struct firm_row *old,
    const struct firm_row *row, const struct supervisor_who *who,
    const struct firm_supervisor_row *open);

#endif
