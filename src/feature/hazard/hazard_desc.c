/* Descriptors of the hazard structs. */
#include "feature/hazard/hazard.h"

DESC(hazard_row, HAZARD_ROW_FIELDS)
DESC(hazard_ref, HAZARD_REF_FIELDS)
DESC(hazard_view, HAZARD_VIEW_FIELDS)
DESC(hazard_step, HAZARD_STEP_FIELDS)

const struct record_kind kind_hazard = {
    23, "hazard", "问题隐患", &hazard_row_desc, RECORD_SQL(hazard)};
