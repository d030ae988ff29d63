/* The ledger: firms, products, reviews, grades, attachments, views. The operations stand in
 * ops.def, the fields in fields.def. */
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
STRUCT(firm_supervisor_row, FIRM_SUPERVISOR_ROW_FIELDS)
STRUCT(supervisor_view, SUPERVISOR_VIEW_FIELDS)
STRUCT(supervisor_list, SUPERVISOR_LIST_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_firm;
extern const struct record_kind kind_product;
extern const struct record_kind kind_paper_check;
extern const struct record_kind kind_grade_change;
extern const struct record_kind kind_attachment;
extern const struct record_kind kind_view;
extern const struct record_kind kind_firm_supervisor;

/* --- for other features ---------------------------------------------------------------------- */

/* firm_need reads a firm the actor may see: an org user's subtree, a firm user's own firm. 404
 * (fail is set) otherwise, with no difference from absent. */
MUST_CHECK enum err firm_need(struct ctx *c, int64_t firm, struct firm_row *ret);

/* firm_add stores a new firm (writer): fills names' initials, paths, sizes, grade, director duty,
 * search words and counters from the given facts. org and org_path must be set. products: the
 * product names and classes known so far, for grading (may be empty). */
struct firm_products {
    struct str names;         /* joined by ' ' */
    struct str applicability; /* codes joined by ',' */
};
MUST_CHECK enum err firm_add(
    struct ctx *c, struct firm_row *row, const struct firm_products *p, const struct note *n);

/* firm_change stores row over old with the same care. */
MUST_CHECK enum err firm_change(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n);

/* Who supervises: an official, by name and, where he has one, account. */
struct supervisor_who {
    struct str name;
    struct str phone; /* in clear; STR_NULL: not known */
    int64_t account;  /* 0: none */
    int64_t from_day; /* first day; NULL_INT: today */
    int64_t handover; /* the hand-over it comes from; 0: none */
};

/* firm_supervise makes `who` the firm's supervisor (writer): the firm's record, the dated history
 * and whether it was entered in time (PL-19, R-104). Checks no scope. The one way for one firm and
 * for many; a change of the column through firm_change is kept in the history too. */
MUST_CHECK enum err firm_supervise(
    struct ctx *c, struct firm_row *row, const struct supervisor_who *who, const struct note *n);

/* firm_change_by is firm_change with what is known of a new supervisor (NULL: the name alone). */
MUST_CHECK enum err firm_change_by(struct ctx *c, const struct firm_row *old, struct firm_row *row,
    const struct supervisor_who *who, const struct note *n);

/* firm_relocate stores a firm under another path of its authority, or under the one that took its
 * authority over, as part of a change of the tree whose counters have been moved already: record,
 * search words, responsible authority; no counter. route: the authorities from the root down to
 * the new one. */
struct firm_route {
    int64_t org;
    struct str path;
    struct {
        int64_t org, level;
    } up[8]; /* from the root */
    int ups;
};
MUST_CHECK enum err firm_relocate(struct ctx *c, const struct firm_row *old,
    const struct firm_route *route, const struct note *n);

/* firm_search_fill makes the search words of firms that have none yet: of at most `limit` firms
 * behind those that have. ret_n: how many. firm_search_drop_all forgets all words. Both write on
 * c->db, for a store that is moved here (core/move.h). */
MUST_CHECK enum err firm_search_fill(struct ctx *c, int64_t limit, int64_t *ret_n);
MUST_CHECK enum err firm_search_drop_all(struct ctx *c);

/* firm_place sets org, org_path, p2, p3 from the township (or the county's own) code. */
MUST_CHECK enum err firm_place(struct ctx *c, struct firm_row *row, struct str area);

/* firm_phone_set encrypts a phone for the row (id must be set); firm_phone gives it masked. */
MUST_CHECK enum err firm_phone_set(struct ctx *c, struct firm_row *row, struct str phone);
struct str firm_phone_masked(struct ctx *c, int64_t firm, struct str blob);

/* firm_pattern: week_mask * 2 + holidays_off of a firm that owes daily checks, else -1. */
int64_t firm_pattern(struct ctx *c, const struct firm_row *row);

/* duty_day_counter counts a day's checks by org; its columns in the order of their deltas. */
enum { DAY_DUE_N, DAY_EXCUSED_N, DAY_DONE_N, DAY_LATE_N, DAY_ZERO_N, DAY_PROBLEM_N };
struct counter_def;
extern const struct counter_def duty_day_counter;

/* firm_products_load gathers the products' names and classes of a stored firm. */
MUST_CHECK enum err firm_products_load(struct ctx *c, int64_t firm, struct firm_products *ret);

/* grade_expire lifts manual grades whose time is over (at most 500 a call; writer). */
MUST_CHECK enum err grade_expire(struct ctx *c);

/* firm_code_suspect: the credit code fails its check character and nobody gave a reason yet. */
bool firm_code_suspect(const struct firm_row *row);

struct job;

/* job_export writes the ledger to DIR/jobs/ID.xlsx or .csv. */
enum err job_export(struct ctx *c, struct job *j);

#endif
