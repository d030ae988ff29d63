/* The two sizes of a firm, which are two facts (R-016, R-100, forms P1):
 *
 *   stat_size   《统计上大中小微型企业划分办法（2017）》: every indicator of the row must reach the
 *               lower bound (>=), else drop one class; micro needs one miss.
 *   order_size  大中型 in the sense of the two orders: one indicator suffices (或者), the higher
 *               class hit counts; below their lines the statistical class stands.
 *
 * A missing figure gives SIZE_UNKNOWN (无法判定), never micro. Figures are integers: staff in
 * persons, money in hundredths of 万元; NULL_INT = missing, 0 is a figure. Thresholds are tables
 * passed in, so a new edition is data. */
#ifndef ZHIAN_DOMAIN_SIZE_H
#define ZHIAN_DOMAIN_SIZE_H

#include "base/arena.h"
#include "base/field.h"

enum size { SIZE_UNKNOWN, SIZE_MICRO, SIZE_SMALL, SIZE_MEDIUM, SIZE_LARGE, SIZE_COUNT };

enum { SIZE_MARKS = 3 };

/* One indicator of one row: 'X' staff, 'Y' revenue, 'Z' assets. Bounds in the unit of the figure;
 * NULL_INT = the table draws no such line. */
struct size_row {
    struct str group; /* industry, wholesale, retail, … */
    struct str name;  /* 工业, 批发业 … */
    char indicator;
    int64_t bound[SIZE_COUNT]; /* [SIZE_LARGE], [SIZE_MEDIUM], [SIZE_SMALL] used */
};

struct size_table {
    const struct size_row *rows;
    size_t n;
};

struct size_figures {
    int64_t staff;
    int64_t revenue;
    int64_t assets;
};

/* What one indicator says on its own, for display. */
struct size_mark {
    char indicator;
    int64_t value;
    enum size alone;  /* the class this indicator alone would give; SIZE_UNKNOWN when missing */
    int64_t bound;    /* lower bound of `alone`; NULL_INT for the lowest class */
    int64_t next;     /* the bound it missed; NULL_INT at the top */
    enum size missed; /* the class of that bound */
};

struct size_result {
    enum size size;
    bool partial; /* order_size only: a figure is missing, the class is at least this */
    struct str group;
    struct str name;
    struct size_mark marks[SIZE_MARKS];
    size_t n;
};

/* size_parse reads a table from CSV text (group,name,indicator,large_min,medium_min,small_min;
 * first line is the header; X in persons, Y and Z in 万元; an empty bound = no line). Strings are
 * copied into a. ERR_INVALID on a bad line (ret_line, from 1, may be NULL), ERR_NOMEM. */
MUST_CHECK enum err size_parse(
    struct str csv, struct arena *a, struct size_table *ret, size_t *ret_line);

/* size_stat: the AND rule. An unknown group gives SIZE_UNKNOWN with no marks. */
struct size_result size_stat(
    const struct size_table *t, struct str group, const struct size_figures *f);

/* size_order: the OR rule of R-016 over its own table. stat is the statistical size, which stands
 * below the orders' lines. With a figure missing, a class reached by another figure counts
 * (partial); otherwise SIZE_UNKNOWN. */
struct size_result size_order(
    const struct size_table *t, struct str group, const struct size_figures *f, enum size stat);

/* size_code: the code of the list `size`, which is also its label: 大型 中型 小型 微型 无法判定. */
const char *size_code(enum size s);
enum size size_of(struct str code);

/* size_put_marks appends the figures and bounds in Chinese, e.g.
 * "从业人员1000人（大型≥1000），营业收入39999.99万元（中型≥2000，未达大型40000）". */
void size_put_marks(const struct size_result *r, struct buf *out);

/* size_put_money appends hundredths of 万元 as a decimal without trailing zeros. */
void size_put_money(int64_t hundredths, struct buf *out);

#endif
