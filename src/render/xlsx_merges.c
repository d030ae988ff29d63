/* Merged ranges stand behind the rows in a sheet part but are needed before them; so the part is
 * inflated once beforehand and searched for them as bytes, which costs a tenth of parsing.
 *
 * A ledger merges the cells of a firm over its products column by column: forty ranges over the
 * same rows side by side. Such neighbours are folded into one record, at once when they come in
 * order, else whenever the list has grown; so memory follows the firms, not the cells. */
#include "render/xlsx_merges.h"

#include <stdlib.h>

#include "base/mem.h"

enum { MERGE_MAX = 2000000, FOLD_FROM = 65536, SCAN_CHUNK = 64 << 10, SCAN_TAIL = 256 };

void xlsx_merges_free(struct xlsx_merges *m)
{
    mem_free(m->p);
    *m = (struct xlsx_merges){0};
}

/* --- folding ------------------------------------------------------------------------------------
 */

static int merge_order(const void *a, const void *b)
{
    const struct sheet_merge *x = a, *y = b;
    if (x->row1 != y->row1)
        return x->row1 < y->row1 ? -1 : 1;
    if (x->row2 != y->row2)
        return x->row2 < y->row2 ? -1 : 1;
    return (x->col1 > y->col1) - (x->col1 < y->col1);
}

/* Single columns, or columns folded before. */
static bool foldable(const struct sheet_merge *m)
{
    return m->each || m->col1 == m->col2;
}

/* Takes b into a when b stands right behind it over the same rows. */
static bool fold_pair(struct sheet_merge *a, const struct sheet_merge *b)
{
    bool beside = a->row1 == b->row1 && a->row2 == b->row2 && b->col1 == a->col2 + 1;
    if (!beside || !foldable(a) || !foldable(b))
        return false;
    a->each = true;
    a->col2 = b->col2;
    return true;
}

static void fold_all(struct xlsx_merges *m)
{
    bool sorted = true;
    for (size_t i = 1; sorted && i < m->n; i++)
        sorted = merge_order(&m->p[i - 1], &m->p[i]) <= 0;
    if (!sorted)
        qsort(m->p, m->n, sizeof *m->p, merge_order);
    size_t n = m->n ? 1 : 0;
    for (size_t i = 1; i < m->n; i++)
        if (!fold_pair(&m->p[n - 1], &m->p[i]))
            m->p[n++] = m->p[i];
    m->n = m->folded = n;
}

static enum sheet_err grow(struct xlsx_merges *m)
{
    if (m->n >= FOLD_FROM) {
        fold_all(m);
        if (m->n <= m->size - m->size / 4)
            return SHEET_OK;
    }
    if (m->size >= MERGE_MAX)
        return SHEET_ERR_TOO_MANY;
    size_t size = m->size ? m->size * 2 : 256;
    struct sheet_merge *p = mem_grow(m->p, size * sizeof *p);
    if (!p)
        return SHEET_ERR_NOMEM;
    m->p = p;
    m->size = size;
    return SHEET_OK;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* Reads "B7" at *s and moves behind it. */
static bool ref_parse(struct str *s, uint32_t *ret_row, uint32_t *ret_col)
{
    uint32_t row = 0;
    size_t n = sheet_col_parse(*s, ret_col);
    if (n == 0 || *ret_col >= SHEET_COL_MAX)
        return false;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9' && row <= SHEET_ROW_MAX)
        row = row * 10 + (uint32_t)(s->p[n++] - '0');
    if (row == 0 || row > SHEET_ROW_MAX)
        return false;
    *s = str_sub(*s, n, s->n);
    *ret_row = row;
    return true;
}

static enum sheet_err merge_add(struct xlsx_merges *m, struct str ref)
{
    uint32_t row1 = 0, row2 = 0, col1 = 0, col2 = 0;
    bool ok = ref_parse(&ref, &row1, &col1) && ref.n && ref.p[0] == ':';
    ref = str_sub(ref, 1, ref.n);
    ok = ok && ref_parse(&ref, &row2, &col2) && row2 >= row1 && col2 >= col1;
    if (!ok || (row1 == row2 && row1 > SHEET_HEAD_ROWS))
        return SHEET_OK;
    struct sheet_merge one = {
        .row1 = row1, .row2 = row2, .col1 = (uint16_t)col1, .col2 = (uint16_t)(col2 & 0x7FFF)};
    if (m->n && m->n > m->folded && fold_pair(&m->p[m->n - 1], &one))
        return SHEET_OK;
    enum sheet_err e = m->n == m->size ? grow(m) : SHEET_OK;
    if (!e)
        m->p[m->n++] = one;
    return e;
}

/* The value of ref in one tag's text. */
static struct str tag_ref(struct str tag)
{
    ptrdiff_t at = str_find(tag, S("ref="));
    if (at < 0 || (size_t)at + 5 >= tag.n)
        return STR_NULL;
    char quote = tag.p[at + 4];
    struct str rest = str_sub(tag, (size_t)at + 5, tag.n);
    const char *end = memchr(rest.p, quote, rest.n);
    return end ? (struct str){rest.p, (size_t)(end - rest.p)} : STR_NULL;
}

/* Takes the merge tags out of the text; returns how many bytes at the end must be seen again. */
static size_t scan_text(struct xlsx_merges *m, struct str text, enum sheet_err *ret_e)
{
    struct str rest = text;
    while (!*ret_e) {
        ptrdiff_t at = str_find(rest, S("mergeCell "));
        if (at < 0)
            return rest.n < SCAN_TAIL ? rest.n : SCAN_TAIL;
        rest = str_sub(rest, (size_t)at, rest.n);
        const char *end = memchr(rest.p, '>', rest.n);
        if (!end && rest.n < SCAN_TAIL)
            return rest.n;
        size_t n = end ? (size_t)(end - rest.p) : SCAN_TAIL;
        struct str ref = tag_ref((struct str){rest.p, n});
        if (ref.p)
            *ret_e = merge_add(m, ref);
        rest = str_sub(rest, n, rest.n);
    }
    return 0;
}

static enum sheet_err scan_part(struct xlsx_merges *m, struct zip_in *z, char *chunk)
{
    size_t kept = 0, n = 1;
    enum sheet_err e = SHEET_OK;
    while (n && !e) {
        e = zip_next(z, chunk + kept, SCAN_CHUNK, &n);
        if (e)
            break;
        struct str text = {chunk, kept + n};
        kept = scan_text(m, text, &e);
        memmove(chunk, chunk + text.n - kept, kept);
    }
    return e;
}

enum sheet_err xlsx_merges_scan(struct xlsx_merges *m, struct zip_in *z, struct str part)
{
    m->n = m->folded = 0;
    enum sheet_err e = zip_start(z, part);
    if (e)
        return e;
    char *chunk = mem_alloc(SCAN_CHUNK + 2 * SCAN_TAIL);
    if (!chunk)
        return SHEET_ERR_NOMEM;
    e = scan_part(m, z, chunk);
    mem_free(chunk);
    if (!e)
        fold_all(m);
    return e;
}
