/* Finding the header of a ledger (rules A1, A2).
 *
 * Method. Every start among the first rows and every depth of one to four levels is tried; the one
 * that yields the most different fields wins, and of equals the shallowest, then the first. The
 * name of a column is the chain of its texts from top to bottom; the longest end of the chain that
 * the dictionary knows decides, so group titles above (登记基本信息) do no harm. Merged header
 * cells count for all they cover; where a file has lost its merges (CSV), a blank cell that has a
 * text below it takes the text to its left. */
#include "feature/import/imp_row.h"

enum { LEVELS_MAX = 4, CHAIN_MAX = 1024, COLS_MAX = 512 };

/* The normalised texts of the first rows as a grid. */
struct grid {
    const struct imp_rules *r;
    struct arena *a;
    struct str *cells; /* nrows × ncols */
    const uint32_t *numbers;
    size_t nrows, ncols;
};

struct attempt {
    size_t first, levels; /* rows of the grid */
    size_t nfields;
};

static struct str *at(const struct grid *g, size_t row, size_t col)
{
    return &g->cells[row * g->ncols + col];
}

static size_t widest(const struct head_row *rows, size_t n)
{
    size_t cols = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].n && rows[i].cells[rows[i].n - 1].col + 1 > cols)
            cols = rows[i].cells[rows[i].n - 1].col + 1;
    return cols < COLS_MAX ? cols : COLS_MAX;
}

static void merge_apply(struct grid *g, const struct sheet_merge *m)
{
    size_t from = g->nrows;
    for (size_t i = 0; i < g->nrows && from == g->nrows; i++)
        if (g->numbers[i] == m->row1)
            from = i;
    if (from == g->nrows || m->col1 >= g->ncols)
        return;
    struct str text = *at(g, from, m->col1);
    for (size_t i = from; i < g->nrows && g->numbers[i] <= m->row2; i++)
        for (size_t c = m->col1; c <= m->col2 && c < g->ncols; c++)
            *at(g, i, c) = m->each ? *at(g, from, c) : text;
}

static bool grid_build(struct grid *g, const struct head_input *in)
{
    const struct head_row *rows = in->rows;
    size_t n = in->n;
    g->nrows = n;
    g->ncols = widest(rows, n);
    g->cells = arena_new(g->a, struct str, n * g->ncols + 1);
    uint32_t *numbers = arena_new(g->a, uint32_t, n + 1);
    if (!g->cells || !numbers)
        return false;
    for (size_t i = 0; i < n; i++) {
        numbers[i] = rows[i].number;
        for (size_t k = 0; k < rows[i].n; k++) {
            const struct cell *c = &rows[i].cells[k];
            if (c->col < g->ncols)
                *at(g, i, c->col) = header_text(g->r, g->a, c->text);
        }
    }
    g->numbers = numbers;
    for (size_t i = 0; i < in->nmerges && in->merges[i].row1 <= SHEET_HEAD_ROWS; i++)
        merge_apply(g, &in->merges[i]);
    return !g->a->failed;
}

/* The text of a cell of the header, taken from the left where merges were lost. */
static struct str level_text(
    const struct grid *g, const struct attempt *t, size_t level, size_t col)
{
    size_t row = t->first + level;
    bool below = false;
    for (size_t i = level + 1; i < t->levels && !below; i++)
        below = at(g, t->first + i, col)->n > 0;
    for (size_t c = col + 1; c-- > 0;) {
        struct str s = *at(g, row, c);
        if (s.n || !below)
            return s;
        bool left_below = false; /* the text on the left must have columns of its own below */
        for (size_t i = level + 1; c > 0 && i < t->levels; i++)
            left_below = left_below || at(g, t->first + i, c - 1)->n > 0;
        if (!left_below)
            return S("");
    }
    return S("");
}

/* The key of a column: the longest known end of its chain; HEADER_OTHER when only the other ledger
 * knows it, -1 when none does. */
static short column_key(const struct grid *g, const struct attempt *t, size_t col)
{
    char chain[CHAIN_MAX];
    struct str parts[LEVELS_MAX];
    size_t n = 0;
    short other = -1;
    for (size_t i = 0; i < t->levels; i++) {
        struct str s = level_text(g, t, i, col);
        if (s.n && (n == 0 || !str_eq(s, parts[n - 1])))
            parts[n++] = s;
    }
    for (size_t from = 0; from < n; from++) {
        size_t len = 0;
        for (size_t i = from; i < n && len + parts[i].n <= sizeof chain; i++) {
            memcpy(chain + len, parts[i].p, parts[i].n);
            len += parts[i].n;
        }
        short key = header_key(g->r, (struct str){chain, len});
        if (key >= 0)
            return key;
        if (key == HEADER_OTHER)
            other = key;
    }
    return other;
}

static size_t count_fields(const struct grid *g, const struct attempt *t)
{
    bool seen[IK_COUNT] = {false};
    size_t n = 0;
    for (size_t c = 0; c < g->ncols; c++) {
        short k = column_key(g, t, c);
        if (k < 0 || seen[k])
            continue;
        seen[k] = true;
        n++;
    }
    return n;
}

/* Whether the rows of the attempt follow each other in the sheet. */
static bool adjacent(const struct grid *g, const struct attempt *t)
{
    return g->numbers[t->first + t->levels - 1] == g->numbers[t->first] + t->levels - 1;
}

/* A first level that names nothing is no level: without it the rest would do as well. */
static bool first_level_counts(const struct grid *g, const struct attempt *t)
{
    struct attempt rest = {t->first + 1, t->levels - 1, 0};
    return t->levels == 1 || count_fields(g, &rest) < t->nfields;
}

static struct attempt best_attempt(const struct grid *g)
{
    struct attempt best = {0};
    int64_t most = g->r->header.levels < LEVELS_MAX ? g->r->header.levels : LEVELS_MAX;
    for (size_t levels = 1; levels <= (size_t)most; levels++)
        for (size_t i = 0; i + levels <= g->nrows; i++) {
            struct attempt t = {i, levels, 0};
            if (g->numbers[i] > (uint32_t)g->r->header.first_rows || !adjacent(g, &t))
                continue;
            t.nfields = count_fields(g, &t);
            if (t.nfields > best.nfields && first_level_counts(g, &t))
                best = t;
        }
    return best;
}

static bool is_persons(const struct grid *g, const struct attempt *t, size_t col)
{
    for (size_t i = 0; i < t->levels; i++)
        if (list_has(&g->r->header.persons, *at(g, t->first + i, col)))
            return true;
    return false;
}

/* The text of a column that was not recognised, for telling. */
static struct str column_text(const struct grid *g, const struct attempt *t, size_t col)
{
    struct str s = S("");
    for (size_t i = 0; i < t->levels; i++) {
        struct str one = level_text(g, t, i, col);
        if (one.n)
            s = one;
    }
    return s;
}

static void take_column(
    const struct grid *g, const struct attempt *t, size_t col, struct imp_header *h)
{
    short k = column_key(g, t, col);
    h->persons = h->persons || is_persons(g, t, col);
    h->keys[col] = -1;
    if (k >= 0 && h->col[k] < 0) {
        h->keys[col] = k;
        h->col[k] = (int)col;
        h->nfields += g->r->fields[k].type != IT_IGNORED;
        h->nrequired += g->r->fields[k].required;
        h->nown += g->r->fields[k].own;
        return;
    }
    h->nother += k == HEADER_OTHER;
    struct str text = column_text(g, t, col);
    if (text.n)
        h->unknown[h->nunknown++] = text;
}

static bool header_take(const struct grid *g, const struct attempt *t, struct imp_header *h)
{
    *h = (struct imp_header){.ncols = g->ncols};
    h->first = g->numbers[t->first];
    h->last = g->numbers[t->first + t->levels - 1];
    h->keys = arena_new(g->a, short, g->ncols + 1);
    h->unknown = arena_new(g->a, struct str, g->ncols + 1);
    if (!h->keys || !h->unknown)
        return false;
    for (int k = 0; k < IK_COUNT; k++)
        h->col[k] = -1;
    for (size_t c = 0; c < g->ncols; c++)
        take_column(g, t, c, h);
    for (size_t i = t->first; i < t->first + t->levels; i++)
        h->levels[h->nlevels++] = at(g, i, 0);
    if (t->first > 0 && h->nlevels < 8) /* a group row above repeats with the header */
        h->levels[h->nlevels++] = at(g, t->first - 1, 0);
    return true;
}

bool imp_header_find(
    const struct imp_rules *r, struct arena *a, const struct head_input *in, struct imp_header *ret)
{
    struct grid g = {.r = r, .a = a};
    if (in->n == 0 || !grid_build(&g, in) || g.ncols == 0)
        return false;
    struct attempt best = best_attempt(&g);
    if (best.nfields == 0 || !header_take(&g, &best, ret))
        return false;
    bool ledger = ret->nfields >= (size_t)r->header.min_fields &&
                  ret->nrequired >= (size_t)r->header.min_required;
    return ledger || ret->persons;
}
