/* Descriptors of the bulk structs. */
#include "feature/bulk/bulk.h"

DESC(bulk_row, BULK_ROW_FIELDS)
DESC(bulk_item, BULK_ITEM_FIELDS)
DESC(bulk_pick, BULK_PICK_FIELDS)
DESC(bulk_ask, BULK_ASK_FIELDS)
DESC(bulk_ref, BULK_REF_FIELDS)
DESC(bulk_field, BULK_FIELD_FIELDS)
DESC(bulk_fields, BULK_FIELDS_FIELDS)
DESC(bulk_preview, BULK_PREVIEW_FIELDS)
DESC(bulk_view, BULK_VIEW_FIELDS)
DESC(list_export, LIST_EXPORT_FIELDS)

const struct record_kind kind_bulk_edit = {
    80, "bulk_edit", "批量操作", &bulk_row_desc, RECORD_SQL(bulk_edit)};
