/* Inside of the import engine: the state of one run and of the row in hand. The flow of a row:
 * imp_run.c reads and classifies it, imp_check.c normalises and checks it, imp_match.c compares it
 * with the rows before it and with the store. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_ROW_H
#define ZHIAN_FEATURE_IMPORT_IMP_ROW_H

#include "feature/import/imp_match.h"
#include "feature/import/imp_rules.h"

/* The header of the sheet in hand. */
struct imp_header {
    uint32_t first, last; /* row numbers */
    short *keys;          /* by column */
    size_t ncols;
    int col[IK_COUNT]; /* column of a field, -1 = none */
    struct str *unknown;
    size_t nunknown;
    struct str *levels[8]; /* normalised texts by level, ncols each */
    size_t nlevels;
    struct str town; /* A3 */
    bool persons;
    size_t nfields, nrequired;
    size_t nown, nother; /* columns that only this ledger has, that only the other one has */
};

/* A row kept in memory while the header is looked for. */
struct head_row {
    uint32_t number;
    bool hidden;
    struct cell *cells;
    size_t n;
};

enum { HEAD_ROWS_MAX = 64 };

/* The last area text of a column and what it meant, for ledgers are sorted by area. */
struct area_memo {
    char text[96];
    size_t n; /* 0 = nothing kept */
    int county;
    struct area_hit hit;
};

/* The row in hand. */
struct imp_work {
    const struct imp_job *job;
    const struct imp_rules *rules;
    struct arena mem; /* texts of this row; reset for every row */
    bool date1904;
    const struct imp_header *head;
    struct cell cell[IK_COUNT]; /* by field, CELL_EMPTY when absent */
    bool bad[IK_COUNT];         /* an error was found in this field */
    bool warned_precision;      /* a certificate number was dropped (J5) */
    int county;                 /* from area_county, -1 = not stated */
    struct area_memo county_memo, town_memo;
    struct imp_unit unit;
    struct imp_product product;
    struct imp_finding errors[IMP_FINDINGS], warnings[IMP_FINDINGS];
    size_t nerrors, nwarnings;
    struct imp_suggest suggests[IMP_SUGGESTS];
    size_t nsuggests;
    struct imp_diff diffs[IMP_DIFFS];
    size_t ndiffs;
    struct grade_result grade;
};

/* work_find records a finding; the code decides whether it is an error. */
void work_find(
    struct imp_work *w, enum imp_key k, enum imp_code c, struct str value, struct str extra);

/* work_cell_text: the cell as text: of numbers the digits as typed, of date cells the ISO date. */
struct str work_cell_text(struct imp_work *w, const struct cell *c);

/* The first rows of a sheet and its merged ranges. */
struct head_input {
    const struct head_row *rows;
    size_t n;
    const struct sheet_merge *merges;
    size_t nmerges;
};

/* imp_header_find looks for a ledger header among the first rows (A1, A2); false when there is
 * none. Allocates in a. */
bool imp_header_find(const struct imp_rules *r, struct arena *a, const struct head_input *in,
    struct imp_header *ret);

/* imp_put_kept appends a unit value from its kept form: text as it is, numbers from their digits.
 */
void imp_put_kept(enum imp_key k, struct str kept, struct buf *out);

/* utf8_cut drops a character cut off at the end. */
struct str utf8_cut(struct str s);

/* imp_check_row fills unit, product, findings, suggests and grade from the cells. */
void imp_check_row(struct imp_work *w);

#endif
