/* Descriptors of the campaign structs. */
#include "feature/campaign/campaign.h"

DESC(campaign_row, CAMPAIGN_ROW_FIELDS)
DESC(campaign_date_row, CAMPAIGN_DATE_ROW_FIELDS)
DESC(candidate_row, CANDIDATE_ROW_FIELDS)
DESC(campaign_submission_row, CAMPAIGN_SUBMISSION_ROW_FIELDS)
DESC(campaign_ref, CAMPAIGN_REF_FIELDS)
DESC(campaign_new, CAMPAIGN_NEW_FIELDS)
DESC(campaign_edit, CAMPAIGN_EDIT_FIELDS)
DESC(campaign_step, CAMPAIGN_STEP_FIELDS)
DESC(campaign_view, CAMPAIGN_VIEW_FIELDS)
DESC(campaign_list, CAMPAIGN_LIST_FIELDS)
DESC(campaign_due_ask, CAMPAIGN_DUE_ASK_FIELDS)
DESC(campaign_due, CAMPAIGN_DUE_FIELDS)
DESC(campaign_date_set, CAMPAIGN_DATE_SET_FIELDS)
DESC(campaign_date_view, CAMPAIGN_DATE_VIEW_FIELDS)
DESC(campaign_dates, CAMPAIGN_DATES_FIELDS)
DESC(campaign_org_ask, CAMPAIGN_ORG_ASK_FIELDS)
DESC(coverage_row, COVERAGE_ROW_FIELDS)
DESC(campaign_board, CAMPAIGN_BOARD_FIELDS)
DESC(report_row, REPORT_ROW_FIELDS)
DESC(campaign_reports, CAMPAIGN_REPORTS_FIELDS)
DESC(candidate_ref, CANDIDATE_REF_FIELDS)
DESC(candidate_photo, CANDIDATE_PHOTO_FIELDS)
DESC(candidate_view, CANDIDATE_VIEW_FIELDS)
DESC(candidate_new, CANDIDATE_NEW_FIELDS)
DESC(candidate_tick, CANDIDATE_TICK_FIELDS)
DESC(candidate_ticks, CANDIDATE_TICKS_FIELDS)
DESC(tick_problem, TICK_PROBLEM_FIELDS)
DESC(ticks_view, TICKS_VIEW_FIELDS)
DESC(candidate_file_new, CANDIDATE_FILE_NEW_FIELDS)
DESC(candidate_file, CANDIDATE_FILE_FIELDS)
DESC(candidate_import_new, CANDIDATE_IMPORT_NEW_FIELDS)
DESC(candidate_import_ref, CANDIDATE_IMPORT_REF_FIELDS)
DESC(candidate_spec, CANDIDATE_SPEC_FIELDS)
DESC(candidate_import_view, CANDIDATE_IMPORT_VIEW_FIELDS)
DESC(candidate_rows_ask, CANDIDATE_ROWS_ASK_FIELDS)
DESC(candidate_rows, CANDIDATE_ROWS_FIELDS)
DESC(submission_new, SUBMISSION_NEW_FIELDS)
DESC(submission_ref, SUBMISSION_REF_FIELDS)
DESC(submission_step, SUBMISSION_STEP_FIELDS)
DESC(submission_view, SUBMISSION_VIEW_FIELDS)
DESC(submission_list, SUBMISSION_LIST_FIELDS)
DESC(submission_file, SUBMISSION_FILE_FIELDS)

const struct record_kind kind_campaign = {
    50, "campaign", "摸底", &campaign_row_desc, RECORD_SQL(campaign)};
const struct record_kind kind_campaign_date = {
    51, "campaign_date", "摸底日期", &campaign_date_row_desc, RECORD_SQL(campaign_date)};
const struct record_kind kind_candidate = {
    52, "candidate", "摸底候选单位", &candidate_row_desc, RECORD_SQL(candidate)};
const struct record_kind kind_campaign_submission = {53, "campaign_submission", "摸底报送",
    &campaign_submission_row_desc, RECORD_SQL(campaign_submission)};
