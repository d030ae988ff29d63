/* The frozen copy behind a submission. */
#ifndef ZHIAN_FEATURE_CAMPAIGN_SNAPSHOT_H
#define ZHIAN_FEATURE_CAMPAIGN_SNAPSHOT_H

#include "feature/campaign/campaign.h"

/* submission_drop marks an edition as not sent, with the reason (writer). */
MUST_CHECK enum err submission_drop(
    struct ctx *c, const struct campaign_submission_row *old, struct str reason);

#endif
