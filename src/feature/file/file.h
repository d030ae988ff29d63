/* One firm, one file (一企一档, 附件2/3 G1–G6): what happened to the firm, its sites, papers,
 * suppliers, training and assessments; what is missing and who can supply it. The operations stand
 * in ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_FILE_FILE_H
#define ZHIAN_FEATURE_FILE_FILE_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/file/fields.def"
#include "feature/ledger/ledger.h"
#include "feature/people/people.h"

STRUCT(event_row, EVENT_ROW_FIELDS)
STRUCT(event_new, EVENT_NEW_FIELDS)
STRUCT(event_edit, EVENT_EDIT_FIELDS)
STRUCT(event_void, EVENT_VOID_FIELDS)
STRUCT(event_view, EVENT_VIEW_FIELDS)
STRUCT(site_row, SITE_ROW_FIELDS)
STRUCT(firm_doc_row, FIRM_DOC_ROW_FIELDS)
STRUCT(supplier_row, SUPPLIER_ROW_FIELDS)
STRUCT(assessment_row, ASSESSMENT_ROW_FIELDS)
STRUCT(site_new, SITE_NEW_FIELDS)
STRUCT(site_edit, SITE_EDIT_FIELDS)
STRUCT(firm_doc_new, FIRM_DOC_NEW_FIELDS)
STRUCT(supplier_new, SUPPLIER_NEW_FIELDS)
STRUCT(supplier_edit, SUPPLIER_EDIT_FIELDS)
STRUCT(assessment_new, ASSESSMENT_NEW_FIELDS)
STRUCT(entry_void, ENTRY_VOID_FIELDS)
STRUCT(entry_check, ENTRY_CHECK_FIELDS)
STRUCT(entry_view, ENTRY_VIEW_FIELDS)
STRUCT(cert_view, CERT_VIEW_FIELDS)
STRUCT(lack_view, LACK_VIEW_FIELDS)
STRUCT(gap_view, GAP_VIEW_FIELDS)
STRUCT(event_sum, EVENT_SUM_FIELDS)
STRUCT(form_ask, FORM_ASK_FIELDS)
STRUCT(form_cell, FORM_CELL_FIELDS)
STRUCT(form_group, FORM_GROUP_FIELDS)
STRUCT(form_view, FORM_VIEW_FIELDS)
STRUCT(firm_file, FIRM_FILE_FIELDS)
STRUCT(origin_view, ORIGIN_VIEW_FIELDS)
STRUCT(firm_origins, FIRM_ORIGINS_FIELDS)
STRUCT(gap_count_ask, GAP_COUNT_ASK_FIELDS)
STRUCT(gap_count_row, GAP_COUNT_ROW_FIELDS)
STRUCT(gap_count, GAP_COUNT_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_event;
extern const struct record_kind kind_site;
extern const struct record_kind kind_firm_doc;
extern const struct record_kind kind_supplier;
extern const struct record_kind kind_assessment;

/* --- for other features ---------------------------------------------------------------------- */

/* event_add stores what happened to a firm (G6; writer). The row needs firm, type, day; verified
 * and adverse are judged here by the code lists event_type and event_result: an event is adverse
 * when its type bears on risk, its result is a bad one and it was not found untrue (R-095, P1.4).
 * source defaults to "platform". Complains about what does not fit, ends with checked(). An ext_no
 * that the firm has from the same source already: ERR_STATE. */
MUST_CHECK enum err event_add(struct ctx *c, struct event_row *row, const struct note *n);

/* event_tally counts the adverse events of a firm from first to last day, those voided left out. */
struct event_tally {
    int64_t all;              /* every adverse event */
    int64_t major;            /* of severity 重大 */
    int64_t accidents_larger; /* type accident, 较大 or 重大 (PL-16) */
    int64_t major_hazards;    /* type major_hazard (PL-16, M4) */
    int64_t last_day;         /* of the newest, or NULL_INT */
};
MUST_CHECK enum err event_tally(
    struct ctx *c, int64_t firm, int64_t first, int64_t last, struct event_tally *ret);

#endif
