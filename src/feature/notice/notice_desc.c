/* Descriptors of the notice structs. */
#include "feature/notice/notice.h"

DESC(notice_row, NOTICE_ROW_FIELDS)
DESC(notice_send_row, NOTICE_SEND_ROW_FIELDS)
DESC(telling_row, TELLING_ROW_FIELDS)
DESC(question_row, QUESTION_ROW_FIELDS)
DESC(question_post_row, QUESTION_POST_ROW_FIELDS)
DESC(notice_para, NOTICE_PARA_FIELDS)
DESC(notice_new, NOTICE_NEW_FIELDS)
DESC(notice_edit, NOTICE_EDIT_FIELDS)
DESC(notice_ref, NOTICE_REF_FIELDS)
DESC(org_pick, ORG_PICK_FIELDS)
DESC(notice_issue, NOTICE_ISSUE_FIELDS)
DESC(notice_dispatch, NOTICE_DISPATCH_FIELDS)
DESC(notice_withdraw, NOTICE_WITHDRAW_FIELDS)
DESC(notice_contact, NOTICE_CONTACT_FIELDS)
DESC(notice_sign, NOTICE_SIGN_FIELDS)
DESC(notice_link, NOTICE_LINK_FIELDS)
DESC(notice_file, NOTICE_FILE_FIELDS)
DESC(notice_view, NOTICE_VIEW_FIELDS)
DESC(notice_file_new, NOTICE_FILE_NEW_FIELDS)
DESC(notice_file_ref, NOTICE_FILE_REF_FIELDS)
DESC(notice_start, NOTICE_START_FIELDS)
DESC(tell_row, TELL_ROW_FIELDS)
DESC(tell_board_ask, TELL_BOARD_ASK_FIELDS)
DESC(tell_board, TELL_BOARD_FIELDS)
DESC(tell_parent, TELL_PARENT_FIELDS)
DESC(tell_work_item, TELL_WORK_ITEM_FIELDS)
DESC(tell_work, TELL_WORK_FIELDS)
DESC(telling_new, TELLING_NEW_FIELDS)
DESC(telling_ref, TELLING_REF_FIELDS)
DESC(telling_view, TELLING_VIEW_FIELDS)
DESC(telling_list, TELLING_LIST_FIELDS)
DESC(telling_void, TELLING_VOID_FIELDS)
DESC(firm_pick, FIRM_PICK_FIELDS)
DESC(tell_many, TELL_MANY_FIELDS)
DESC(tell_many_item, TELL_MANY_ITEM_FIELDS)
DESC(tell_many_done, TELL_MANY_DONE_FIELDS)
DESC(own_notice, OWN_NOTICE_FIELDS)
DESC(own_notices, OWN_NOTICES_FIELDS)
DESC(own_read, OWN_READ_FIELDS)
DESC(question_new, QUESTION_NEW_FIELDS)
DESC(question_ref, QUESTION_REF_FIELDS)
DESC(question_step, QUESTION_STEP_FIELDS)
DESC(question_post_view, QUESTION_POST_VIEW_FIELDS)
DESC(question_view, QUESTION_VIEW_FIELDS)
DESC(inbox_item, INBOX_ITEM_FIELDS)
DESC(inbox, INBOX_FIELDS)
DESC(handbook, HANDBOOK_FIELDS)
DESC(filling_rules, FILLING_RULES_FIELDS)

const struct record_kind kind_notice = {60, "notice", "通知", &notice_row_desc, RECORD_SQL(notice)};
const struct record_kind kind_notice_send = {
    61, "notice_send", "下发", &notice_send_row_desc, RECORD_SQL(notice_send)};
const struct record_kind kind_telling = {
    62, "telling", "传达", &telling_row_desc, RECORD_SQL(telling)};
const struct record_kind kind_question = {
    63, "question", "问答", &question_row_desc, RECORD_SQL(question)};
const struct record_kind kind_question_post = {
    64, "question_post", "问答往来", &question_post_row_desc, RECORD_SQL(question_post)};
