/* The list engine: the one place that composes SQL. A list is a table of columns; filter, sort,
 * keyset page, total, search and scope follow from it, never from user text. Every list, export,
 * count and picker goes through it, so scope cannot leak.
 *
 * Query string of a list operation:
 *   limit=20 cursor=… sort=name | -revenue  q=文水建材  columns=name,grade  total=true
 *   NAME=a,b        one of the codes (columns with LC_FILTER)
 *   NAME=10..20     between, either end may be absent (numbers, money, dates)
 *   NAME=null       absent
 *   NAME=~部分      text holding this (columns with LC_PART); without ~ the whole text
 */
#ifndef ZHIAN_CORE_LIST_H
#define ZHIAN_CORE_LIST_H

#include "core/ctx.h"

enum {
    LC_DEFAULT = 1, /* shown unless the user chose columns */
    LC_FILTER = 2,
    LC_SORT = 4,
    LC_ALWAYS = 8,  /* always sent (id, version) */
    LC_MASKED = 16, /* personal data: sent through the masking hook */
    LC_PART = 32,   /* text that may be asked for by a part of it */
};

struct list_col {
    const char *name;
    enum ftype type;
    unsigned flags;
    const char *label;
    const char *codes; /* code list for CODE/CODES, or NULL */
    const char *expr;  /* SQL over the list's FROM */
    const char *sort;  /* SQL to sort by when it is not expr; never NULL-valued */
    const char *sort2; /* second key before the id, or NULL */
    const char *plan;  /* prefix of the index family serving this sort: see list_def.level_cols */
};

struct list_filter {
    struct str name, value;
};

#define LIST_QUERY_FIELDS(F, S)                                                                    \
    F(S, firm, INT, F_PATH, 0, "单位", none)                                                       \
    F(S, org, INT, F_QUERY, 0, "所属机构", none)                                                   \
    F(S, limit, INT, F_QUERY, 200, "每页条数", none)                                               \
    F(S, cursor, STR, F_QUERY, 400, "翻页位置", none)                                              \
    F(S, sort, STR, F_QUERY, 60, "排序", none)                                                     \
    F(S, q, STR, F_QUERY, 60, "查找", none)                                                        \
    F(S, columns, STR, F_QUERY, 1000, "列", none)                                                  \
    F(S, total, BOOL, F_QUERY, 0, "要总数", none)                                                  \
    F(S, filters, LIST, F_OUT, 0, "筛选", none)
STRUCT(list_query, LIST_QUERY_FIELDS)

#define LIST_PAGE_FIELDS(F, S)                                                                     \
    F(S, items, JSON, 0, 0, "行", none)                                                            \
    F(S, next, STR, 0, 0, "下一页", none)                                                          \
    F(S, total, INT, 0, 0, "总数", none)                                                           \
    F(S, total_is_least, BOOL, 0, 0, "总数为下限", none)                                           \
    F(S, columns, JSON, 0, 0, "列说明", none)
STRUCT(list_page, LIST_PAGE_FIELDS)

struct list_sql; /* the text being composed and its values */

struct list_def {
    const char *name;
    const char *from;   /* "firm f" or joins */
    const char *id;     /* "f.id" */
    const char *row;    /* the row's own table when every column stands in it ("firm f"): what is
                         * sorted is then id and sort key alone, and rows are read for the page
                         * only; NULL otherwise */
    const char *scope;  /* org path column, "f.org_path"; NULL: the caller adds its own where */
    const char *level2; /* equality columns for wide scopes: "f.p2" (city), "f.p3" (county) */
    const char *level3;
    const char *default_sort; /* "-id" */
    bool driven; /* few rows, led to by the FROM and the caller's condition: read and sorted */
    const char *search_from; /* FROM while the search box drives ("firm_search s JOIN firm f …") */
    const char *search_words; /* the search table alone, to count hits ("firm_search s"), or NULL */
    const char *search_id;    /* its id in stored order ("s.rowid") */
    const struct list_col *cols;
    size_t n;
    /* search adds the clause of the search box (may be NULL: q is refused). */
    enum err (*search)(struct ctx *c, struct list_sql *s, struct str q);
    /* search_row says the same as conditions on the row (may be NULL): when very many rows match
     * and another order than the id is asked for, walking that order's index is the shorter way.
     * Adds nothing and answers false when q cannot be said so. */
    bool (*search_row)(struct ctx *c, struct list_sql *s, struct str q);
    /* always adds the conditions that every use of the list carries and the counters know of (may
     * be NULL): rows that are there but are not listed. */
    void (*always)(struct list_sql *s, const struct list_query *lq);
    /* count gives the maintained number of rows under path for these filters, or NULL_INT when the
     * counters do not know (may be NULL). */
    int64_t (*count)(struct ctx *c, struct str path, const struct list_query *lq);
    /* guess gives about how many rows an index leads to, from what the counters know of single
     * filters, or NULL_INT; it only chooses the way a page is read (may be NULL). */
    int64_t (*guess)(struct ctx *c, struct str path, const struct list_query *lq);
    /* mask turns the stored bytes of an LC_MASKED column of row id into what may be shown. */
    struct str (*mask)(struct ctx *c, const struct list_col *col, int64_t id, struct str stored);
};

/* Extra conditions of an operation: text from the caller's code (never from the user) with values
 * bound by list_int / list_str in order, written as "$" placeholders are added for them. */
void list_where(struct list_sql *s, const char *text);
void list_more(struct list_sql *s, const char *text);
void list_int(struct list_sql *s, int64_t v);
/* list_part adds a fragment of a .sql file (PART_x) as one condition, v for each ? in it. */
void list_part(struct list_sql *s, const char *part, int64_t v);
void list_str(struct list_sql *s, struct str v);
/* list_looks: a search says that its conditions read more than the search table. */
void list_looks(struct list_sql *s);

/* A list in the making. */
struct list_run {
    struct ctx *c;
    const struct list_def *def;
    const struct list_query *lq;
    struct str scope; /* org path to list under; default the actor's own */
    bool no_scope;    /* the caller has restricted rows itself (a firm's own records) */
    enum err (*extra)(struct ctx *c, struct list_sql *s, void *arg); /* more conditions, or NULL */
    void *arg;
    int64_t from_value; /* what each ? in the definition's FROM stands for */
};

/* list_page runs one page. Complaints: unknown column, filter, sort, bad cursor. */
MUST_CHECK enum err list_page(const struct list_run *r, struct list_page *ret);

/* list_each runs the whole list in its order, page by page, handing each row as texts of the chosen
 * columns (codes as labels when labels is set); fn returns false to stop. For exports. */
struct list_cell {
    const struct list_col *col;
    struct str text; /* as people see it; STR_NULL = empty */
    int64_t num;     /* of INT, MONEY, DAY, BOOL; NULL_INT = empty */
};
MUST_CHECK enum err list_each(const struct list_run *r, bool labels,
    bool (*fn)(void *arg, const struct list_cell *cells, size_t n), void *arg);

/* While a context holds a sink, a list operation run in it hands its whole list there instead of
 * answering a page: an export has the scope, conditions and masking of the list by nature. head
 * gets the chosen columns; row is as fn of list_each (labels set), NULL only checks the query. */
struct list_sink {
    enum err (*head)(void *arg, const struct list_col *const *cols, size_t n);
    bool (*row)(void *arg, const struct list_cell *cells, size_t n);
    void *arg;
};

/* list_query_add keeps a name=value pair of the query string that is no field of list_query. */
void list_query_add(struct ctx *c, void *list_query, struct str name, struct str value);

/* list_filter_take: the value of a filter, which the query then no longer has, or STR_NULL. */
struct str list_filter_take(struct ctx *c, struct list_query *lq, const char *name);

/* list_filter_get: the value of a filter, or STR_NULL. */
struct str list_filter_get(const struct list_query *lq, const char *name);

/* list_columns_json writes the column descriptions (for column pickers and OpenAPI). */
void list_columns_json(const struct list_def *d, struct jw *w);

#endif
