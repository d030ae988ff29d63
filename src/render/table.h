/* Writing tables: one model, two kinds of file. Rows go out as they come, so a table of any length
 * takes constant memory.
 *
 *   struct table_out *t;
 *   e = table_open(TABLE_XLSX, path, &t);
 *   e = e ? e : table_sheet(t, &head);
 *   while (!e && more)
 *       e = table_row(t, cells, n);
 *   e = table_close(t, e);
 *
 * Text stays text: in xlsx it is written as a string cell, which no program takes for a formula;
 * in CSV a text that begins with = + - @ or a tab gets an apostrophe in front. */
#ifndef ZHIAN_RENDER_TABLE_H
#define ZHIAN_RENDER_TABLE_H

#include "base/err.h"
#include "base/str.h"

enum table_kind { TABLE_XLSX, TABLE_CSV };

enum table_type {
    TABLE_EMPTY,
    TABLE_TEXT,
    TABLE_NUMBER, /* num as it is */
    TABLE_INT,    /* num, whole */
    TABLE_MONEY,  /* num in hundredths of 万元, shown with two decimals */
    TABLE_DAY,    /* num is a day number */
    TABLE_TIME,   /* num is days since 1970-01-01 with a fraction, civil time */
};

/* A colour behind the cell. */
enum table_tone { TONE_NONE, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_MUTED, TONE_HEAD, TONES };

struct table_cell {
    enum table_type type;
    enum table_tone tone;
    struct str text;
    double num;
};

/* A column. Neighbours with the same group, or the same group and label, share a merged heading;
 * sub is the lowest level, empty when the label is the lowest. */
struct table_col {
    struct str group, label, sub;
    double width; /* characters; 0 = the default */
    bool wrap;
};

struct table_head {
    struct str sheet;        /* at most 31 code points; what Excel forbids in names is replaced */
    struct str title;        /* may be empty */
    const struct str *lines; /* under the title: 填报单位 … */
    size_t nlines;
    const struct table_col *cols;
    size_t ncols;
    bool numbers; /* a row of column numbers under the heading */
};

struct table_out;

/* table_open creates the file (xlsx: at table_close). ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err table_open(enum table_kind kind, const char *path, struct table_out **ret);

/* table_sheet begins a sheet and writes title and heading; with ncols = 0 nothing is written and
 * rows begin at the top. A CSV takes one sheet: a second is ERR_STATE. */
MUST_CHECK enum err table_sheet(struct table_out *t, const struct table_head *head);

/* table_row writes the next row; ERR_TOO_LARGE: more rows than a sheet holds, or a text over 32767
 * characters. table_skip leaves n rows empty. table_row_number: the row (from 1) written next. */
MUST_CHECK enum err table_row(struct table_out *t, const struct table_cell *cells, size_t n);
MUST_CHECK enum err table_skip(struct table_out *t, uint32_t n);
uint32_t table_row_number(const struct table_out *t);

/* table_choices lets the cells of a column (from 0) between two rows (from 1) of the sheet in hand
 * be chosen from what a formula names ("=代码!$A$2:$A$9"); another value is warned of, not refused.
 * A CSV has no such thing. */
MUST_CHECK enum err table_choices(
    struct table_out *t, size_t col, uint32_t first, uint32_t last, const char *formula);

/* table_close finishes the file and releases t. Given an error it only releases, removes the
 * file and returns that error. ERR_IO, ERR_DISK_FULL. */
MUST_CHECK enum err table_close(struct table_out *t, enum err so_far);

/* Shorthands. */
static inline struct table_cell table_text(struct str s)
{
    return (struct table_cell){.type = s.n ? TABLE_TEXT : TABLE_EMPTY, .text = s};
}

static inline struct table_cell table_num(enum table_type type, double v)
{
    return (struct table_cell){.type = type, .num = v};
}

#endif
