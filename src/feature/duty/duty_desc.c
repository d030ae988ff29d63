/* Descriptors of the duty structs. */
#include "feature/duty/duty.h"

#include "domain/dutyday.h"

DESC(risklist_row, RISKLIST_ROW_FIELDS)
DESC(daily_row, DAILY_ROW_FIELDS)
DESC(suspension_row, SUSPENSION_ROW_FIELDS)
DESC(risklist_template, RISKLIST_TEMPLATE_FIELDS)
DESC(risklist_templates, RISKLIST_TEMPLATES_FIELDS)
DESC(risklist_view, RISKLIST_VIEW_FIELDS)
DESC(risklist_save, RISKLIST_SAVE_FIELDS)
DESC(day_state, DAY_STATE_FIELDS)
DESC(today_view, TODAY_VIEW_FIELDS)
DESC(daily_answer, DAILY_ANSWER_FIELDS)
DESC(daily_problem, DAILY_PROBLEM_FIELDS)
DESC(daily_draft, DAILY_DRAFT_FIELDS)
DESC(daily_receipt, DAILY_RECEIPT_FIELDS)
DESC(daily_ref, DAILY_REF_FIELDS)
DESC(daily_version, DAILY_VERSION_FIELDS)
DESC(daily_view, DAILY_VIEW_FIELDS)
DESC(month_ask, MONTH_ASK_FIELDS)
DESC(month_view, MONTH_VIEW_FIELDS)
DESC(suspension_new, SUSPENSION_NEW_FIELDS)
DESC(suspension_end, SUSPENSION_END_FIELDS)
DESC(suspension_view, SUSPENSION_VIEW_FIELDS)
DESC(suspension_list, SUSPENSION_LIST_FIELDS)
DESC(board_ask, BOARD_ASK_FIELDS)
DESC(board_row, BOARD_ROW_FIELDS)
DESC(board, BOARD_FIELDS)

const struct record_kind kind_risklist = {
    20, "risklist", "风险管控清单", &risklist_row_desc, RECORD_SQL(risklist)};
const struct record_kind kind_daily = {
    21, "daily", "日管控记录", &daily_row_desc, RECORD_SQL(daily)};
const struct record_kind kind_suspension = {
    22, "suspension", "停产停业", &suspension_row_desc, RECORD_SQL(suspension)};

static const struct month_rows daily_rows = {
    SQL_daily_span_count, SQL_daily_span_step, SQL_daily_span_sweep};

const struct month_table duty_months[] = {
    {"daily", "id", 21, DAILY_EPOCH, 38, SQL_daily_ends, &daily_rows},
    {"duty_count", "day", 0, 0, 0, SQL_duty_count_ends, NULL},
    {NULL, NULL, 0, 0, 0, SQL_COUNT, NULL},
};
