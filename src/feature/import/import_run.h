/* One pass of an import over its file, with everything the rule engine wants around it. */
#ifndef ZHIAN_FEATURE_IMPORT_IMPORT_RUN_H
#define ZHIAN_FEATURE_IMPORT_IMPORT_RUN_H

#include "core/job.h"
#include "feature/import/imp.h"
#include "feature/import/import.h"

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
    F(S, phase, STR, 0, 20, "阶段", none) /* check, apply */                                       \
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

/* An open pass. path: the file. import_open fails with a Chinese sentence for files that cannot be
 * read (.xls, damaged, too large). */
struct import_pass {
    struct ctx *c;
    struct import_spec spec;
    int fd;
    int64_t size;
    struct arena a; /* rules and areas */
    struct imp_job job;
    struct imp_totals totals;
    struct arena look; /* answers of one lookup */
};
MUST_CHECK enum err import_open(
    struct ctx *c, const struct import_spec *spec, const char *path, struct import_pass *ret);
/* import_go runs the engine with sink; failures of the file are told in Chinese. */
MUST_CHECK enum err import_go(struct import_pass *p, const struct imp_sink *sink);
void import_close(struct import_pass *p);

/* import_county sets the county of a spec: an authority in scope, at county level (ERR_INVALID). */
MUST_CHECK enum err import_county(struct ctx *c, int64_t org, struct import_spec *s);

/* Paths of a job's files. */
struct str import_upload_path(struct ctx *c, int64_t job);
struct str import_rows_path(struct ctx *c, int64_t job);
struct str import_report_path(struct ctx *c, int64_t job);

/* Where a check reads and writes. */
struct import_files {
    const char *from, *rows, *report;
};

/* import_check_pass: phase "check": writes the rows file and the report, leaves the summary as the
 * job's result. Touches nothing of the store. import_apply_pass: phase "apply": writes accepted
 * rows to the ledger. */
MUST_CHECK enum err import_check_pass(struct ctx *c, struct job *j, const struct import_spec *s,
    const struct import_files *files);
MUST_CHECK enum err import_apply_pass(struct ctx *c, struct job *j, const struct import_spec *s);

#endif
