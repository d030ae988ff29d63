/* Hazards, from discovery to closure. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_HAZARD_HAZARD_H
#define ZHIAN_FEATURE_HAZARD_HAZARD_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/hazard/fields.def"

STRUCT(hazard_row, HAZARD_ROW_FIELDS)
STRUCT(hazard_ref, HAZARD_REF_FIELDS)
STRUCT(hazard_view, HAZARD_VIEW_FIELDS)
STRUCT(hazard_step, HAZARD_STEP_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_hazard;

/* --- for other features ---------------------------------------------------------------------- */

/* A hazard as the record that found it tells it. Texts may be STR_NULL but for what and measure. */
struct hazard_new {
    const struct firm_row *firm; /* id and org_path are used */
    const char *source;          /* code of hazard_source */
    int64_t source_ref;          /* the record that found it */
    int64_t found_day;
    struct str area, item, item_text;
    struct str what, measure;
    struct str severity, fixer;
    int64_t due_day;   /* NULL_INT: by the settings when the severity is known, else open */
    struct str photos; /* attachment ids of this firm joined by ',' */
    struct str field;  /* prefix of complaints ("problems.0") */
};

/* hazard_open stores a new hazard in the first state of workflow_hazard and takes its photos over
 * . ERR_INVALID: a photo is not one of this firm's, or belongs to another hazard. */
MUST_CHECK enum err hazard_open(struct ctx *c, const struct hazard_new *h, int64_t *ret_id);

/* hazard_amend brings an open hazard in line with a correction of the record that found it: what,
 * measure and, where given, severity, fixer, due day; adds photos. A closed one stays as it is. */
MUST_CHECK enum err hazard_amend(struct ctx *c, int64_t id, const struct hazard_new *h);

/* hazard_found gives what the records first … last of a source opened for a firm, by id. */
struct hazard_brief {
    int64_t id, source_ref;
    struct str item, what, measure, severity, state;
};
MUST_CHECK enum err hazard_found(
    struct ctx *c, int64_t firm, const char *source, int64_t first, int64_t last, struct vec *ret);

/* hazard_open_count: hazards of a firm that are not closed. */
MUST_CHECK enum err hazard_open_count(struct ctx *c, int64_t firm, int64_t *ret);

#endif
