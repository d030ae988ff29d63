/* Jobs, templates, seals, code lists, the description of the interface. The operations stand in
 * ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_SYSTEM_SYSTEM_H
#define ZHIAN_FEATURE_SYSTEM_SYSTEM_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/ledger/ledger.h"
#include "feature/system/fields.def"

STRUCT(job_ref, JOB_REF_FIELDS)
STRUCT(job_view, JOB_VIEW_FIELDS)
STRUCT(job_list, JOB_LIST_FIELDS)
STRUCT(template_ask, TEMPLATE_ASK_FIELDS)
STRUCT(template_ref, TEMPLATE_REF_FIELDS)
STRUCT(template_view, TEMPLATE_VIEW_FIELDS)
STRUCT(template_list, TEMPLATE_LIST_FIELDS)
STRUCT(template_new, TEMPLATE_NEW_FIELDS)
STRUCT(seal_view, SEAL_VIEW_FIELDS)
STRUCT(seal_state, SEAL_STATE_FIELDS)
STRUCT(audit_ask, AUDIT_ASK_FIELDS)
STRUCT(op_view, OP_VIEW_FIELDS)
STRUCT(codes_view, CODES_VIEW_FIELDS)

/* seal_export_write appends all seal heads as the text of docs/seal-format.md. */
enum err seal_export_write(struct ctx *c, struct buf *out);

struct job;

/* job_verify checks the whole store and leaves the findings as its result. */
enum err job_verify(struct ctx *c, struct job *j);

#endif
