/* Data quality: rules over the ledger (template quality_rules), which firms break them, how many
 * under every authority. The operations stand in ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_QUALITY_QUALITY_H
#define ZHIAN_FEATURE_QUALITY_QUALITY_H

#include "core/ctx.h"
#include "core/job.h"
#include "core/list.h"
#include "feature/quality/fields.def"

STRUCT(quality_ask, QUALITY_ASK_FIELDS)
STRUCT(quality_rule, QUALITY_RULE_FIELDS)
STRUCT(quality_org, QUALITY_ORG_FIELDS)
STRUCT(quality_board, QUALITY_BOARD_FIELDS)

/* job_quality looks at every firm by the rules in force. It may be started over at any time. */
enum err job_quality(struct ctx *c, struct job *j);

/* quality_tick, once a minute in a server: looks again at the firms that changed since, and starts
 * a whole check once a day, as rules ask for the age of things. */
void quality_tick(struct app *app);

#endif
