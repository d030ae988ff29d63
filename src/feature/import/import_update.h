/* Update by import: a row whose firm is stored already changes that firm, by a rule chosen
 * beforehand:
 *
 *   fill     空白不覆盖: what the file says is taken, its blanks change nothing
 *   file     以文件为准: blanks of the file's own columns empty the stored value as well
 *   system   以系统为准: only what the store lacks is taken
 *   ask      逐条确认: what the store lacks is taken; where both say something, the user decides
 *
 * Entry reasons only grow, whatever the rule (PL-31). */
#ifndef ZHIAN_FEATURE_IMPORT_IMPORT_UPDATE_H
#define ZHIAN_FEATURE_IMPORT_IMPORT_UPDATE_H

#include "feature/import/imp.h"
#include "feature/import/import.h"
#include "feature/ledger/ledger.h"

enum { MERGE_DIFFS = 64 };

struct import_update {
    struct str rule; /* empty: stored firms are left alone */
    const struct import_override *choices;
    size_t nchoices;
    bool have[IK_COUNT]; /* columns of the sheet in hand */
};

enum merge_result { MERGE_UNCHANGED, MERGE_UPDATED, MERGE_CONFLICT, MERGE_REFUSED, MERGE_RESULTS };

struct merge_diff {
    const char *field; /* of the firm */
    const char *label;
    struct str stored, file; /* as people see them; phones masked */
    bool take, open;         /* the file's value is taken; nobody has decided */
};

struct import_merge {
    enum merge_result result;
    struct str why; /* of a refusal */
    struct firm_row old, row;
    struct merge_diff diffs[MERGE_DIFFS];
    size_t n;
};

/* A row of the file: its place and what it says of the firm. */
struct merge_row {
    uint32_t sheet, row;
    const struct imp_unit *unit;
};

void import_update_begin(struct import_update *u, const struct import_spec *s);
void import_update_sheet(struct import_update *u, const struct imp_sheet *s);

/* import_merge compares a row with the stored firm and makes ret->row what it becomes. A firm of
 * another scope, or one that may not be changed now, is refused with the reason. */
MUST_CHECK enum err import_merge(struct ctx *c, const struct import_update *u,
    const struct merge_row *r, int64_t firm, struct import_merge *ret);

const char *merge_name(enum merge_result r);  /* "updated" … */
const char *merge_label(enum merge_result r); /* 更新 … */

#endif
