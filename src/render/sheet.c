/* Opening by content, and what the two readers share. */
#include "render/sheet_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { BOOK_ARENA = 4 << 20, HEAD_BYTES = 4096, ROW_TEXT_MAX = 64 << 20 };

static const struct {
    const char *name, *text;
} errors[] = {
    {"ok", ""},
#define ROW(id, name, text) {name, text},
#include "render/sheet_errors.def"
#undef ROW
};

const char *sheet_err_text(enum sheet_err e)
{
    return e < SHEET_ERR_COUNT ? errors[e].text : "";
}

const char *sheet_err_name(enum sheet_err e)
{
    return e < SHEET_ERR_COUNT ? errors[e].name : "";
}

/* --- what a file is -----------------------------------------------------------------------------
 */

/* Whether the bytes hold an ASCII word, or the same word in UTF-16LE. */
static bool holds(struct str bytes, const char *word, bool wide)
{
    char needle[64];
    size_t n = strlen(word), len = wide ? 2 * n : n;
    memset(needle, 0, sizeof needle);
    for (size_t i = 0; i < n; i++)
        needle[wide ? 2 * i : i] = word[i];
    return str_find(bytes, (struct str){needle, len}) >= 0;
}

/* An OLE2 container: an encrypted xlsx names its stream EncryptedPackage, a .xls Workbook. The
 * directory may stand anywhere, so the whole file is looked through. */
static enum sheet_err ole_kind(int fd, uint64_t size)
{
    char chunk[HEAD_BYTES + 64];
    for (uint64_t at = 0; at < size; at += HEAD_BYTES) {
        ssize_t n = pread(fd, chunk, sizeof chunk, (off_t)at);
        if (n > 0 && holds((struct str){chunk, (size_t)n}, "EncryptedPackage", true))
            return SHEET_ERR_ENCRYPTED;
        if (n > 0 && holds((struct str){chunk, (size_t)n}, "WordDocument", true))
            return SHEET_ERR_WORD;
    }
    return SHEET_ERR_XLS;
}

static struct str skip_blank(struct str s)
{
    if (str_starts(s, S("\xEF\xBB\xBF")))
        s = str_sub(s, 3, s.n);
    return str_trim(s);
}

static bool starts_word(struct str s, const char *word)
{
    size_t n = strlen(word);
    return s.n >= n && strncasecmp(s.p, word, n) == 0;
}

static enum sheet_err markup_kind(struct str head)
{
    static const char *const html[] = {"<!doctype html", "<html", "<table", "<meta", "<head"};
    for (size_t i = 0; i < sizeof html / sizeof *html; i++)
        if (starts_word(head, html[i]))
            return SHEET_ERR_HTML;
    if (starts_word(head, "<?xml") || starts_word(head, "<workbook"))
        return holds(head, "<html", false) ? SHEET_ERR_HTML : SHEET_ERR_XML;
    return SHEET_OK;
}

/* The refusal for a known kind that is neither xlsx nor text; SHEET_OK to go on. */
static enum sheet_err foreign_kind(struct sheet_book *b, struct str head)
{
    if (str_starts(head, S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")))
        return ole_kind(b->fd, b->size);
    bool biff = head.n > 3 && head.p[0] == 9 && head.p[1] <= 8 && head.p[1] != 1 && head.p[3] == 0;
    if (biff && memchr("\0\2\4\10", head.p[1], 4))
        return SHEET_ERR_XLS;
    struct str text = skip_blank(head);
    if (str_starts(text, S("%PDF")))
        return SHEET_ERR_PDF;
    if (str_starts(text, S("{\\rtf")))
        return SHEET_ERR_WORD;
    return markup_kind(text);
}

static enum sheet_err open_kind(struct sheet_book *b)
{
    char head[HEAD_BYTES];
    ssize_t n = pread(b->fd, head, sizeof head, 0);
    if (n < 0)
        return SHEET_ERR_IO;
    if (n == 0)
        return SHEET_ERR_EMPTY;
    struct str s = {head, (size_t)n};
    if (str_starts(s, S("PK\x03\x04")) || str_starts(s, S("PK\x05\x06")))
        return xlsx_open(b);
    enum sheet_err e = foreign_kind(b, s);
    return e ? e : csv_open(b);
}

enum sheet_err sheet_open(int fd, const char *tmp, struct sheet_book **ret)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < 0)
        return SHEET_ERR_IO;
    struct sheet_book *b = mem_alloc(sizeof *b);
    if (!b)
        return SHEET_ERR_NOMEM;
    b->fd = fd;
    b->size = (uint64_t)st.st_size;
    b->tmp = tmp;
    b->encoding = "";
    arena_init(&b->mem, BOOK_ARENA);
    enum sheet_err e = open_kind(b);
    if (e) {
        sheet_close(b);
        return e;
    }
    *ret = b;
    return SHEET_OK;
}

void sheet_close(struct sheet_book *b)
{
    if (!b)
        return;
    if (b->ops)
        b->ops->close(b);
    arena_free(&b->mem);
    mem_free(b);
}

/* --- the book -----------------------------------------------------------------------------------
 */

const char *sheet_kind(const struct sheet_book *b)
{
    return b->ops->kind;
}

const char *sheet_encoding(const struct sheet_book *b)
{
    return b->encoding;
}

size_t sheet_count(const struct sheet_book *b)
{
    return b->nsheets;
}

const struct sheet_info *sheet_info(const struct sheet_book *b, size_t i)
{
    return &b->sheets[i];
}

enum sheet_err sheet_merges(
    struct sheet_book *b, size_t i, const struct sheet_merge **ret, size_t *ret_n)
{
    return b->ops->merges(b, i, ret, ret_n);
}

enum sheet_err sheet_read(struct sheet_book *b, size_t i, sheet_row_fn *fn, void *arg)
{
    b->where = 0;
    return b->ops->read(b, i, fn, arg);
}

uint32_t sheet_where(const struct sheet_book *b)
{
    return b->where;
}

uint64_t sheet_done(const struct sheet_book *b)
{
    return b->done;
}

size_t sheet_col_name(uint32_t col, char out[4])
{
    char rev[4];
    size_t n = 0;
    for (uint32_t v = col + 1; v && n < 3; v = (v - 1) / 26)
        rev[n++] = (char)('A' + (v - 1) % 26);
    for (size_t i = 0; i < n; i++)
        out[i] = rev[n - 1 - i];
    out[n] = 0;
    return n;
}

size_t sheet_col_parse(struct str s, uint32_t *ret_col)
{
    uint32_t v = 0;
    size_t n = 0;
    for (; n < s.n && n < 4; n++) {
        char ch = (char)(s.p[n] & ~0x20);
        if (ch < 'A' || ch > 'Z')
            break;
        v = v * 26 + (uint32_t)(ch - 'A' + 1);
    }
    if (n > 3)
        return 0;
    if (n)
        *ret_col = v - 1;
    return n;
}

/* --- rows under construction --------------------------------------------------------------------
 */

void row_free(struct row_build *r)
{
    buf_free(&r->text);
    mem_free(r->cells);
    mem_free(r->offs);
    *r = (struct row_build){0};
}

void row_clear(struct row_build *r)
{
    if (!r->text.max)
        buf_init(&r->text, ROW_TEXT_MAX);
    buf_reset(&r->text);
    r->n = 0;
}

static bool row_grow(struct row_build *r)
{
    size_t size = r->size ? r->size * 2 : 128;
    struct cell *cells = mem_grow(r->cells, size * sizeof *cells);
    if (cells)
        r->cells = cells;
    size_t *offs = mem_grow(r->offs, size * sizeof *offs);
    if (offs)
        r->offs = offs;
    if (!cells || !offs)
        return false;
    r->size = size;
    return true;
}

struct cell *row_add(struct row_build *r, uint32_t col)
{
    if (r->n == r->size && !row_grow(r))
        return NULL;
    r->cells[r->n] = (struct cell){.col = col};
    r->offs[r->n] = r->text.n;
    return &r->cells[r->n++];
}

void row_close_text(struct row_build *r)
{
    r->cells[r->n - 1].text.n = r->text.n - r->offs[r->n - 1];
}

/* Orders by column with the later of equals behind; rows come ordered, so this is one pass. */
static void row_sort(struct row_build *r)
{
    for (size_t i = 1; i < r->n; i++) {
        struct cell c = r->cells[i];
        size_t k = i;
        for (; k > 0 && r->cells[k - 1].col > c.col; k--)
            r->cells[k] = r->cells[k - 1];
        r->cells[k] = c;
    }
}

bool row_view(struct row_build *r, struct sheet_row *out)
{
    if (r->text.err)
        return false;
    for (size_t i = 0; i < r->n; i++)
        r->cells[i].text.p = (r->text.p ? r->text.p : "") + r->offs[i];
    row_sort(r);
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool again = i + 1 < r->n && r->cells[i + 1].col == r->cells[i].col;
        if (!again && r->cells[i].type != CELL_EMPTY)
            r->cells[n++] = r->cells[i];
    }
    r->n = n;
    out->cells = r->cells;
    out->n = n;
    return true;
}
