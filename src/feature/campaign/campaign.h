/* Survey campaigns (PL-26…32, 66…68, 83…94; R-110…115): the province opens one, each level sets the
 * dates of the level below, candidates are ticked off, ledgers are reported upward as frozen
 * copies. The operations stand in ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_CAMPAIGN_CAMPAIGN_H
#define ZHIAN_FEATURE_CAMPAIGN_CAMPAIGN_H

#include "core/ctx.h"
#include "core/job.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/campaign/fields.def"

STRUCT(campaign_row, CAMPAIGN_ROW_FIELDS)
STRUCT(campaign_date_row, CAMPAIGN_DATE_ROW_FIELDS)
STRUCT(candidate_row, CANDIDATE_ROW_FIELDS)
STRUCT(campaign_submission_row, CAMPAIGN_SUBMISSION_ROW_FIELDS)
STRUCT(campaign_ref, CAMPAIGN_REF_FIELDS)
STRUCT(campaign_new, CAMPAIGN_NEW_FIELDS)
STRUCT(campaign_edit, CAMPAIGN_EDIT_FIELDS)
STRUCT(campaign_step, CAMPAIGN_STEP_FIELDS)
STRUCT(campaign_view, CAMPAIGN_VIEW_FIELDS)
STRUCT(campaign_list, CAMPAIGN_LIST_FIELDS)
STRUCT(campaign_due_ask, CAMPAIGN_DUE_ASK_FIELDS)
STRUCT(campaign_due, CAMPAIGN_DUE_FIELDS)
STRUCT(campaign_date_set, CAMPAIGN_DATE_SET_FIELDS)
STRUCT(campaign_date_view, CAMPAIGN_DATE_VIEW_FIELDS)
STRUCT(campaign_dates, CAMPAIGN_DATES_FIELDS)
STRUCT(campaign_org_ask, CAMPAIGN_ORG_ASK_FIELDS)
STRUCT(coverage_row, COVERAGE_ROW_FIELDS)
STRUCT(campaign_board, CAMPAIGN_BOARD_FIELDS)
STRUCT(report_row, REPORT_ROW_FIELDS)
STRUCT(campaign_reports, CAMPAIGN_REPORTS_FIELDS)
STRUCT(candidate_ref, CANDIDATE_REF_FIELDS)
STRUCT(candidate_photo, CANDIDATE_PHOTO_FIELDS)
STRUCT(candidate_view, CANDIDATE_VIEW_FIELDS)
STRUCT(candidate_new, CANDIDATE_NEW_FIELDS)
STRUCT(candidate_tick, CANDIDATE_TICK_FIELDS)
STRUCT(candidate_ticks, CANDIDATE_TICKS_FIELDS)
STRUCT(tick_problem, TICK_PROBLEM_FIELDS)
STRUCT(ticks_view, TICKS_VIEW_FIELDS)
STRUCT(candidate_file_new, CANDIDATE_FILE_NEW_FIELDS)
STRUCT(candidate_file, CANDIDATE_FILE_FIELDS)
STRUCT(candidate_import_new, CANDIDATE_IMPORT_NEW_FIELDS)
STRUCT(candidate_import_ref, CANDIDATE_IMPORT_REF_FIELDS)
STRUCT(candidate_spec, CANDIDATE_SPEC_FIELDS)
STRUCT(candidate_import_view, CANDIDATE_IMPORT_VIEW_FIELDS)
STRUCT(candidate_rows_ask, CANDIDATE_ROWS_ASK_FIELDS)
STRUCT(candidate_rows, CANDIDATE_ROWS_FIELDS)
STRUCT(submission_new, SUBMISSION_NEW_FIELDS)
STRUCT(submission_ref, SUBMISSION_REF_FIELDS)
STRUCT(submission_step, SUBMISSION_STEP_FIELDS)
STRUCT(submission_view, SUBMISSION_VIEW_FIELDS)
STRUCT(submission_list, SUBMISSION_LIST_FIELDS)
STRUCT(submission_file, SUBMISSION_FILE_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_campaign;
extern const struct record_kind kind_campaign_date;
extern const struct record_kind kind_candidate;
extern const struct record_kind kind_campaign_submission;

/* --- for the features as a whole -------------------------------------------------------------- */

/* campaign_firm_changed keeps the number of admitted candidates in step with the ledger, and the
 * candidates of open campaigns where their firm is; campaign_firm_merged leads them to the file
 * that stays, campaign_firm_unmerged back. All called in the transaction that changed the firm
 * (feature/followers.c). */
MUST_CHECK enum err campaign_firm_changed(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row);
MUST_CHECK enum err campaign_firm_merged(
    struct ctx *c, const struct firm_row *gone, const struct firm_row *kept);
MUST_CHECK enum err campaign_firm_unmerged(
    struct ctx *c, const struct firm_row *kept, const struct firm_row *gone);

/* job_candidates checks or writes a list of candidates; job_submission makes the files of a
 * submission and sends it. */
enum err job_candidates(struct ctx *c, struct job *j);
enum err job_submission(struct ctx *c, struct job *j);

/* --- for generated stores and tests ----------------------------------------------------------- */

/* candidate_add stores a candidate (writer): campaign, org, org_path, name, town, sources set;
 * fills the derived columns and the counters. */
MUST_CHECK enum err candidate_add(struct ctx *c, struct candidate_row *row, const struct note *n);

/* campaign_recount makes the counters of a campaign anew from its candidates (writer). */
MUST_CHECK enum err campaign_recount(struct ctx *c, int64_t campaign);

#endif
