/* What a bulk operation does to one firm, and the walk over all of them. */
#ifndef ZHIAN_FEATURE_BULK_BULK_PLAN_H
#define ZHIAN_FEATURE_BULK_BULK_PLAN_H

#include "feature/bulk/bulk.h"
#include "feature/ledger/ledger.h"

/* A change as read from the "set" of an operation, or the operation that is taken back. */
struct bulk_plan {
    struct firm_edit edit;
    struct str add;   /* entry reasons to add */
    struct str title; /* labels of what is set */
    struct str set;   /* JSON of it, without the phone */
    int64_t undo_of;  /* > 0: what that operation changed is put back */
};

enum bulk_result { BULK_CHANGED, BULK_SAME, BULK_REFUSED, BULK_ABSENT };

/* What becomes of one firm. */
struct bulk_fate {
    enum bulk_result result;
    struct str why; /* of a refusal, Chinese */
    struct firm_row row;
};

/* bulk_rules: the template's row of a field that may be changed in bulk, or NULL: listed in
 * template bulk_fields and a field that people enter (never a sealed or derived one). */
const struct jin *bulk_rule(struct ctx *c, struct str field);

/* bulk_plan_read reads a "set"; complaints name the field. */
MUST_CHECK enum err bulk_plan_read(struct ctx *c, struct str set, struct bulk_plan *ret);

/* bulk_judge tells what becomes of a firm the actor may see; it: the firm's item, with the version
 * the user saw (or NULL_INT), or what the operation that is taken back did. Stores nothing. Memory
 * comes from c->a. */
MUST_CHECK enum err bulk_judge(struct ctx *c, const struct bulk_plan *p, const struct firm_row *old,
    const struct bulk_item *it, struct bulk_fate *ret);

/* bulk_diff: the fields in which two rows differ, as people edit them; with labels for people, or
 * as {field: value} of one side for taking back. */
struct str bulk_diff(struct ctx *c, const struct firm_row *old, const struct firm_row *row);
struct str bulk_side(
    struct ctx *c, const struct firm_row *old, const struct firm_row *row, bool after);

/* bulk_ids gathers the firms asked for, in no order; ret_ids from mem_alloc, the caller's to free.
 */
struct bulk_ids {
    int64_t *p;
    size_t n, cap;
};
MUST_CHECK enum err bulk_gather(struct ctx *c, const struct bulk_ask *in, struct bulk_ids *ret);

/* --- storing (writer) ------------------------------------------------------------------------- */

/* bulk_chunk changes at most BULK_CHUNK firms of an operation that are still to do, behind
 * *after; *ret_n: how many were looked at, 0 = none is left. */
enum { BULK_CHUNK = 500 };
MUST_CHECK enum err bulk_chunk(
    struct ctx *c, const struct bulk_row *b, const struct bulk_plan *p, int64_t *after, int *ret_n);

/* bulk_finish counts what happened and closes the operation's record. */
MUST_CHECK enum err bulk_finish(struct ctx *c, int64_t id, const char *state);

/* bulk_need reads an operation of the actor's subtree (404 else); one whose job was stopped before
 * it could say so itself is told as cancelled, with what it did. */
MUST_CHECK enum err bulk_need(struct ctx *c, int64_t id, struct bulk_row *ret);

/* bulk_load_plan reads an operation's plan back from its record. */
MUST_CHECK enum err bulk_load_plan(
    struct ctx *c, const struct bulk_row *b, struct bulk_ask *ret_ask, struct bulk_plan *ret);

/* bulk_phone_place: where the phone of an operation is encrypted for. */
MUST_CHECK enum err bulk_phone_put(struct ctx *c, struct bulk_row *b, struct str phone);

#endif
