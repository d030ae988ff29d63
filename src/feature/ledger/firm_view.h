/* The firm page: the record with labels, products, next steps, papers. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_VIEW_H
#define ZHIAN_FEATURE_LEDGER_FIRM_VIEW_H

#include "base/jsonin.h"
#include "core/workflow.h"
#include "feature/ledger/ledger.h"

/* firm_view_fill answers a firm operation: view of the stored firm, version as ETag. */
MUST_CHECK enum err firm_view_fill(
    struct ctx *c, const struct firm_row *row, struct firm_view *ret);

/* firm_json: the record as JSON text for people: phones masked, internal columns left out. */
struct str firm_json(struct ctx *c, const struct firm_row *row);

/* firm_labels: field -> label of its code or codes, as a JSON object. */
struct str firm_labels(struct ctx *c, const struct firm_row *row);

/* firm_fact: the text of a record field for workflow needs; "product" tells whether there is one,
 * "uscc" accepts a temporary code. */
struct firm_facts {
    struct ctx *c;
    const struct firm_row *row;
    bool has_product;
};
struct str firm_fact(void *facts, const char *key);
MUST_CHECK enum err firm_facts_load(
    struct ctx *c, const struct firm_row *row, struct firm_facts *ret);

/* firm_paper_store keeps a comparison with the paper archive (none when in->paper_match is absent)
 * and puts its outcome on the firm's row, which the caller stores. firm_paper_follow clears the
 * confirmation on row when the checklist compares a field in which row differs from old. */
MUST_CHECK enum err firm_paper_store(
    struct ctx *c, const struct paper_check_new *in, struct firm_row *row);
void firm_paper_open(struct firm_row *row);
void firm_paper_follow(struct ctx *c, const struct firm_row *old, struct firm_row *row);

/* paper_compares: the checklist compares a field in which the two rows differ. */
bool paper_compares(struct ctx *c, const struct desc *d, const void *old, const void *row);

/* rows_json: an array of described rows (a statement's result) as JSON text. */
MUST_CHECK enum err rows_json(
    struct ctx *c, struct q *q, const struct desc *d, struct str *ret_json);

#endif
