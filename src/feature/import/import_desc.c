/* Descriptors of the import structs. */
#include "feature/import/import.h"

DESC(import_new, IMPORT_NEW_FIELDS)
DESC(import_ref, IMPORT_REF_FIELDS)
DESC(import_view, IMPORT_VIEW_FIELDS)
DESC(import_rows_ask, IMPORT_ROWS_ASK_FIELDS)
DESC(import_rows, IMPORT_ROWS_FIELDS)
DESC(import_suggest, IMPORT_SUGGEST_FIELDS)
DESC(import_apply, IMPORT_APPLY_FIELDS)
DESC(import_choose, IMPORT_CHOOSE_FIELDS)
DESC(import_list, IMPORT_LIST_FIELDS)
