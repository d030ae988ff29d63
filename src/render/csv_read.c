/* The CSV reader: text in UTF-8, GB18030 (GBK) or UTF-16 with a byte order mark, separated by
 * comma, semicolon or tab, quoted as RFC 4180 with line breaks inside quotes.
 *
 * Method. The encoding is proved, not guessed: the whole file is decoded once before the first
 * row, as UTF-8 and, failing that, as GB18030; a file that is neither is refused, because a wrong
 * reading would store wrong names. The separator is the one that occurs most outside quotes at
 * the beginning. Rows are numbered by record, from 1, blank ones included. */
#include "render/sheet_impl.h"

#include <errno.h>
#include <iconv.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { RAW_CHUNK = 64 << 10, TEXT_CHUNK = 256 << 10, SNIFF_BYTES = 64 << 10 };

struct csv {
    const char *charset; /* iconv name; NULL = UTF-8 as it is */
    size_t bom;
    char separator;
    struct row_build row;
};

/* A decoded stream over the file. */
struct text_in {
    int fd;
    uint64_t at;
    iconv_t cd;
    bool convert;
    size_t kept; /* raw bytes of an unfinished character */
    char raw[RAW_CHUNK];
    char text[TEXT_CHUNK];
};

static struct text_in *text_open(const struct sheet_book *b, const char *charset, size_t bom)
{
    struct text_in *t = mem_alloc(sizeof *t);
    if (!t)
        return NULL;
    t->fd = b->fd;
    t->at = bom;
    t->convert = charset != NULL;
    if (t->convert)
        t->cd = iconv_open("UTF-8", charset);
    if (t->convert && t->cd == (iconv_t)-1) {
        mem_free(t);
        return NULL;
    }
    return t;
}

static void text_close(struct text_in *t)
{
    if (t->convert)
        (void)iconv_close(t->cd);
    mem_free(t);
}

static enum sheet_err raw_fill(struct text_in *t, size_t *ret_n)
{
    ssize_t n;
    do
        n = pread(t->fd, t->raw + t->kept, sizeof t->raw - t->kept, (off_t)t->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return SHEET_ERR_IO;
    t->at += (uint64_t)n;
    *ret_n = (size_t)n;
    return SHEET_OK;
}

/* The next piece of UTF-8 text; empty at the end. SHEET_ERR_ENCODING on an undecodable byte. */
static enum sheet_err text_next(struct text_in *t, struct str *ret)
{
    size_t n;
    enum sheet_err e = raw_fill(t, &n);
    if (e)
        return e;
    *ret = (struct str){t->raw, n};
    if (!t->convert)
        return SHEET_OK;
    char *in = t->raw, *out = t->text;
    size_t left = t->kept + n, room = sizeof t->text;
    if (left && iconv(t->cd, &in, &left, &out, &room) == (size_t)-1 && errno != EINVAL)
        return SHEET_ERR_ENCODING;
    if (n == 0 && left)
        return SHEET_ERR_ENCODING; /* cut inside a character */
    memmove(t->raw, in, left);
    t->kept = left;
    *ret = (struct str){t->text, (size_t)(out - t->text)};
    return SHEET_OK;
}

/* --- proving the encoding -----------------------------------------------------------------------
 */

/* Counts of what text does not hold. */
struct plausible {
    uint64_t bytes, controls;
    bool nul;
};

static void plausible_add(struct plausible *p, struct str s)
{
    p->bytes += s.n;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        p->nul = p->nul || ch == 0;
        p->controls += ch < 0x20 && ch != '\t' && ch != '\n' && ch != '\r';
    }
}

/* Bytes at the end of s that begin a character without finishing it. */
static size_t cut_tail(struct str s)
{
    size_t n = 0;
    while (n < 3 && n < s.n && ((unsigned char)s.p[s.n - 1 - n] & 0xC0) == 0x80)
        n++;
    if (n == s.n)
        return 0;
    unsigned char lead = (unsigned char)s.p[s.n - 1 - n];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    return need > n ? n + 1 : 0;
}

/* Whether the whole file is UTF-8. */
static enum sheet_err check_utf8(struct text_in *t, struct plausible *p)
{
    struct str s;
    for (;;) {
        enum sheet_err e = text_next(t, &s);
        if (e)
            return e;
        if (s.n == 0)
            return t->kept ? SHEET_ERR_ENCODING : SHEET_OK;
        plausible_add(p, s);
        struct str all = {t->raw, t->kept + s.n};
        size_t tail = cut_tail(all);
        if (!utf8_valid(str_sub(all, 0, all.n - tail)))
            return SHEET_ERR_ENCODING;
        memmove(t->raw, t->raw + all.n - tail, tail);
        t->kept = tail;
    }
}

static enum sheet_err check_converted(struct text_in *t, struct plausible *p)
{
    struct str s;
    size_t seen;
    do {
        uint64_t before = t->at;
        enum sheet_err e = text_next(t, &s);
        if (e)
            return e;
        plausible_add(p, s);
        seen = (size_t)(t->at - before);
    } while (seen);
    return SHEET_OK;
}

static enum sheet_err check_as(struct sheet_book *b, const char *charset, size_t bom)
{
    struct text_in *t = text_open(b, charset, bom);
    if (!t)
        return SHEET_ERR_NOMEM;
    struct plausible p = {0};
    enum sheet_err e = charset ? check_converted(t, &p) : check_utf8(t, &p);
    text_close(t);
    if (!e && (p.nul || p.controls * 20 > p.bytes))
        return SHEET_ERR_UNKNOWN;
    return e;
}

static enum sheet_err encoding_find(struct sheet_book *b, struct csv *c)
{
    unsigned char mark[3] = {0};
    ssize_t n = pread(b->fd, mark, sizeof mark, 0);
    if (n >= 2 && ((mark[0] == 0xFF && mark[1] == 0xFE) || (mark[0] == 0xFE && mark[1] == 0xFF))) {
        c->charset = mark[0] == 0xFF ? "UTF-16LE" : "UTF-16BE";
        c->bom = 2;
        b->encoding = c->charset;
        return check_as(b, c->charset, c->bom);
    }
    if (n == 3 && mark[0] == 0xEF && mark[1] == 0xBB && mark[2] == 0xBF)
        c->bom = 3;
    b->encoding = "UTF-8";
    enum sheet_err e = check_as(b, NULL, c->bom);
    if (e != SHEET_ERR_ENCODING || c->bom)
        return e;
    c->charset = b->encoding = "GB18030";
    return check_as(b, c->charset, 0);
}

/* --- the separator ------------------------------------------------------------------------------
 */

static char separator_of(struct str s)
{
    static const char marks[] = {',', ';', '\t'};
    size_t count[3] = {0};
    if (str_starts(s, S("sep=")) && s.n > 4 && strchr(",;\t|", s.p[4]) && s.p[4])
        return s.p[4];
    bool quoted = false;
    for (size_t i = 0; i < s.n && i < SNIFF_BYTES; i++) {
        quoted ^= s.p[i] == '"';
        for (size_t k = 0; k < sizeof marks && !quoted; k++)
            count[k] += s.p[i] == marks[k];
    }
    size_t best = 0;
    for (size_t k = 1; k < sizeof marks; k++)
        if (count[k] > count[best])
            best = k;
    return marks[best];
}

static enum sheet_err separator_find(struct sheet_book *b, struct csv *c)
{
    struct text_in *t = text_open(b, c->charset, c->bom);
    if (!t)
        return SHEET_ERR_NOMEM;
    struct str s;
    enum sheet_err e = text_next(t, &s);
    if (!e)
        c->separator = separator_of(s);
    text_close(t);
    return e;
}

/* --- records ------------------------------------------------------------------------------------
 */

enum csv_state { AT_START, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };

struct csv_walk {
    struct sheet_book *b;
    struct csv *c;
    sheet_row_fn *fn;
    void *arg;
    enum csv_state state;
    uint32_t number, col;
    bool any; /* the record has begun */
    bool cr;  /* the byte before was a carriage return outside quotes */
    bool qcr; /* … inside quotes */
    bool stop;
    enum sheet_err err;
};

static void field_end(struct csv_walk *k)
{
    struct row_build *r = &k->c->row;
    size_t off = r->n && r->cells[r->n - 1].col == k->col ? r->offs[r->n - 1] : r->text.n;
    size_t n = r->text.n - off;
    if (n > SHEET_TEXT_MAX && utf8_len((struct str){r->text.p + off, n}) > SHEET_TEXT_MAX)
        k->err = SHEET_ERR_TOO_LONG;
    if (n) {
        r->cells[r->n - 1].type = CELL_TEXT;
        row_close_text(r);
    }
    k->col++;
    if (k->col > SHEET_COL_MAX)
        k->err = SHEET_ERR_TOO_MANY;
    k->state = AT_START;
}

static void record_end(struct csv_walk *k)
{
    field_end(k);
    k->b->where = ++k->number;
    if (k->number > SHEET_ROW_MAX)
        k->err = SHEET_ERR_TOO_MANY;
    struct sheet_row row = {.number = k->number};
    if (!k->err && !row_view(&k->c->row, &row))
        k->err = SHEET_ERR_NOMEM;
    else if (!k->err)
        k->stop = !k->fn(k->arg, &row);
    row_clear(&k->c->row);
    k->col = 0;
    k->any = false;
}

static void field_put(struct csv_walk *k, char ch)
{
    struct row_build *r = &k->c->row;
    bool begun = r->n && r->cells[r->n - 1].col == k->col;
    if (!begun && !row_add(r, k->col))
        k->err = SHEET_ERR_NOMEM;
    if (k->err)
        return;
    buf_addc(&r->text, ch);
    if (r->text.n - r->offs[r->n - 1] > 4 * (size_t)SHEET_TEXT_MAX)
        k->err = k->state == IN_QUOTES ? SHEET_ERR_QUOTE : SHEET_ERR_TOO_LONG;
}

static void quoted_put(struct csv_walk *k, char ch)
{
    bool was_cr = k->qcr;
    k->qcr = ch == '\r';
    if (ch == '"')
        k->state = AFTER_QUOTE;
    else if (ch == '\r' || (ch == '\n' && !was_cr))
        field_put(k, '\n');
    else if (ch != '\n')
        field_put(k, ch);
}

static void plain_put(struct csv_walk *k, char ch)
{
    if (ch == k->c->separator)
        field_end(k);
    else if (ch == '\n' || ch == '\r')
        record_end(k);
    else if (ch == '"' && k->state == AT_START)
        k->state = IN_QUOTES;
    else {
        k->state = IN_PLAIN;
        field_put(k, ch);
    }
}

static void walk_byte(struct csv_walk *k, char ch)
{
    bool was_cr = k->cr;
    k->cr = false;
    if (k->state == IN_QUOTES) {
        quoted_put(k, ch);
        return;
    }
    if (ch == '\n' && was_cr && !k->any)
        return; /* the second half of CRLF */
    k->any = true;
    if (k->state == AFTER_QUOTE && ch == '"') {
        k->state = IN_QUOTES;
        field_put(k, '"');
        return;
    }
    k->cr = ch == '\r';
    plain_put(k, ch);
}

static enum sheet_err walk_text(struct csv_walk *k, struct text_in *t)
{
    struct str s;
    uint64_t before;
    do {
        before = t->at;
        enum sheet_err e = text_next(t, &s);
        if (e)
            return e;
        k->b->done = t->at;
        for (size_t i = 0; i < s.n && !k->err && !k->stop; i++)
            walk_byte(k, s.p[i]);
    } while (t->at > before && !k->err && !k->stop);
    if (!k->err && !k->stop && k->state == IN_QUOTES)
        return SHEET_ERR_QUOTE;
    if (!k->err && !k->stop && k->any)
        record_end(k);
    return k->err;
}

static enum sheet_err csv_read(struct sheet_book *b, size_t i, sheet_row_fn *fn, void *arg)
{
    struct csv *c = b->impl;
    (void)i;
    struct text_in *t = text_open(b, c->charset, c->bom);
    if (!t)
        return SHEET_ERR_NOMEM;
    struct csv_walk k = {.b = b, .c = c, .fn = fn, .arg = arg};
    row_clear(&c->row);
    enum sheet_err e = walk_text(&k, t);
    text_close(t);
    return e;
}

static enum sheet_err csv_merges(
    struct sheet_book *b, size_t i, const struct sheet_merge **ret, size_t *ret_n)
{
    (void)b;
    (void)i;
    *ret = NULL;
    *ret_n = 0;
    return SHEET_OK;
}

static void csv_close(struct sheet_book *b)
{
    struct csv *c = b->impl;
    if (!c)
        return;
    row_free(&c->row);
    mem_free(c);
}

static const struct sheet_ops ops = {
    .kind = "csv", .merges = csv_merges, .read = csv_read, .close = csv_close};

enum sheet_err csv_open(struct sheet_book *b)
{
    struct csv *c = mem_alloc(sizeof *c);
    if (!c)
        return SHEET_ERR_NOMEM;
    b->impl = c;
    b->ops = &ops;
    enum sheet_err e = encoding_find(b, c);
    if (!e)
        e = separator_find(b, c);
    b->sheets = arena_new(&b->mem, struct sheet_info, 1);
    if (!e && !b->sheets)
        return SHEET_ERR_NOMEM;
    if (b->sheets)
        b->sheets[0].name = S("");
    b->nsheets = 1;
    return e;
}
