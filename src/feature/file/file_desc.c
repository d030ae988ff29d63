/* Descriptors of the structs of the file. */
#include "feature/file/file.h"

DESC(event_row, EVENT_ROW_FIELDS)
DESC(event_new, EVENT_NEW_FIELDS)
DESC(event_edit, EVENT_EDIT_FIELDS)
DESC(event_void, EVENT_VOID_FIELDS)
DESC(event_view, EVENT_VIEW_FIELDS)

const struct record_kind kind_event = {30, "event", "监管记录", &event_row_desc, SQL_event_insert,
    SQL_event_update, SQL_event_get, SQL_event_scan};
