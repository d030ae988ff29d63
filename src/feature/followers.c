/* What features do when a firm changed its state or moved, when it was merged into another, and
 * when it came back, in the same transaction. */
#include "feature/campaign/campaign.h"
#include "feature/ledger/firm_follow.h"

firm_follower *const firm_followers[] = {
    campaign_firm_changed,
    NULL,
};

firm_follower *const firm_merge_followers[] = {
    campaign_firm_merged,
    NULL,
};

firm_follower *const firm_unmerge_followers[] = {
    campaign_firm_unmerged,
    NULL,
};
