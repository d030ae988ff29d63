/* Authorities and areas change; what a leaving person holds is handed over. The operations stand in
 * ops.def, the fields in fields.def; what a change does with every path of the schema, in
 * paths.def. */
#ifndef ZHIAN_FEATURE_REORG_REORG_H
#define ZHIAN_FEATURE_REORG_REORG_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/reorg/fields.def"

STRUCT(org_change_row, ORG_CHANGE_ROW_FIELDS)
STRUCT(pick, PICK_FIELDS)
STRUCT(org_change_ask, ORG_CHANGE_ASK_FIELDS)
STRUCT(org_change_new, ORG_CHANGE_NEW_FIELDS)
STRUCT(org_numbers, ORG_NUMBERS_FIELDS)
STRUCT(org_route, ORG_ROUTE_FIELDS)
STRUCT(org_hurdle, ORG_HURDLE_FIELDS)
STRUCT(org_preview, ORG_PREVIEW_FIELDS)
STRUCT(org_change_ref, ORG_CHANGE_REF_FIELDS)
STRUCT(org_change_view, ORG_CHANGE_VIEW_FIELDS)
STRUCT(org_ref, ORG_REF_FIELDS)
STRUCT(org_event, ORG_EVENT_FIELDS)
STRUCT(org_history, ORG_HISTORY_FIELDS)
STRUCT(area_change_row, AREA_CHANGE_ROW_FIELDS)
STRUCT(area_change_ask, AREA_CHANGE_ASK_FIELDS)
STRUCT(area_change_new, AREA_CHANGE_NEW_FIELDS)
STRUCT(area_preview, AREA_PREVIEW_FIELDS)
STRUCT(area_change_view, AREA_CHANGE_VIEW_FIELDS)
STRUCT(area_ref, AREA_REF_FIELDS)
STRUCT(area_history, AREA_HISTORY_FIELDS)
STRUCT(handover_row, HANDOVER_ROW_FIELDS)
STRUCT(handover_part_row, HANDOVER_PART_ROW_FIELDS)
STRUCT(person_ask, PERSON_ASK_FIELDS)
STRUCT(official, OFFICIAL_FIELDS)
STRUCT(official_list, OFFICIAL_LIST_FIELDS)
STRUCT(holdings_ask, HOLDINGS_ASK_FIELDS)
STRUCT(held_firm, HELD_FIRM_FIELDS)
STRUCT(held_view, HELD_VIEW_FIELDS)
STRUCT(holdings, HOLDINGS_FIELDS)
STRUCT(handover_to, HANDOVER_TO_FIELDS)
STRUCT(handover_new, HANDOVER_NEW_FIELDS)
STRUCT(handover_ref, HANDOVER_REF_FIELDS)
STRUCT(handover_answer, HANDOVER_ANSWER_FIELDS)
STRUCT(handover_view, HANDOVER_VIEW_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_org_change;
extern const struct record_kind kind_area_change;
extern const struct record_kind kind_handover;
extern const struct record_kind kind_handover_part;

struct job;

/* The jobs that carry changes out. Each goes on from what it finds. */
enum err job_org_change(struct ctx *c, struct job *j);
enum err job_area_change(struct ctx *c, struct job *j);

/* Firms rewritten in one write; tests make it small to look in between. */
extern int reorg_batch;

/* reorg_tick starts the jobs of changes that are due (writer; once a minute). */
MUST_CHECK enum err reorg_tick(struct ctx *c);

#endif
