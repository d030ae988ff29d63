/* Shared by list.c (one page) and list_each.c (the whole list): the plan of a page. */
#ifndef ZHIAN_CORE_LIST_IMPL_H
#define ZHIAN_CORE_LIST_IMPL_H

#include "core/list.h"

enum {
    SQL_MAX = 32 << 10,
    VALUES_MAX = 400,
    COLS_MAX = 120,
    LIMIT_DEFAULT = 20,
    COUNT_CAP = 1000,
    SMALL = 5000, /* rows that are cheap to read and sort */
    MANY = 10000, /* hits of a search that are dearer to sort than to walk past the others */
    PAGE_EXPORT = 500,
};

struct value {
    bool is_int;
    int64_t i;
    struct str s;
};

struct list_sql {
    struct buf b;
    struct value values[VALUES_MAX];
    int n;
    bool where;
    bool narrow; /* a search clause drives the query */
    bool looks;  /* the search asks the row itself too */
};

struct order {
    const struct list_col *col; /* NULL: by id */
    bool down;
};

struct plan {
    const struct list_run *r;
    struct list_sql s;
    const struct list_col *cols[COLS_MAX];
    size_t n;
    struct order order;
    struct str path, end;
    const struct move_seen *moving; /* what moves into the scope and out of it just now */
    size_t nmoving;
    int64_t limit;
    bool small; /* few rows: read by any index and sorted */
    bool leaf;  /* small, and every row of the scope has the scope's own path */
    bool dense; /* a search with very many hits: the order's index is walked, rows are looked at */
    bool late;  /* keys are sorted first, rows read afterwards: see list_def.row */
};

/* list_plan_make prepares a plan (columns, order, scope); list_plan_text composes its statement.
 * The plan's text buffer is the caller's to free, also after an error. */
MUST_CHECK enum err list_plan_make(struct plan *p, const struct list_run *r);
MUST_CHECK enum err list_plan_text(struct plan *p);

/* list_plan_start begins the composed statement with its values; list_plan_cursor makes the cursor
 * behind the current row. Columns of a row: id, two sort values, then the chosen columns. */
void list_plan_start(struct plan *p, struct q *q);
struct str list_plan_cursor(const struct plan *p, struct q *q);

#endif
