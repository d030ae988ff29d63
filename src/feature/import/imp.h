/* The rules of ledger import (domain/import.md A1–J5) as a pure engine: spreadsheet rows in,
 * verdicts out. No database, no HTTP, no clock: what is stored already, which towns there are, what
 * day it is and how firms are graded come in through struct imp_job.
 *
 *   struct imp_rules *rules;
 *   e = imp_rules_load(&arena, dictionary_json, rules_json, IMP_PRODUCTION, &rules);
 *   struct imp_job job = {.book = book, .rules = rules, .as_of = day, .areas = areas,
 *       .county = S("141121"), .grade = &params, .sizes = &table, .sink = sink};
 *   e = imp_run(&job, &totals);
 *
 * Word lists, limits, aliases and the texts of findings are data (data/ledger_fields.json,
 * data/import_rules.json). */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_H
#define ZHIAN_FEATURE_IMPORT_IMP_H

#include "base/err.h"
#include "domain/grade.h"
#include "feature/import/imp_fields.h"
#include "render/sheet.h"

enum imp_kind { IMP_PRODUCTION, IMP_SALES };

/* What became of a row (rule V) and of a sheet. */
enum imp_verdict {
    IMP_CREATED,
    IMP_CREATED_WITH_WARNING,
    IMP_PRODUCT_ADDED,
    IMP_DUPLICATE,
    IMP_REJECTED,
    IMP_IGNORED,
    IMP_VERDICTS,
};
const char *imp_verdict_name(enum imp_verdict v);  /* "created" … */
const char *imp_verdict_label(enum imp_verdict v); /* 新增 … */

/* Why something was ignored. */
enum imp_why {
    WHY_NONE,
    WHY_HEAD,         /* title and header rows */
    WHY_COLNO,        /* a row of column numbers */
    WHY_HEADER_AGAIN, /* the header repeated among the data */
    WHY_BLANK,
    WHY_TOTAL,
    WHY_FOOT,
    WHY_EXAMPLE,
    WHY_HIDDEN,    /* sheets: hidden */
    WHY_NO_HEADER, /* sheets: no ledger on it */
    WHY_PERSONS,   /* sheets: responsible persons, imported elsewhere */
    WHY_COUNT,
};
const char *imp_why_name(enum imp_why w);
const char *imp_why_label(enum imp_why w);

enum imp_code {
#define ROW(id) id,
#include "feature/import/imp_codes.def"
#undef ROW
    IMP_CODES
};
const char *imp_code_name(enum imp_code c);

static inline bool imp_code_is_error(enum imp_code c)
{
    return c <= E_USCC_PRECISION;
}

/* --- rules and areas ----------------------------------------------------------------------------
 */

struct imp_rules;

/* imp_rules_load reads the column dictionary and the word lists; everything is copied into a.
 * ERR_BAD_REQUEST: not JSON; ERR_INVALID: an unknown key or a finding without text; ERR_NOMEM. */
MUST_CHECK enum err imp_rules_load(struct arena *a, struct str dictionary, struct str rules,
    enum imp_kind kind, struct imp_rules **ret);

/* imp_label: the Chinese name of a field in this ledger ("这一行" for IK_ROW); imp_key_name:
 * its key ("row" for IK_ROW); imp_key_of: back, IK_COUNT when there is none. */
struct str imp_label(const struct imp_rules *r, enum imp_key k);
const char *imp_key_name(enum imp_key k);
enum imp_key imp_key_of(struct str name);

/* Areas the importer may name. Codes are NBS codes of 2, 4, 6, 9 or 12 digits (provinces
 * and cities also padded to 6 with zeros); provinces and
 * cities serve to read long forms, counties and towns to be matched, villages to suggest a town.
 * in_scope marks what lies in the importer's own area: other counties need not be added. */
struct imp_areas;
MUST_CHECK enum err imp_areas_new(struct imp_areas **ret);
MUST_CHECK enum err imp_areas_add(
    struct imp_areas *a, struct str code, struct str name, bool in_scope);
void imp_areas_free(struct imp_areas *a);

/* --- what is stored already ---------------------------------------------------------------------
 */

/* The keys of one accepted row, normalised. uscc is empty for a firm without a code, which is then
 * known by name and town (I1). */
struct imp_key_set {
    struct str uscc, name, town, site_address;
    struct str product, model, brand, lic_no, ccc_no;
};

/* The answer about the store. name is empty when the firm (code, or name and town) is not there. */
struct imp_stored {
    struct str name;             /* of the firm with that code */
    int64_t firm;                /* its id; of the site when there is one */
    bool site;                   /* the firm has a site at that address */
    bool product;                /* the site has that product */
    bool other_with_name;        /* another firm, with another code or none, has that name */
    const struct imp_unit *unit; /* stored values of the site for the diff, or NULL */
};

/* --- results ------------------------------------------------------------------------------------
 */

/* A row of the file, or a stored firm (firm > 0). */
struct imp_ref {
    uint32_t sheet, row; /* sheet from 0; row 0 = none */
    int64_t firm;
};

struct imp_finding {
    enum imp_key key;
    enum imp_code code;
    struct str value; /* as it stands in the cell */
    struct str extra; /* what the text of the code asks for besides */
};

struct imp_suggest {
    enum imp_key key;
    struct str value;
};

struct imp_diff {
    enum imp_key key;
    struct str stored, given; /* as people read them */
};

enum { IMP_FINDINGS = 96, IMP_SUGGESTS = 4, IMP_DIFFS = 64 };

/* One told row; valid during the call. */
struct imp_row {
    uint32_t sheet, row;
    enum imp_verdict verdict;
    enum imp_why why;
    struct imp_ref of;
    const struct imp_finding *errors, *warnings;
    size_t nerrors, nwarnings;
    const struct imp_suggest *suggests;
    size_t nsuggests;
    const struct imp_diff *diffs;
    size_t ndiffs;
    bool continued;              /* notes: read as a continuation (A7b) */
    bool hidden;                 /* notes: from a hidden row (A5) */
    bool merged;                 /* notes: values came from merged cells (A7) */
    const struct imp_unit *unit; /* of data rows: what would be stored; all but ignored rows */
    const struct imp_product *product;
    const struct grade_result *grade; /* of accepted rows: how size and grade came about */
    const struct cell *fields; /* of data rows, by key: cells after merges, 同上 and overrides */
    const struct sheet_row *cells; /* the row as read; NULL for a row the file does not hold */
};

/* A sheet, told before its rows. */
struct imp_sheet {
    uint32_t sheet; /* from 0 */
    struct str name;
    enum { SHEET_IMPORTED, SHEET_IGNORED, SHEET_REJECTED } verdict;
    enum imp_why why;
    uint32_t header_first, header_last; /* row numbers */
    const short *keys;                  /* by column: enum imp_key, or -1 */
    size_t ncols;
    struct str *unknown; /* headers that were not recognised, in order */
    size_t nunknown;
    enum imp_key missing[8]; /* required columns that are not there */
    size_t nmissing;
    struct str town;   /* code of the town taken from the sheet name or title (A3), or empty */
    bool other_ledger; /* its columns look like those of the other ledger: ask before importing */
};

/* Where results go; a result other than OK ends the run with it. Either may be NULL. */
struct imp_sink {
    void *arg;
    enum err (*sheet)(void *arg, const struct imp_sheet *s);
    enum err (*row)(void *arg, const struct imp_row *r);
};

/* A value a person chose to use in place of a cell (an accepted suggestion, a correction). */
struct imp_override {
    uint32_t sheet, row;
    enum imp_key key;
    struct str value;
};

struct imp_job {
    struct sheet_book *book;
    const struct imp_rules *rules;
    int64_t as_of; /* day number */
    struct imp_areas *areas;
    const struct grade_params *grade;
    const struct size_table *sizes;
    /* Asks the store about a row that passed all checks; NULL = an empty store. */
    enum err (*stored)(void *arg, const struct imp_key_set *k, struct imp_stored *ret);
    void *stored_arg;
    const struct imp_override *overrides; /* ordered by sheet, row */
    size_t noverrides;
    struct imp_sink sink;
    const char *tmp; /* folder for temporary files, or NULL */
};

struct imp_totals {
    uint64_t rows[IMP_VERDICTS];
    enum sheet_err file; /* why reading the file ended; SHEET_OK when it did not */
    uint32_t file_sheet, file_row;
};

/* imp_run reads the whole book and tells every sheet and row. ERR_UNSUPPORTED: the file cannot
 * be read on (totals->file says why); ERR_NOMEM, ERR_IO; or what a sink or `stored` returned.
 * Blank rows between others are told; blank rows at the end of a sheet only when they hold
 * something (a serial number, an empty formula). */
MUST_CHECK enum err imp_run(const struct imp_job *job, struct imp_totals *ret);

/* imp_put_finding appends the sentence for people: 位置、内容、原因、怎么办, e.g.
 * "K34 从业人员（人）：“约50人”不是合法的数。请只填数字…". col is the column of the field, or -1.
 */
void imp_put_finding(
    const struct imp_rules *r, const struct imp_finding *f, int col, uint32_t row, struct buf *out);

/* imp_put_reason appends only what is wrong, imp_put_todo only what to do. */
void imp_put_reason(const struct imp_rules *r, const struct imp_finding *f, struct buf *out);
void imp_put_todo(const struct imp_rules *r, const struct imp_finding *f, struct buf *out);

/* imp_value appends a member of the two structs as people and files see it (dates ISO, no end
 * as 长期, money in 万元, codes joined by 、); nothing when absent. */
void imp_put_value(
    const struct imp_unit *u, const struct imp_product *p, enum imp_key k, struct buf *out);

#endif
