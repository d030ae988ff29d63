/* Notices sent down the organisation tree and to every firm, questions and answers, the handbook
 * (PL-1…3, PL-63, PL-66, PL-80…90, D13). The operations stand in ops.def, the fields in fields.def.
 */
#ifndef ZHIAN_FEATURE_NOTICE_NOTICE_H
#define ZHIAN_FEATURE_NOTICE_NOTICE_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/notice/fields.def"

STRUCT(notice_row, NOTICE_ROW_FIELDS)
STRUCT(notice_send_row, NOTICE_SEND_ROW_FIELDS)
STRUCT(telling_row, TELLING_ROW_FIELDS)
STRUCT(question_row, QUESTION_ROW_FIELDS)
STRUCT(question_post_row, QUESTION_POST_ROW_FIELDS)
STRUCT(notice_para, NOTICE_PARA_FIELDS)
STRUCT(notice_new, NOTICE_NEW_FIELDS)
STRUCT(notice_edit, NOTICE_EDIT_FIELDS)
STRUCT(notice_ref, NOTICE_REF_FIELDS)
STRUCT(org_pick, ORG_PICK_FIELDS)
STRUCT(notice_issue, NOTICE_ISSUE_FIELDS)
STRUCT(notice_dispatch, NOTICE_DISPATCH_FIELDS)
STRUCT(notice_withdraw, NOTICE_WITHDRAW_FIELDS)
STRUCT(notice_contact, NOTICE_CONTACT_FIELDS)
STRUCT(notice_sign, NOTICE_SIGN_FIELDS)
STRUCT(notice_link, NOTICE_LINK_FIELDS)
STRUCT(notice_file, NOTICE_FILE_FIELDS)
STRUCT(notice_view, NOTICE_VIEW_FIELDS)
STRUCT(notice_file_new, NOTICE_FILE_NEW_FIELDS)
STRUCT(notice_file_ref, NOTICE_FILE_REF_FIELDS)
STRUCT(notice_start, NOTICE_START_FIELDS)
STRUCT(tell_row, TELL_ROW_FIELDS)
STRUCT(tell_board_ask, TELL_BOARD_ASK_FIELDS)
STRUCT(tell_board, TELL_BOARD_FIELDS)
STRUCT(tell_parent, TELL_PARENT_FIELDS)
STRUCT(tell_work_item, TELL_WORK_ITEM_FIELDS)
STRUCT(tell_work, TELL_WORK_FIELDS)
STRUCT(telling_new, TELLING_NEW_FIELDS)
STRUCT(telling_ref, TELLING_REF_FIELDS)
STRUCT(telling_view, TELLING_VIEW_FIELDS)
STRUCT(telling_list, TELLING_LIST_FIELDS)
STRUCT(telling_void, TELLING_VOID_FIELDS)
STRUCT(firm_pick, FIRM_PICK_FIELDS)
STRUCT(tell_many, TELL_MANY_FIELDS)
STRUCT(tell_many_item, TELL_MANY_ITEM_FIELDS)
STRUCT(tell_many_done, TELL_MANY_DONE_FIELDS)
STRUCT(own_notice, OWN_NOTICE_FIELDS)
STRUCT(own_notices, OWN_NOTICES_FIELDS)
STRUCT(own_read, OWN_READ_FIELDS)
STRUCT(question_new, QUESTION_NEW_FIELDS)
STRUCT(question_ref, QUESTION_REF_FIELDS)
STRUCT(question_step, QUESTION_STEP_FIELDS)
STRUCT(question_post_view, QUESTION_POST_VIEW_FIELDS)
STRUCT(question_view, QUESTION_VIEW_FIELDS)
STRUCT(inbox_item, INBOX_ITEM_FIELDS)
STRUCT(inbox, INBOX_FIELDS)
STRUCT(handbook, HANDBOOK_FIELDS)
STRUCT(filling_rules, FILLING_RULES_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_notice;
extern const struct record_kind kind_notice_send;
extern const struct record_kind kind_telling;
extern const struct record_kind kind_question;
extern const struct record_kind kind_question_post;

/* --- for setup ------------------------------------------------------------------------------- */

/* notice_start_issue issues the sample documents of template "notices" (titles, numbers and dates
 * of the two orders and the plan, texts to be attached) as the top authority's, sent to every
 * authority directly below it (writer; the demonstration). */
MUST_CHECK enum err notice_start_issue(struct ctx *c, void *unused);

#endif
