/* What features do when a firm changed its state, in the same transaction. */
#include "feature/campaign/campaign.h"
#include "feature/ledger/ledger.h"

enum err (*const firm_followers[])(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row) = {
    campaign_firm_changed,
    NULL,
};
