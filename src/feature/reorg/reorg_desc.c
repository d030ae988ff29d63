/* Descriptors of the changes and hand-overs. */
#include "feature/reorg/reorg.h"

DESC(org_change_row, ORG_CHANGE_ROW_FIELDS)
DESC(pick, PICK_FIELDS)
DESC(org_change_ask, ORG_CHANGE_ASK_FIELDS)
DESC(org_change_new, ORG_CHANGE_NEW_FIELDS)
DESC(org_numbers, ORG_NUMBERS_FIELDS)
DESC(org_route, ORG_ROUTE_FIELDS)
DESC(org_hurdle, ORG_HURDLE_FIELDS)
DESC(org_preview, ORG_PREVIEW_FIELDS)
DESC(org_change_ref, ORG_CHANGE_REF_FIELDS)
DESC(org_change_view, ORG_CHANGE_VIEW_FIELDS)
DESC(org_ref, ORG_REF_FIELDS)
DESC(org_event, ORG_EVENT_FIELDS)
DESC(org_history, ORG_HISTORY_FIELDS)
DESC(area_change_row, AREA_CHANGE_ROW_FIELDS)
DESC(area_change_ask, AREA_CHANGE_ASK_FIELDS)
DESC(area_change_new, AREA_CHANGE_NEW_FIELDS)
DESC(area_preview, AREA_PREVIEW_FIELDS)
DESC(area_change_view, AREA_CHANGE_VIEW_FIELDS)
DESC(area_ref, AREA_REF_FIELDS)
DESC(area_history, AREA_HISTORY_FIELDS)
DESC(handover_row, HANDOVER_ROW_FIELDS)
DESC(handover_part_row, HANDOVER_PART_ROW_FIELDS)
DESC(person_ask, PERSON_ASK_FIELDS)
DESC(official, OFFICIAL_FIELDS)
DESC(official_list, OFFICIAL_LIST_FIELDS)
DESC(holdings_ask, HOLDINGS_ASK_FIELDS)
DESC(held_firm, HELD_FIRM_FIELDS)
DESC(held_view, HELD_VIEW_FIELDS)
DESC(holdings, HOLDINGS_FIELDS)
DESC(handover_to, HANDOVER_TO_FIELDS)
DESC(handover_new, HANDOVER_NEW_FIELDS)
DESC(handover_ref, HANDOVER_REF_FIELDS)
DESC(handover_answer, HANDOVER_ANSWER_FIELDS)
DESC(handover_view, HANDOVER_VIEW_FIELDS)

const struct record_kind kind_org_change = {
    70, "org_change", "机构调整", &org_change_row_desc, RECORD_SQL(org_change)};

const struct record_kind kind_area_change = {
    71, "area_change", "区划变更", &area_change_row_desc, RECORD_SQL(area_change)};

const struct record_kind kind_handover = {
    72, "handover", "工作交接", &handover_row_desc, RECORD_SQL(handover)};

const struct record_kind kind_handover_part = {
    73, "handover_part", "工作交接签收", &handover_part_row_desc, RECORD_SQL(handover_part)};
