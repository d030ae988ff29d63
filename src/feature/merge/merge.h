/* A county's store taken over into a province's that is not empty: what is taken, what meets what,
 * what stays behind. The method stands in core/merge.h and in README.md. */
#ifndef ZHIAN_FEATURE_MERGE_MERGE_H
#define ZHIAN_FEATURE_MERGE_MERGE_H

#include "base/hash.h"
#include "core/app.h"
#include "core/merge.h"

/* A firm that stands in both stores by its credit code. */
enum merge_same {
    MERGE_SAME_REFUSE, /* nothing is taken over */
    MERGE_SAME_KEEP,   /* the target's stays; only days it lacks, and hazards, join it */
    MERGE_SAME_BOTH,   /* two sites of one firm: both stand */
};

struct merge_spec {
    struct app *source; /* opened read-only, with its keys */
    enum merge_same same;
    const char *prefix; /* before a login that is taken; NULL: a login that is taken forbids */
    void (*progress)(void *arg, const char *what, int64_t done, int64_t total);
    void *arg;
};

enum merge_line_kind {
#define ROW(name, label, forbids) MERGE_LINE_##name,
#include "feature/merge/lines.def"
#undef ROW
    MERGE_LINE_KINDS
};

struct merge_line_info {
    const char *name, *label;
    bool forbids;
};
extern const struct merge_line_info merge_line_infos[MERGE_LINE_KINDS];

struct merge_line {
    enum merge_line_kind kind;
    struct str from, to; /* what it is about; what becomes of it, or why: may be STR_NULL */
    const struct merge_line *next;
};

struct merge_count {
    const char *name, *label;
    int64_t n;
};

struct merge_report {
    struct arena a;
    char store[64]; /* id of the source */
    int64_t journal, seals;
    unsigned char head[SM3_LEN];
    bool before; /* it was taken over already, and has not changed: nothing to do */
    struct merge_count counts[MERGE_KINDS + 4];
    size_t ncounts;
    const struct merge_line *lines, **lines_end;
    int64_t per[MERGE_LINE_KINDS];
    int64_t files; /* attachments' files that were copied */
    char why[MERGE_WHY];
};

void merge_report_init(struct merge_report *r);
void merge_report_free(struct merge_report *r);

/* merge_forbidden: a line of the report forbids the merge. */
bool merge_forbidden(const struct merge_report *r);

/* merge_judge tells what merge_store would do, reading only. ERR_CONFLICT: it is not possible, for
 * the reason in r->why or the lines that forbid it; ERR_STATE: the two stores are of different
 * kinds; ERR_CORRUPT: the source is not sound, or its keys are another store's. */
MUST_CHECK enum err merge_judge(
    struct app *target, const struct merge_spec *s, struct merge_report *r);

/* merge_store takes the source over in one transaction: all or nothing. target: opened for writing
 * with its keys and reference tables, served by nobody. Errors as merge_judge; ERR_BUSY: somebody
 * serves the target, or wrote to the source meanwhile. */
MUST_CHECK enum err merge_store(
    struct app *target, const struct merge_spec *s, struct merge_report *r);

#endif
