/* Reading spreadsheets as a stream of rows: one interface over xlsx (render/xlsx_read.c) and CSV
 * (render/csv_read.c). What a file is, is decided by its content, never by its name; what cannot
 * be read is refused with a sentence that says how to save it as .xlsx. Nothing is held in memory
 * but one row, so a file of any length reads in a few MiB.
 *
 *   struct sheet_book *b;
 *   enum sheet_err e = sheet_open(fd, NULL, &b);
 *   for (size_t i = 0; !e && i < sheet_count(b); i++)
 *       e = sheet_read(b, i, on_row, arg);
 *   if (e) say(sheet_err_text(e));
 *   sheet_close(b);
 *
 * Not thread-safe: one book belongs to one thread. */
#ifndef ZHIAN_RENDER_SHEET_H
#define ZHIAN_RENDER_SHEET_H

#include "base/buf.h"

/* Limits of the file formats (Excel's own) and ours against hostile files. */
enum {
    SHEET_ROW_MAX = 1048576,
    SHEET_COL_MAX = 16384,
    SHEET_TEXT_MAX = 32767, /* code points of one cell */
    SHEET_COUNT_MAX = 255,
};

enum sheet_err {
    SHEET_OK = 0,
#define ROW(id, name, text) id,
#include "render/sheet_errors.def"
#undef ROW
    SHEET_ERR_COUNT
};

/* sheet_err_text: the Chinese sentence (what is wrong, what to do); "" for SHEET_OK.
 * sheet_err_name: the stable wire name. */
const char *sheet_err_text(enum sheet_err e);
const char *sheet_err_name(enum sheet_err e);

enum cell_type {
    CELL_EMPTY,
    CELL_TEXT,
    CELL_NUMBER,
    CELL_BOOL,     /* num is 0 or 1 */
    CELL_ERROR,    /* text is the error, e.g. #N/A */
    CELL_NO_VALUE, /* a formula whose result was not stored */
};

/* A cell that is there; cells that are absent or hold nothing are not in the row. */
struct cell {
    uint32_t col; /* from 0 */
    enum cell_type type;
    bool date;       /* a number whose format shows a date or time */
    bool formula;    /* the value is a stored result */
    struct str text; /* TEXT, ERROR; of a NUMBER the digits as the file has them */
    double num;
};

struct sheet_row {
    uint32_t number; /* from 1; of a CSV the record number */
    bool hidden;
    const struct cell *cells; /* ascending by col */
    size_t n;
};

/* A merged range, all ends inclusive; rows from 1, columns from 0. With `each`, every column of it
 * is a merged range of its own. */
struct sheet_merge {
    uint32_t row1, row2;
    uint16_t col1;
    uint16_t col2 : 15, each : 1;
};

struct sheet_info {
    struct str name; /* "" for a CSV */
    bool hidden;     /* hidden or very hidden */
    bool date1904;   /* serial numbers count from 1904-01-01 */
};

struct sheet_book;

/* sheet_open looks at the file behind fd (regular, readable; stays the caller's and must stay open
 * until sheet_close) and prepares reading. tmp is the folder for unlinked temporary files; NULL
 * takes $TMPDIR or /tmp. */
MUST_CHECK enum sheet_err sheet_open(int fd, const char *tmp, struct sheet_book **ret);
void sheet_close(struct sheet_book *b);

/* sheet_kind: "xlsx" or "csv"; sheet_encoding: of a CSV "UTF-8", "GB18030", "UTF-16LE" or
 * "UTF-16BE", else "". */
const char *sheet_kind(const struct sheet_book *b);
const char *sheet_encoding(const struct sheet_book *b);

size_t sheet_count(const struct sheet_book *b);
const struct sheet_info *sheet_info(const struct sheet_book *b, size_t i);

/* sheet_merges scans sheet i for merged ranges, ordered by row1: ranges of one row below row
 * SHEET_HEAD_ROWS are left out (they say nothing about values below). Valid until sheet_close or
 * the next call. */
enum { SHEET_HEAD_ROWS = 64 };
MUST_CHECK enum sheet_err sheet_merges(
    struct sheet_book *b, size_t i, const struct sheet_merge **ret, size_t *ret_n);

/* sheet_read calls fn for every row that the file has, in ascending order; the row and its texts
 * are valid during the call only. fn returns false to stop, which is no error. Texts are valid
 * UTF-8 without NUL, as written: not trimmed, line breaks as \n. */
typedef bool sheet_row_fn(void *arg, const struct sheet_row *row);
MUST_CHECK enum sheet_err sheet_read(struct sheet_book *b, size_t i, sheet_row_fn *fn, void *arg);

/* sheet_where: row (from 1) at which the last error was met; 0 = not in a row. */
uint32_t sheet_where(const struct sheet_book *b);

/* sheet_done: bytes of the file consumed by reading so far; with the size of the file that is the
 * progress of a job. */
uint64_t sheet_done(const struct sheet_book *b);

/* sheet_col_name writes the letters of a column (0 = A) and returns their number (1…3). */
size_t sheet_col_name(uint32_t col, char out[4]);

/* sheet_col_parse reads column letters at the start of s; returns how many, 0 on none. */
size_t sheet_col_parse(struct str s, uint32_t *ret_col);

#endif
