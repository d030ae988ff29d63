/* One change to many firms: preview, one operation or a job, history per firm, taking back within
 * a day. The operations stand in ops.def, the fields in fields.def. */
#ifndef ZHIAN_FEATURE_BULK_BULK_H
#define ZHIAN_FEATURE_BULK_BULK_H

#include "core/ctx.h"
#include "core/job.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/bulk/fields.def"

STRUCT(bulk_row, BULK_ROW_FIELDS)
STRUCT(bulk_item, BULK_ITEM_FIELDS)
STRUCT(bulk_pick, BULK_PICK_FIELDS)
STRUCT(bulk_ask, BULK_ASK_FIELDS)
STRUCT(bulk_ref, BULK_REF_FIELDS)
STRUCT(bulk_field, BULK_FIELD_FIELDS)
STRUCT(bulk_fields, BULK_FIELDS_FIELDS)
STRUCT(bulk_preview, BULK_PREVIEW_FIELDS)
STRUCT(bulk_view, BULK_VIEW_FIELDS)
STRUCT(list_export, LIST_EXPORT_FIELDS)

extern const struct record_kind kind_bulk_edit;

/* job_bulk carries a bulk operation on from what it finds done. */
enum err job_bulk(struct ctx *c, struct job *j);

/* job_export_all writes everything the actor may see to DIR/jobs/ID.zip. */
enum err job_export_all(struct ctx *c, struct job *j);

/* job_export_list writes one list, as the actor may see it, to DIR/jobs/ID.xlsx or .csv. */
enum err job_export_list(struct ctx *c, struct job *j);

#endif
