/* Descriptors of the structs of a firm's life. */
#include "feature/life/life.h"

DESC(status_change_row, STATUS_CHANGE_ROW_FIELDS)
DESC(transfer_row, TRANSFER_ROW_FIELDS)
DESC(twin_row, TWIN_ROW_FIELDS)
DESC(firm_link_row, FIRM_LINK_ROW_FIELDS)
DESC(claim_row, CLAIM_ROW_FIELDS)
DESC(regrade_row, REGRADE_ROW_FIELDS)
DESC(delegation_row, DELEGATION_ROW_FIELDS)
DESC(status_new, STATUS_NEW_FIELDS)
DESC(status_decide, STATUS_DECIDE_FIELDS)
DESC(life_done, LIFE_DONE_FIELDS)
DESC(transfer_new, TRANSFER_NEW_FIELDS)
DESC(transfer_pull, TRANSFER_PULL_FIELDS)
DESC(transfer_decide, TRANSFER_DECIDE_FIELDS)
DESC(transfer_withdraw, TRANSFER_WITHDRAW_FIELDS)
DESC(twin_ask, TWIN_ASK_FIELDS)
DESC(twin_item, TWIN_ITEM_FIELDS)
DESC(twin_list, TWIN_LIST_FIELDS)
DESC(twin_ref, TWIN_REF_FIELDS)
DESC(twin_undo, TWIN_UNDO_FIELDS)
DESC(twin_search, TWIN_SEARCH_FIELDS)
DESC(twin_decide, TWIN_DECIDE_FIELDS)
DESC(twin_side, TWIN_SIDE_FIELDS)
DESC(twin_view, TWIN_VIEW_FIELDS)
DESC(link_new, LINK_NEW_FIELDS)
DESC(link_void, LINK_VOID_FIELDS)
DESC(link_item, LINK_ITEM_FIELDS)
DESC(link_list, LINK_LIST_FIELDS)
DESC(claim_new, CLAIM_NEW_FIELDS)
DESC(claim_made, CLAIM_MADE_FIELDS)
DESC(claim_look, CLAIM_LOOK_FIELDS)
DESC(claim_face, CLAIM_FACE_FIELDS)
DESC(claim_decide, CLAIM_DECIDE_FIELDS)
DESC(claim_done, CLAIM_DONE_FIELDS)
DESC(regrade_start, REGRADE_START_FIELDS)
DESC(regrade_decide, REGRADE_DECIDE_FIELDS)
DESC(regrade_done, REGRADE_DONE_FIELDS)
DESC(grade_ask, GRADE_ASK_FIELDS)
DESC(grade_at, GRADE_AT_FIELDS)
DESC(delegation_new, DELEGATION_NEW_FIELDS)
DESC(delegation_step, DELEGATION_STEP_FIELDS)
DESC(past_ask, PAST_ASK_FIELDS)
DESC(past_view, PAST_VIEW_FIELDS)

const struct record_kind kind_status_change = {
    40, "status_change", "异常状态办理", &status_change_row_desc, RECORD_SQL(status_change)};
const struct record_kind kind_transfer = {
    41, "transfer", "迁移", &transfer_row_desc, RECORD_SQL(transfer)};
const struct record_kind kind_twin = {42, "twin", "疑似重复", &twin_row_desc, RECORD_SQL(twin)};
const struct record_kind kind_firm_link = {
    43, "firm_link", "单位关系", &firm_link_row_desc, RECORD_SQL(firm_link)};
const struct record_kind kind_claim = {44, "claim", "认领申请", &claim_row_desc, RECORD_SQL(claim)};
const struct record_kind kind_regrade = {
    45, "regrade", "级别复核", &regrade_row_desc, RECORD_SQL(regrade)};
const struct record_kind kind_delegation = {
    46, "delegation", "交办", &delegation_row_desc, RECORD_SQL(delegation)};
