/* The life of a firm: abnormal status, moves, duplicates and mergers, relations, claims, yearly
 * grade proposals, delegated tasks, the file on a day (PL-14, PL-92, R-101, R-102, P1.2, P8.2). The
 * operations stand in ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_LIFE_LIFE_H
#define ZHIAN_FEATURE_LIFE_LIFE_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/life/fields.def"
#include "feature/people/people.h"

STRUCT(status_change_row, STATUS_CHANGE_ROW_FIELDS)
STRUCT(transfer_row, TRANSFER_ROW_FIELDS)
STRUCT(twin_row, TWIN_ROW_FIELDS)
STRUCT(firm_link_row, FIRM_LINK_ROW_FIELDS)
STRUCT(claim_row, CLAIM_ROW_FIELDS)
STRUCT(regrade_row, REGRADE_ROW_FIELDS)
STRUCT(delegation_row, DELEGATION_ROW_FIELDS)
STRUCT(status_new, STATUS_NEW_FIELDS)
STRUCT(status_decide, STATUS_DECIDE_FIELDS)
STRUCT(life_done, LIFE_DONE_FIELDS)
STRUCT(transfer_new, TRANSFER_NEW_FIELDS)
STRUCT(transfer_pull, TRANSFER_PULL_FIELDS)
STRUCT(transfer_decide, TRANSFER_DECIDE_FIELDS)
STRUCT(transfer_withdraw, TRANSFER_WITHDRAW_FIELDS)
STRUCT(twin_ask, TWIN_ASK_FIELDS)
STRUCT(twin_item, TWIN_ITEM_FIELDS)
STRUCT(twin_list, TWIN_LIST_FIELDS)
STRUCT(twin_ref, TWIN_REF_FIELDS)
STRUCT(twin_undo, TWIN_UNDO_FIELDS)
STRUCT(twin_search, TWIN_SEARCH_FIELDS)
STRUCT(twin_decide, TWIN_DECIDE_FIELDS)
STRUCT(twin_side, TWIN_SIDE_FIELDS)
STRUCT(twin_view, TWIN_VIEW_FIELDS)
STRUCT(link_new, LINK_NEW_FIELDS)
STRUCT(link_void, LINK_VOID_FIELDS)
STRUCT(link_item, LINK_ITEM_FIELDS)
STRUCT(link_list, LINK_LIST_FIELDS)
STRUCT(claim_new, CLAIM_NEW_FIELDS)
STRUCT(claim_made, CLAIM_MADE_FIELDS)
STRUCT(claim_look, CLAIM_LOOK_FIELDS)
STRUCT(claim_face, CLAIM_FACE_FIELDS)
STRUCT(claim_decide, CLAIM_DECIDE_FIELDS)
STRUCT(claim_done, CLAIM_DONE_FIELDS)
STRUCT(regrade_start, REGRADE_START_FIELDS)
STRUCT(regrade_decide, REGRADE_DECIDE_FIELDS)
STRUCT(regrade_done, REGRADE_DONE_FIELDS)
STRUCT(grade_ask, GRADE_ASK_FIELDS)
STRUCT(grade_at, GRADE_AT_FIELDS)
STRUCT(delegation_new, DELEGATION_NEW_FIELDS)
STRUCT(delegation_step, DELEGATION_STEP_FIELDS)
STRUCT(past_ask, PAST_ASK_FIELDS)
STRUCT(past_view, PAST_VIEW_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_status_change;
extern const struct record_kind kind_transfer;
extern const struct record_kind kind_twin;
extern const struct record_kind kind_firm_link;
extern const struct record_kind kind_claim;
extern const struct record_kind kind_regrade;
extern const struct record_kind kind_delegation;

struct job;

/* job_twins compares the whole ledger under the starter's authority and keeps new pairs;
 * job_regrade makes the year's grade proposals. */
enum err job_twins(struct ctx *c, struct job *j);
enum err job_regrade(struct ctx *c, struct job *j);

/* transfer_remind notes moves whose term has passed, once each (at most 200 a call; writer). */
MUST_CHECK enum err transfer_remind(struct ctx *c);

#endif
