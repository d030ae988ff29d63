/* Ledger import as a job. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_IMPORT_IMPORT_H
#define ZHIAN_FEATURE_IMPORT_IMPORT_H

#include <stdio.h>

#include "core/ctx.h"
#include "core/list.h"
#include "core/job.h"
#include "core/record.h"
#include "feature/import/fields.def"

STRUCT(import_new, IMPORT_NEW_FIELDS)
STRUCT(import_ref, IMPORT_REF_FIELDS)
STRUCT(import_view, IMPORT_VIEW_FIELDS)
STRUCT(import_rows_ask, IMPORT_ROWS_ASK_FIELDS)
STRUCT(import_rows, IMPORT_ROWS_FIELDS)
STRUCT(import_suggest, IMPORT_SUGGEST_FIELDS)
STRUCT(import_apply, IMPORT_APPLY_FIELDS)
STRUCT(import_choose, IMPORT_CHOOSE_FIELDS)
STRUCT(import_list, IMPORT_LIST_FIELDS)

/* What a job's input says. */
#define IMPORT_SPEC_FIELDS(F, S)                                                                   \
    F(S, file, STR, 0, 300, "文件", none) /* name as uploaded */                                   \
    F(S, kind, STR, 0, 20, "台账", none)                                                           \
    F(S, mode, STR, 0, 20, "方式", none)                                                           \
    F(S, org, INT, 0, 0, "机构", none)                                                             \
    F(S, org_name, STR, 0, 200, "机构名称", none)                                                  \
    F(S, org_path, STR, 0, 100, "机构路径", none)                                                  \
    F(S, county, STR, 0, 12, "县", none)                                                           \
    F(S, as_of, DAY, 0, 0, "基准日", none)                                                         \
    F(S, phase, STR, 0, 20, "阶段", none)                /* check, apply */                        \
    F(S, rule, STR, 0, 20, "已建档单位的更新方式", none) /* code of import_rule; absent: skip */   \
    F(S, choices, LIST, 0, 20000, "逐条确认", import_override) /* field or *, file or system */    \
    F(S, overrides, LIST, 0, 20000, "已采纳的建议", import_override)
#define IMPORT_OVERRIDE_FIELDS(F, S)                                                               \
    F(S, sheet, INT, 0, 0, "工作表", none)                                                         \
    F(S, row, INT, 0, 0, "行", none)                                                               \
    F(S, field, STR, 0, 40, "项目", none)                                                          \
    F(S, value, STR, 0, 300, "改为", none)
STRUCT(import_override, IMPORT_OVERRIDE_FIELDS)
STRUCT(import_spec, IMPORT_SPEC_FIELDS)

MUST_CHECK enum err import_spec_read(struct ctx *c, struct str json, struct import_spec *ret);
struct str import_spec_json(struct ctx *c, const struct import_spec *s);

/* import_county sets the county of a spec: an authority in scope, at county level (ERR_INVALID). */
MUST_CHECK enum err import_county(struct ctx *c, int64_t org, struct import_spec *s);

/* Where a check reads and writes. */
struct import_files {
    const char *from, *rows, *report;
};

/* import_check_pass: phase "check": writes the rows file and the report, leaves the summary as the
 * job's result. Touches nothing of the store. import_apply_pass: phase "apply": writes accepted
 * rows to the ledger. */
MUST_CHECK enum err import_check_pass(
    struct ctx *c, struct job *j, const struct import_spec *s, const struct import_files *files);

/* job_import judges the file (phase check, then waits for the user), or writes it (phase apply), or
 * does both in one reading (phase once). */
enum err job_import(struct ctx *c, struct job *j);

/* import_take_file gives the uploaded file (c->file) the name `to`: moved where it came over the
 * web, copied where it is the user's own. import_next_line reads the next line of a rows file into
 * line; false at the end. Other lists that come as files use them too. */
MUST_CHECK enum err import_take_file(struct ctx *c, const char *to);
bool import_next_line(FILE *f, struct buf *line);

/* import_book_write makes the annotated workbook of a job at path `to`. */
enum err import_book_write(struct ctx *c, int64_t job, const struct import_spec *s, const char *to);

#endif
