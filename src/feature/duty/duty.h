/* The firm's own duty: risk control list, daily check, suspension, board. The operations stand in
 * ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_DUTY_DUTY_H
#define ZHIAN_FEATURE_DUTY_DUTY_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/months.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/duty/fields.def"

STRUCT(risklist_row, RISKLIST_ROW_FIELDS)
STRUCT(daily_row, DAILY_ROW_FIELDS)
STRUCT(suspension_row, SUSPENSION_ROW_FIELDS)
STRUCT(risklist_template, RISKLIST_TEMPLATE_FIELDS)
STRUCT(risklist_templates, RISKLIST_TEMPLATES_FIELDS)
STRUCT(risklist_view, RISKLIST_VIEW_FIELDS)
STRUCT(risklist_save, RISKLIST_SAVE_FIELDS)
STRUCT(day_state, DAY_STATE_FIELDS)
STRUCT(today_view, TODAY_VIEW_FIELDS)
STRUCT(daily_answer, DAILY_ANSWER_FIELDS)
STRUCT(daily_problem, DAILY_PROBLEM_FIELDS)
STRUCT(daily_draft, DAILY_DRAFT_FIELDS)
STRUCT(daily_receipt, DAILY_RECEIPT_FIELDS)
STRUCT(daily_ref, DAILY_REF_FIELDS)
STRUCT(daily_version, DAILY_VERSION_FIELDS)
STRUCT(daily_view, DAILY_VIEW_FIELDS)
STRUCT(month_ask, MONTH_ASK_FIELDS)
STRUCT(month_view, MONTH_VIEW_FIELDS)
STRUCT(suspension_new, SUSPENSION_NEW_FIELDS)
STRUCT(suspension_end, SUSPENSION_END_FIELDS)
STRUCT(suspension_view, SUSPENSION_VIEW_FIELDS)
STRUCT(suspension_list, SUSPENSION_LIST_FIELDS)
STRUCT(board_ask, BOARD_ASK_FIELDS)
STRUCT(board_row, BOARD_ROW_FIELDS)
STRUCT(board, BOARD_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_risklist;
extern const struct record_kind kind_daily;
extern const struct record_kind kind_suspension;

/* The tables that grow by the day, by their months. */
extern const struct month_table duty_months[];

/* duty_on_batch opens every day up to today that has not been opened yet (at most 400 back): what
 * is due at every level, from the stock of firms in duty and the reported stops; PL-44, PL-48. For
 * app.on_batch: runs on the writer before the first job of a group; costs one comparison once today
 * is known to be open. */
MUST_CHECK enum err duty_on_batch(struct ctx *c);

/* For stores filled with history: duty_days_mark notes from … to as opened days (those already
 * noted stay) without counting anything; duty_owe adds a new firm, whose duty_from lies in the
 * past, to the due of the opened days it owes. Both on the writer. */
MUST_CHECK enum err duty_days_mark(struct ctx *c, int64_t from, int64_t to);
MUST_CHECK enum err duty_owe(struct ctx *c, const struct firm_row *row);

/* For stores that are merged (feature/merge): what a firm, stored with its stops and gaps, stands
 * for in the counters of a day. duty_taken_load keeps in c->a what is needed; filed: DUTY_FILED and
 * what the newest record of the day says. */
enum { DUTY_FILED = 1, DUTY_FILED_LATE = 2, DUTY_FILED_ZERO = 4 };
struct duty_facts;
MUST_CHECK enum err duty_taken_load(
    struct ctx *c, const struct firm_row *row, struct duty_facts **ret);
void duty_taken_on(
    struct ctx *c, const struct duty_facts *f, int64_t day, unsigned filed, int64_t *ret_deltas);

#endif
