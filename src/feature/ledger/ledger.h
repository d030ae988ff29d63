/* The ledger: firms, products, reviews, grades, attachments, views. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_LEDGER_LEDGER_H
#define ZHIAN_FEATURE_LEDGER_LEDGER_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/fields.def"

STRUCT(firm_row, FIRM_ROW_FIELDS)
STRUCT(product_row, PRODUCT_ROW_FIELDS)
STRUCT(paper_check_row, PAPER_CHECK_ROW_FIELDS)
STRUCT(grade_change_row, GRADE_CHANGE_ROW_FIELDS)
STRUCT(attachment_row, ATTACHMENT_ROW_FIELDS)
STRUCT(view_row, VIEW_ROW_FIELDS)
STRUCT(firm_ref, FIRM_REF_FIELDS)
STRUCT(firm_new, FIRM_NEW_FIELDS)
STRUCT(firm_edit, FIRM_EDIT_FIELDS)
STRUCT(action_view, ACTION_VIEW_FIELDS)
STRUCT(paper_item, PAPER_ITEM_FIELDS)
STRUCT(firm_view, FIRM_VIEW_FIELDS)
STRUCT(firm_step, FIRM_STEP_FIELDS)
STRUCT(product_new, PRODUCT_NEW_FIELDS)
STRUCT(product_edit, PRODUCT_EDIT_FIELDS)
STRUCT(product_view, PRODUCT_VIEW_FIELDS)
STRUCT(history_ask, HISTORY_ASK_FIELDS)
STRUCT(history_item, HISTORY_ITEM_FIELDS)
STRUCT(history, HISTORY_FIELDS)
STRUCT(suggest_ask, SUGGEST_ASK_FIELDS)
STRUCT(suggest_item, SUGGEST_ITEM_FIELDS)
STRUCT(suggest, SUGGEST_FIELDS)
STRUCT(firm_export, FIRM_EXPORT_FIELDS)
STRUCT(grade_propose, GRADE_PROPOSE_FIELDS)
STRUCT(grade_decide, GRADE_DECIDE_FIELDS)
STRUCT(attachment_new, ATTACHMENT_NEW_FIELDS)
STRUCT(attachment_view, ATTACHMENT_VIEW_FIELDS)
STRUCT(attachment_list, ATTACHMENT_LIST_FIELDS)
STRUCT(attachment_ref, ATTACHMENT_REF_FIELDS)
STRUCT(view_ask, VIEW_ASK_FIELDS)
STRUCT(view_new, VIEW_NEW_FIELDS)
STRUCT(view_ref, VIEW_REF_FIELDS)
STRUCT(view_item, VIEW_ITEM_FIELDS)
STRUCT(view_list, VIEW_LIST_FIELDS)
STRUCT(ledger_count_ask, LEDGER_COUNT_ASK_FIELDS)
STRUCT(ledger_count_row, LEDGER_COUNT_ROW_FIELDS)
STRUCT(ledger_count, LEDGER_COUNT_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_firm;
extern const struct record_kind kind_product;
extern const struct record_kind kind_paper_check;
extern const struct record_kind kind_grade_change;
extern const struct record_kind kind_attachment;
extern const struct record_kind kind_view;

struct job;

/* job_export writes the ledger to DIR/jobs/ID.xlsx or .csv. */
enum err job_export(struct ctx *c, struct job *j);

#endif
