/* Hazards, from discovery to closure. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_HAZARD_HAZARD_H
#define ZHIAN_FEATURE_HAZARD_HAZARD_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/hazard/fields.def"

STRUCT(hazard_row, HAZARD_ROW_FIELDS)
STRUCT(hazard_ref, HAZARD_REF_FIELDS)
STRUCT(hazard_view, HAZARD_VIEW_FIELDS)
STRUCT(hazard_step, HAZARD_STEP_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_hazard;

#endif
