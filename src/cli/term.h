/* What the command line shows: progress, tables, colours, exit codes. On a terminal a progress bar
 * and colours; in a pipe plain lines; with --json one JSON object a line and nothing else. */
#ifndef ZHIAN_CLI_TERM_H
#define ZHIAN_CLI_TERM_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* Exit codes; the handbook and `zhian help exit` list them. */
#define TERM_EXITS(X)                                                                              \
    X(EXIT_DONE, 0, "完成")                                                                        \
    X(EXIT_FAILED, 1, "没有完成：出错")                                                            \
    X(EXIT_USAGE, 2, "命令写法不对")                                                               \
    X(EXIT_NOT_FOUND, 3, "没有找到")                                                               \
    X(EXIT_CONFLICT, 4, "与已有内容冲突或重复")                                                    \
    X(EXIT_VERIFY, 5, "核验不通过")                                                                \
    X(EXIT_INVALID, 6, "内容有误")                                                                 \
    X(EXIT_DENIED, 7, "没有权限或未登录")                                                          \
    X(EXIT_BUSY, 8, "暂时不能做，请稍后再试")                                                      \
    X(EXIT_CANCELLED, 130, "已中断")

enum term_exit {
#define X(id, code, text) id = code,
    TERM_EXITS(X)
#undef X
};

/* term_exit_of: the exit code of an error. term_exit_text: its meaning; NULL for an unknown one. */
enum term_exit term_exit_of(enum err e);
const char *term_exit_text(int code);
/* term_exit_at: the i-th row of the table; false past the end. */
bool term_exit_at(size_t i, int *ret_code, const char **ret_text);

enum term_mode { TERM_PLAIN, TERM_TTY, TERM_JSON };

struct term {
    FILE *out, *err;     /* results; progress and complaints */
    enum term_mode mode; /* of progress on err */
    bool colour_out, colour_err;
    bool fit;    /* out is a terminal: tables shrink to its width */
    int columns; /* of the terminal; 80 when unknown */
};

/* term_init looks at the streams. json: --json was given. NO_COLOR and TERM=dumb are respected. */
void term_init(struct term *t, FILE *out, FILE *err, bool json);

enum term_colour { TERM_NORMAL, TERM_RED, TERM_GREEN, TERM_YELLOW, TERM_DIM, TERM_BOLD };

/* term_say prints a line of text to out (nothing in JSON mode). term_fail prints an error line
 * to err, as {"error":…} in JSON mode. term_paint wraps text in a colour when `on`. */
void term_say(struct term *t, enum term_colour colour, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void term_fail(struct term *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void term_paint(struct buf *b, bool on, enum term_colour colour, struct str text);

/* --- width: CJK and full-width characters take two columns, combining marks none
 * ------------------ */
int term_width(struct str utf8);

/* term_clip appends text cut to at most columns (with … when cut) and padded to exactly that;
 * right: padding in front. Control characters are shown as '?'. */
void term_clip(struct buf *b, struct str text, int columns, bool right);

/* --- tables
 * ------------------------------------------------------------------------------------------
 * Collects cells, then prints them aligned. On a terminal columns shrink to fit; in a pipe nothing
 * is cut. In JSON mode every row is one object on a line, keyed by the column names. */
struct term_table;

struct term_column {
    const char *name;  /* JSON key */
    const char *label; /* Chinese head */
    bool number;       /* aligned to the right; a JSON number */
};

struct term_table *term_table_new(const struct term_column *columns, size_t n);
/* term_table_add takes n cells; STR_NULL is empty (JSON null). ERR_NOMEM. */
MUST_CHECK enum err term_table_add(struct term_table *b, const struct str *cells);
void term_table_print(struct term *t, const struct term_table *b);
size_t term_table_rows(const struct term_table *b);
void term_table_free(struct term_table *b);

/* --- progress
 * -------------------------------------------------------------------------------------- */
struct term_progress {
    struct term *t;
    const char *what;       /* "读取", "校验" */
    const char *unit;       /* "行", "条" */
    int64_t total;          /* 0 = unknown */
    int64_t began, last;    /* ms */
    int64_t (*clock)(void); /* ms; tests set it */
    int drawn;              /* columns on the line now */
    int tenth;              /* last tenth told in plain mode */
};

void term_progress_begin(
    struct term_progress *p, struct term *t, const char *what, const char *unit, int64_t total);

/* term_progress_at: done of total (total may change; 0 = unknown). Draws at most ten times a second
 * on a terminal; in a pipe a line for every tenth (or every ten seconds when the total is
 * unknown). */
void term_progress_at(struct term_progress *p, int64_t done, int64_t total);

/* term_progress_end clears the bar and tells how many in how long. */
void term_progress_end(struct term_progress *p, int64_t done);

#endif
