/* The xlsx reader: an expat walk over one sheet part, one row in memory at a time.
 * Merged ranges come from a scan beforehand (xlsx_merges.c). Shared strings live in a spool
 * (xlsx_strings.c). Whether a number is a date is a property of its cell format (xlsx_parts.c). */
#include "render/sheet_impl.h"
#include "render/xlsx_merges.h"
#include "render/xlsx_parts.h"
#include "render/xlsx_strings.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

struct xlsx {
    struct zip_in *zip;
    struct xlsx_parts parts;
    struct xlsx_strings strings;
    bool strings_loaded;
    struct row_build row;
    struct xlsx_merges merges;
};

/* Where the text that comes next belongs. */
enum capture { CAPTURE_NONE, CAPTURE_VALUE, CAPTURE_INLINE };

struct sheet_walk {
    struct xml_sink x;
    struct sheet_book *b;
    struct xlsx *w;
    sheet_row_fn *fn;
    void *arg;
    uint32_t number; /* of the row, from 1 */
    uint32_t col;    /* the next column when a cell does not say its own */
    bool hidden, in_row, in_cell;
    char type; /* first letter of the cell's t; 'S' = str, 0 = none */
    bool date, formula, valued;
    enum capture capture;
    int phonetic;
};

/* --- cells --------------------------------------------------------------------------------------
 */

static char cell_kind(const char *t)
{
    if (!t)
        return 'n';
    if (strcmp(t, "str") == 0)
        return 'S';
    return t[0];
}

/* Reads "BC12": the column; the row of the reference is not used. */
static bool ref_col(const char *ref, uint32_t *ret_col)
{
    return sheet_col_parse(str_z(ref), ret_col) > 0 && *ret_col < SHEET_COL_MAX;
}

static void cell_start(struct sheet_walk *k, const char **atts)
{
    const char *ref = NULL, *style = NULL, *type = NULL;
    for (; *atts; atts += 2) {
        if (atts[0][1] != 0)
            continue;
        if (atts[0][0] == 'r')
            ref = atts[1];
        else if (atts[0][0] == 's')
            style = atts[1];
        else if (atts[0][0] == 't')
            type = atts[1];
    }
    uint32_t col = k->col;
    if ((ref && !ref_col(ref, &col)) || col >= SHEET_COL_MAX) {
        k->x.err = SHEET_ERR_BROKEN;
        return;
    }
    k->col = col + 1;
    k->in_cell = true;
    k->type = cell_kind(type);
    unsigned long format = style ? strtoul(style, NULL, 10) : 0;
    k->date = format < k->w->parts.ndate && k->w->parts.date[format];
    k->formula = k->valued = false;
    if (!row_add(&k->w->row, col))
        k->x.err = SHEET_ERR_NOMEM;
}

static struct cell *cell_now(struct sheet_walk *k)
{
    return &k->w->row.cells[k->w->row.n - 1];
}

/* A decimal of at most 15 digits without exponent, exactly; false for anything else. */
static bool plain_number(struct str s, double *ret)
{
    static const double pow10[] = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t i = s.n && s.p[0] == '-' ? 1 : 0, frac = 0, digits = 0;
    int64_t v = 0;
    bool dot = false;
    for (; i < s.n; i++) {
        if (s.p[i] == '.' && !dot) {
            dot = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || ++digits > 15)
            return false;
        v = v * 10 + (s.p[i] - '0');
        frac += dot;
    }
    if (digits == 0)
        return false;
    *ret = (s.p[0] == '-' ? -1.0 : 1.0) * ((double)v / pow10[frac]);
    return true;
}

static bool any_number(struct str s, double *ret)
{
    char z[64];
    if (plain_number(s, ret))
        return true;
    if (s.n == 0 || s.n >= sizeof z)
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    char *end;
    *ret = strtod(z, &end);
    return *end == 0 && *ret - *ret == 0; /* finite */
}

/* Replaces a shared string's number by the string. */
static void cell_shared(struct sheet_walk *k, struct cell *c)
{
    struct row_build *r = &k->w->row;
    size_t off = r->offs[r->n - 1];
    uint64_t index = 0;
    bool digits = r->text.n > off && r->text.n - off < 12;
    for (size_t i = off; digits && i < r->text.n; i++) {
        digits = r->text.p[i] >= '0' && r->text.p[i] <= '9';
        index = index * 10 + (uint64_t)(r->text.p[i] - '0');
    }
    r->text.n = off;
    if (!digits)
        return;
    struct str s = xlsx_strings_get(&k->w->strings, index);
    if (!s.p) {
        k->x.err = SHEET_ERR_BROKEN;
        return;
    }
    buf_add(&r->text, s);
    c->type = s.n ? CELL_TEXT : CELL_EMPTY;
}

static void cell_text(struct sheet_walk *k, struct cell *c)
{
    struct row_build *r = &k->w->row;
    size_t off = r->offs[r->n - 1];
    if (r->text.p)
        r->text.n = off + xlsx_unescape(r->text.p + off, r->text.n - off);
    size_t n = r->text.n - off;
    if (n > SHEET_TEXT_MAX && utf8_len((struct str){r->text.p + off, n}) > SHEET_TEXT_MAX)
        k->x.err = SHEET_ERR_TOO_LONG;
    c->type = n ? CELL_TEXT : CELL_EMPTY;
}

static void cell_number(struct sheet_walk *k, struct cell *c)
{
    struct row_build *r = &k->w->row;
    size_t off = r->offs[r->n - 1];
    struct str s = str_trim(str_sub(buf_str(&r->text), off, r->text.n));
    if (s.n == 0)
        c->type = k->formula ? CELL_NO_VALUE : CELL_EMPTY;
    else if (any_number(s, &c->num))
        c->type = k->type == 'b' ? CELL_BOOL : CELL_NUMBER;
    else
        c->type = CELL_TEXT; /* what claims to be a number and is none is shown as it stands */
    c->date = k->date && c->type == CELL_NUMBER;
}

static void cell_end(struct sheet_walk *k)
{
    struct cell *c = cell_now(k);
    k->in_cell = false;
    c->formula = k->formula;
    switch (k->type) {
    case 's':
        cell_shared(k, c);
        break;
    case 'i':
    case 'd':
        cell_text(k, c);
        break;
    case 'S':
        cell_text(k, c);
        if (k->formula && !k->valued)
            c->type = CELL_NO_VALUE;
        break;
    case 'e':
        c->type = k->w->row.text.n > k->w->row.offs[k->w->row.n - 1] ? CELL_ERROR : CELL_EMPTY;
        break;
    default:
        cell_number(k, c);
    }
    row_close_text(&k->w->row);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static void row_start(struct sheet_walk *k, const char **atts)
{
    const char *r = NULL, *hidden = NULL;
    for (; *atts; atts += 2) {
        if (strcmp(atts[0], "r") == 0)
            r = atts[1];
        else if (strcmp(atts[0], "hidden") == 0)
            hidden = atts[1];
    }
    uint64_t number = r ? strtoul(r, NULL, 10) : (uint64_t)k->number + 1;
    k->x.err = number <= k->number      ? SHEET_ERR_BROKEN
               : number > SHEET_ROW_MAX ? SHEET_ERR_TOO_MANY
                                        : SHEET_OK;
    k->number = (uint32_t)number;
    k->b->where = k->number;
    k->hidden = xml_is_true(hidden);
    k->col = 0;
    k->in_row = true;
    row_clear(&k->w->row);
}

static void row_end(struct sheet_walk *k)
{
    struct sheet_row row = {.number = k->number, .hidden = k->hidden};
    k->in_row = false;
    if (!row_view(&k->w->row, &row))
        k->x.err = k->w->row.text.err == ERR_NOMEM ? SHEET_ERR_NOMEM : SHEET_ERR_TOO_LONG;
    else if (!k->fn(k->arg, &row))
        k->x.stop = true;
}

/* --- events -------------------------------------------------------------------------------------
 */

static void walk_start(struct xml_sink *x, const char *name, const char **atts)
{
    struct sheet_walk *k = (struct sheet_walk *)x;
    if (name[1] == 0) {
        if (name[0] == 'c' && k->in_row)
            cell_start(k, atts);
        else if (name[0] == 'v' && k->in_cell) {
            k->capture = CAPTURE_VALUE;
            k->valued = true;
        } else if (name[0] == 't' && k->in_cell && k->phonetic == 0)
            k->capture = CAPTURE_INLINE;
        else if (name[0] == 'f')
            k->formula = true;
    } else if (strcmp(name, "row") == 0)
        row_start(k, atts);
    else if (strcmp(name, "rPh") == 0)
        k->phonetic++;
}

static void walk_end(struct xml_sink *x, const char *name)
{
    struct sheet_walk *k = (struct sheet_walk *)x;
    k->capture = CAPTURE_NONE;
    if (name[1] == 0) {
        if (name[0] == 'c' && k->in_cell)
            cell_end(k);
    } else if (strcmp(name, "row") == 0 && k->in_row)
        row_end(k);
    else if (strcmp(name, "rPh") == 0)
        k->phonetic--;
    else if (strcmp(name, "sheetData") == 0)
        x->stop = true;
}

static void walk_text(struct xml_sink *x, struct str s)
{
    struct sheet_walk *k = (struct sheet_walk *)x;
    if (k->capture != CAPTURE_NONE)
        buf_add(&k->w->row.text, s);
}

static enum sheet_err strings_ready(struct sheet_book *b, struct xlsx *w)
{
    if (w->strings_loaded || !w->parts.strings.p || !zip_has(w->zip, w->parts.strings))
        return SHEET_OK;
    w->strings_loaded = true;
    return xlsx_strings_load(&w->strings, w->zip, w->parts.strings, &b->done);
}

static enum sheet_err xlsx_read(struct sheet_book *b, size_t i, sheet_row_fn *fn, void *arg)
{
    struct xlsx *w = b->impl;
    enum sheet_err e = strings_ready(b, w);
    if (e)
        return e;
    struct sheet_walk k = {.b = b, .w = w, .fn = fn, .arg = arg};
    k.x = (struct xml_sink){
        .start = walk_start, .end = walk_end, .text = walk_text, .done = &b->done};
    return xml_read_part(w->zip, w->parts.parts[i], &k.x);
}

/* --- merged ranges ------------------------------------------------------------------------------
 */

static enum sheet_err xlsx_merges(
    struct sheet_book *b, size_t i, const struct sheet_merge **ret, size_t *ret_n)
{
    struct xlsx *w = b->impl;
    enum sheet_err e = xlsx_merges_scan(&w->merges, w->zip, w->parts.parts[i]);
    if (e)
        return e;
    *ret = w->merges.p;
    *ret_n = w->merges.n;
    return SHEET_OK;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static void xlsx_close(struct sheet_book *b)
{
    struct xlsx *w = b->impl;
    if (!w)
        return;
    zip_close(w->zip);
    xlsx_strings_free(&w->strings);
    row_free(&w->row);
    xlsx_merges_free(&w->merges);
    mem_free(w);
}

static const struct sheet_ops ops = {
    .kind = "xlsx", .merges = xlsx_merges, .read = xlsx_read, .close = xlsx_close};

enum sheet_err xlsx_open(struct sheet_book *b)
{
    struct xlsx *w = mem_alloc(sizeof *w);
    if (!w)
        return SHEET_ERR_NOMEM;
    xlsx_strings_init(&w->strings, b->tmp);
    b->impl = w;
    b->ops = &ops;
    enum sheet_err e = zip_open(b->fd, b->size, &w->zip);
    return e ? e : xlsx_parts_load(b, w->zip, &w->parts);
}
