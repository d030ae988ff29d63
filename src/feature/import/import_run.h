/* One pass of an import over its file, with everything the rule engine wants around it. */
#ifndef ZHIAN_FEATURE_IMPORT_IMPORT_RUN_H
#define ZHIAN_FEATURE_IMPORT_IMPORT_RUN_H

#include "core/job.h"
#include "feature/import/imp.h"
#include "feature/import/import.h"

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
    int64_t lookups;
};
MUST_CHECK enum err import_open(
    struct ctx *c, const struct import_spec *spec, const char *path, struct import_pass *ret);
/* import_go runs the engine with sink; failures of the file are told in Chinese. */
MUST_CHECK enum err import_go(struct import_pass *p, const struct imp_sink *sink);
/* import_look_away gives the snapshot of the lookups up, before waiting for the writer: who holds
 * one keeps the store's log from starting over. The next lookup takes a new one. */
void import_look_away(struct import_pass *p);
void import_close(struct import_pass *p);

/* Paths of a job's files. */
struct str import_upload_path(struct ctx *c, int64_t job);
struct str import_rows_path(struct ctx *c, int64_t job);
struct str import_report_path(struct ctx *c, int64_t job);

/* What a check hands its rows on to: begin before the first, end after the last. */
struct import_also {
    void *arg;
    void (*begin)(void *arg, struct import_pass *p);
    enum err (*row)(void *arg, const struct imp_row *r);
    enum err (*end)(void *arg);
};
MUST_CHECK enum err import_check_also(struct ctx *c, struct job *j, const struct import_spec *s,
    const struct import_files *files, const struct import_also *also);

/* import_once_pass: phase "once": check and apply in one reading, for those who need not look in
 * between (mode good). */
MUST_CHECK enum err import_once_pass(
    struct ctx *c, struct job *j, const struct import_spec *s, const struct import_files *files);
MUST_CHECK enum err import_apply_pass(struct ctx *c, struct job *j, const struct import_spec *s);

#endif
