/* Descriptors of the ledger structs. */
#include "feature/ledger/ledger.h"

DESC(firm_row, FIRM_ROW_FIELDS)
DESC(product_row, PRODUCT_ROW_FIELDS)
DESC(paper_check_row, PAPER_CHECK_ROW_FIELDS)
DESC(grade_change_row, GRADE_CHANGE_ROW_FIELDS)
DESC(attachment_row, ATTACHMENT_ROW_FIELDS)
DESC(view_row, VIEW_ROW_FIELDS)
DESC(firm_ref, FIRM_REF_FIELDS)
DESC(firm_new, FIRM_NEW_FIELDS)
DESC(firm_edit, FIRM_EDIT_FIELDS)
DESC(firm_own_edit, FIRM_OWN_EDIT_FIELDS)
DESC(action_view, ACTION_VIEW_FIELDS)
DESC(paper_diff, PAPER_DIFF_FIELDS)
DESC(paper_item, PAPER_ITEM_FIELDS)
DESC(paper_check_new, PAPER_CHECK_NEW_FIELDS)
DESC(paper_change, PAPER_CHANGE_FIELDS)
DESC(paper_state, PAPER_STATE_FIELDS)
DESC(firm_view, FIRM_VIEW_FIELDS)
DESC(firm_step, FIRM_STEP_FIELDS)
DESC(product_new, PRODUCT_NEW_FIELDS)
DESC(product_edit, PRODUCT_EDIT_FIELDS)
DESC(product_view, PRODUCT_VIEW_FIELDS)
DESC(history_ask, HISTORY_ASK_FIELDS)
DESC(history_item, HISTORY_ITEM_FIELDS)
DESC(history, HISTORY_FIELDS)
DESC(suggest_ask, SUGGEST_ASK_FIELDS)
DESC(suggest_item, SUGGEST_ITEM_FIELDS)
DESC(suggest, SUGGEST_FIELDS)
DESC(firm_export, FIRM_EXPORT_FIELDS)
DESC(grade_propose, GRADE_PROPOSE_FIELDS)
DESC(grade_decide, GRADE_DECIDE_FIELDS)
DESC(attachment_new, ATTACHMENT_NEW_FIELDS)
DESC(attachment_view, ATTACHMENT_VIEW_FIELDS)
DESC(attachment_list, ATTACHMENT_LIST_FIELDS)
DESC(attachment_ref, ATTACHMENT_REF_FIELDS)
DESC(view_ask, VIEW_ASK_FIELDS)
DESC(view_new, VIEW_NEW_FIELDS)
DESC(view_ref, VIEW_REF_FIELDS)
DESC(view_edit, VIEW_EDIT_FIELDS)
DESC(view_open, VIEW_OPEN_FIELDS)
DESC(view_item, VIEW_ITEM_FIELDS)
DESC(view_list, VIEW_LIST_FIELDS)
DESC(ledger_count_ask, LEDGER_COUNT_ASK_FIELDS)
DESC(ledger_count_row, LEDGER_COUNT_ROW_FIELDS)
DESC(ledger_count, LEDGER_COUNT_FIELDS)
DESC(supervisor_view, SUPERVISOR_VIEW_FIELDS)
DESC(supervisor_list, SUPERVISOR_LIST_FIELDS)

const struct record_kind kind_firm = {10, "firm", "单位", &firm_row_desc, RECORD_SQL(firm)};
const struct record_kind kind_product = {
    11, "product", "产品", &product_row_desc, RECORD_SQL(product)};
const struct record_kind kind_paper_check = {
    13, "paper_check", "纸质档案核对", &paper_check_row_desc, RECORD_SQL(paper_check)};
const struct record_kind kind_grade_change = {
    14, "grade_change", "级别调整", &grade_change_row_desc, RECORD_SQL(grade_change)};
const struct record_kind kind_attachment = {
    15, "attachment", "附件", &attachment_row_desc, RECORD_SQL(attachment)};
const struct record_kind kind_view = {16, "view", "视图", &view_row_desc, RECORD_SQL(view)};
