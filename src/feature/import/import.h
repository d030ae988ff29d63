/* Ledger import as a job. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_IMPORT_IMPORT_H
#define ZHIAN_FEATURE_IMPORT_IMPORT_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/import/fields.def"

STRUCT(import_new, IMPORT_NEW_FIELDS)
STRUCT(import_ref, IMPORT_REF_FIELDS)
STRUCT(import_view, IMPORT_VIEW_FIELDS)
STRUCT(import_rows_ask, IMPORT_ROWS_ASK_FIELDS)
STRUCT(import_rows, IMPORT_ROWS_FIELDS)
STRUCT(import_suggest, IMPORT_SUGGEST_FIELDS)
STRUCT(import_apply, IMPORT_APPLY_FIELDS)
STRUCT(import_list, IMPORT_LIST_FIELDS)

struct job;

/* job_import judges the file (phase check, then waits for the user), or writes it (phase apply). */
enum err job_import(struct ctx *c, struct job *j);

/* import_book_write makes the annotated workbook of a job at path `to`. */
struct import_spec;
enum err import_book_write(struct ctx *c, int64_t job, const struct import_spec *s, const char *to);

#endif
