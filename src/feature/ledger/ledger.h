/* The ledger: firms, products, reviews, grades, attachments, views. The operations stand in
 * ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_LEDGER_LEDGER_H
#define ZHIAN_FEATURE_LEDGER_LEDGER_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/fields.def"

struct table_cell;

STRUCT(firm_row, FIRM_ROW_FIELDS)
STRUCT(product_row, PRODUCT_ROW_FIELDS)
STRUCT(paper_check_row, PAPER_CHECK_ROW_FIELDS)
STRUCT(grade_change_row, GRADE_CHANGE_ROW_FIELDS)
STRUCT(attachment_row, ATTACHMENT_ROW_FIELDS)
STRUCT(view_row, VIEW_ROW_FIELDS)
STRUCT(firm_ref, FIRM_REF_FIELDS)
STRUCT(firm_new, FIRM_NEW_FIELDS)
STRUCT(firm_edit, FIRM_EDIT_FIELDS)
STRUCT(firm_own_edit, FIRM_OWN_EDIT_FIELDS)
STRUCT(action_view, ACTION_VIEW_FIELDS)
STRUCT(paper_diff, PAPER_DIFF_FIELDS)
STRUCT(paper_item, PAPER_ITEM_FIELDS)
STRUCT(paper_check_new, PAPER_CHECK_NEW_FIELDS)
STRUCT(paper_change, PAPER_CHANGE_FIELDS)
STRUCT(paper_state, PAPER_STATE_FIELDS)
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
STRUCT(view_edit, VIEW_EDIT_FIELDS)
STRUCT(view_open, VIEW_OPEN_FIELDS)
STRUCT(view_item, VIEW_ITEM_FIELDS)
STRUCT(view_list, VIEW_LIST_FIELDS)
STRUCT(ledger_count_ask, LEDGER_COUNT_ASK_FIELDS)
STRUCT(ledger_count_row, LEDGER_COUNT_ROW_FIELDS)
STRUCT(ledger_count, LEDGER_COUNT_FIELDS)
STRUCT(supervisor_view, SUPERVISOR_VIEW_FIELDS)
STRUCT(supervisor_list, SUPERVISOR_LIST_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_firm;
extern const struct record_kind kind_product;
extern const struct record_kind kind_paper_check;
extern const struct record_kind kind_grade_change;
extern const struct record_kind kind_attachment;
extern const struct record_kind kind_view;

/* --- for other features ---------------------------------------------------------------------- */

/* firm_need reads a firm the actor may see: an org user's subtree, a firm user's own firm. 404
 * (fail is set) otherwise, with no difference from absent. */
MUST_CHECK enum err firm_need(struct ctx *c, int64_t firm, struct firm_row *ret);

/* ledger_scope: the path to list under: the actor's own, or that of an org inside it (404 else). */
MUST_CHECK enum err ledger_scope(struct ctx *c, int64_t org, struct str *ret_path);

/* firm_add stores a new firm (writer): fills names' initials, paths, sizes, grade, director duty,
 * search words and counters from the given facts. org and org_path must be set. products: the
 * product names and classes known so far, for grading (may be empty). */
struct firm_products {
    struct str names;         /* joined by ' ' */
    struct str applicability; /* codes joined by ',' */
};
MUST_CHECK enum err firm_add(
    struct ctx *c, struct firm_row *row, const struct firm_products *p, const struct note *n);

/* firm_temp_code: what a firm without a credit code is called by meanwhile. */
struct str firm_temp_code(struct ctx *c, int64_t id);

/* firm_take stores a firm as another store kept it, id and paths set (feature/merge): its temporary
 * code, search words and counters follow, nothing is judged or begun anew; duty_gap and the days'
 * counters are the caller's. */
MUST_CHECK enum err firm_take(struct ctx *c, struct firm_row *row, const struct note *n);

/* firm_change stores row over old with the same care. */
MUST_CHECK enum err firm_change(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n);

/* firm_is_merged: the entry was merged into another: it counts nowhere and never changes again. */
bool firm_is_merged(const struct firm_row *row);
#define FIRM_MERGED_TEXT "这份档案已并入另一份档案，只供查阅，不能再办理"

/* firm_change_facts does what firm_change does, in a fraction of the time when only facts differ
 * that neither name, place, grade nor count a firm (supervisor, working week, remarks …): nothing
 * is judged again and no index is written. Writer. */
MUST_CHECK enum err firm_change_facts(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n);

/* firm_edit_apply makes *row what old becomes by an edit (in->firm is not looked at), with every
 * check of firm_edit: entry reasons only grow (PL-31), the township lies in the actor's scope,
 * phones and codes are well formed. Complaints: ERR_INVALID. Stores nothing. */
MUST_CHECK enum err firm_edit_apply(
    struct ctx *c, const struct firm_edit *in, const struct firm_row *old, struct firm_row *row);

/* Who supervises. */
struct supervisor_who {
    struct str name;
    struct str phone; /* in clear; STR_NULL: not known */
    int64_t from_day; /* first day; NULL_INT: today */
};

/* firm_supervise makes `who` the firm's supervisor (writer; PL-19, R-104). Checks no scope. The
 * terms are read from the firm's history (supervisor_list), so that every way of changing it is the
 * same. */
MUST_CHECK enum err firm_supervise(
    struct ctx *c, struct firm_row *row, const struct supervisor_who *who, const struct note *n);

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

/* firm_unmerge brings an entry that was merged back to row (writer), as firm_change does with
 * others; nothing else changes a merged entry. */
MUST_CHECK enum err firm_unmerge(
    struct ctx *c, const struct firm_row *old, struct firm_row *row, const struct note *n);

/* firm_phone_same: the stored phone (encrypted, or none) is this one. */
bool firm_phone_same(struct ctx *c, const struct firm_row *row, struct str phone);

/* firm_run prepares the run of the ledger's list for a query: the scope (an org in the actor's
 * subtree, 404 else) and the filters that are more than a column ("quality"). lq is copied. */
MUST_CHECK enum err firm_run(struct ctx *c, const struct list_query *lq, struct list_run *ret);

/* export_cell: a cell of a list as a cell of a table. */
struct table_cell export_cell(const struct list_cell *cell);

/* filters_read adds the members of a JSON object {"grade":"A,B"} to a list query. */
MUST_CHECK enum err filters_read(struct ctx *c, struct str filters, struct list_query *lq);

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

/* firm_in_telling: the firm is to be told of what every firm is to know: admitted, neither ended
 * nor out of scope. firm_is_told: of what concerns this audience (all, producer, seller).
 * tell_count adds `by` to the numbers of a notice at a firm's org path; way: its first way. */
bool firm_in_telling(struct ctx *c, const struct firm_row *row);
bool firm_is_told(struct ctx *c, const struct firm_row *row, struct str audience);
void tell_count(struct ctx *c, int64_t notice, struct str way, struct str path, int64_t by);

/* firm_told_rebuild makes the derived numbers of who was told anew from the records, after firms
 * were moved by other means than firm_change. Nobody else may write meanwhile. */
MUST_CHECK enum err firm_told_rebuild(struct app *app);

/* attachment_save: attachment_take, and the row stored (outside the writer). attachment_answer
 * sends a stored one; the caller has judged who may see it. */
MUST_CHECK enum err attachment_save(struct ctx *c, struct attachment_row *row);
void attachment_answer(struct ctx *c, const struct attachment_row *row);
void attachment_view_of(const struct attachment_row *r, struct attachment_view *v);

/* firm_products_load gathers the products' names and classes of a stored firm. */
MUST_CHECK enum err firm_products_load(struct ctx *c, int64_t firm, struct firm_products *ret);

/* grade_expire lifts manual grades whose time is over (at most 500 a call; writer). */
MUST_CHECK enum err grade_expire(struct ctx *c);

/* firm_paper_reopen opens the confirmation of agreement with the paper archive again (PL-29) when
 * the checklist (template paper_checklist) watches records of that kind ("product", "person" …) and
 * the firm was confirmed. Writer only. */
MUST_CHECK enum err firm_paper_reopen(struct ctx *c, int64_t firm, const char *kind);

/* firm_paper_state: where the agreement stands, and what changed since the last check. */
MUST_CHECK enum err firm_paper_state(
    struct ctx *c, const struct firm_row *row, struct paper_state *ret);

/* attachment_assign gives a file that was sent up for the firm to a record of the firm. id
 * NULL_INT: nothing to do. ERR_INVALID on field "attachment": not there, another firm's, or taken
 * already. */
struct attachment_owner {
    int64_t firm;
    const char *kind;
    int64_t id;
};
MUST_CHECK enum err attachment_assign(
    struct ctx *c, const struct attachment_owner *owner, int64_t id);

/* firm_location_check complains on field "location" unless it is "longitude,latitude" in China, or
 * absent. */
void firm_location_check(struct ctx *c, struct str location);

/* firm_posts_changed keeps the list of posts that stand empty (post_gap) in step after a person
 * took or left a post. Writer only. */
MUST_CHECK enum err firm_posts_changed(struct ctx *c, int64_t firm);

/* firm_text: a field of the firm as text for conditions of definitions: "true"/"false" for yes and
 * no, "" when absent or unknown. */
struct str firm_text(const struct firm_row *row, struct str field);

/* firm_applies: a definition's row concerns the firm: its roles (生产, 销售) and its condition
 * when {"key","is": "any,of,these"}. */
struct jin;
bool firm_applies(const struct firm_row *row, const struct jin *rule);

/* firm_code_suspect: the credit code fails its check character and nobody gave a reason yet. */
bool firm_code_suspect(const struct firm_row *row);

/* Files kept by content, for features whose pictures and papers hang on something else than a firm.
 * attachment_take checks and cleans the uploaded file (c->file: a picture or PDF) and stores it;
 * attachment_adopt takes over a file that a job made at `from`. Both fill name (take), type (take),
 * size, sm3 and origin of row; the rest is the caller's, and so is storing the row:
 * attachment_put (writer), which takes the same bytes of the same owner and person for the same. */
MUST_CHECK enum err attachment_take(struct ctx *c, struct attachment_row *row);
MUST_CHECK enum err attachment_adopt(struct ctx *c, const char *from, struct attachment_row *row);
MUST_CHECK enum err attachment_put(struct ctx *c, struct attachment_row *row, const char *label);

/* attachment_path: where the bytes of a digest lie (NUL-terminated). attachment_digest: SM3 and
 * size of a file. */
struct str attachment_path(struct ctx *c, struct str sm3);
MUST_CHECK enum err attachment_digest(const char *path, unsigned char out[32], int64_t *ret_size);

struct job;
struct sm3_ctx;

/* ledger_form_write writes 附件2 or 附件3 of an authority's whole subtree, as c->db stands, to a
 * file (the ledger's export). version: of the template, NULL_INT = the one in force. Every cell
 * goes into digest as well (may be NULL), so that equal ledgers have equal digests. Progress goes
 * to j, whose context is jc, from `done` on towards `total`. */
struct ledger_form {
    const char *form; /* att2, att3 */
    int64_t version, org;
    struct str kinds; /* of firms, joined by ','; STR_NULL: all the form holds */
    struct str title;
    const char *path;
    struct sm3_ctx *digest;
    struct ctx *jc;
    struct job *j;
    int64_t done, total;
};
MUST_CHECK enum err ledger_form_write(
    struct ctx *c, const struct ledger_form *f, int64_t *ret_firms, int64_t *ret_rows);

/* job_export writes the ledger to DIR/jobs/ID.xlsx or .csv. */
enum err job_export(struct ctx *c, struct job *j);

/* attachment_each calls fn with the id of every attachment and the path of its file in the data
 * directory (files/ab/HEX), until it fails. */
MUST_CHECK enum err attachment_each(
    struct ctx *c, enum err (*fn)(void *arg, int64_t id, const char *name), void *arg);

#endif
