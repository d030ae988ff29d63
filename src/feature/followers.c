/* What features do when a firm changed its state or moved, and when it was merged into another, in
 * the same transaction. */
#include "feature/campaign/campaign.h"
#include "feature/ledger/ledger.h"

firm_follower *const firm_followers[] = {
    campaign_firm_changed,
    NULL,
};

firm_follower *const firm_merge_followers[] = {
    campaign_firm_merged,
    NULL,
};
