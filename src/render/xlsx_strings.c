/* Shared strings. In the spool each string is its length (4 bytes, little-endian) and its bytes;
 * the offset of every sixteenth is kept, so a lookup walks at most fifteen lengths. While the
 * spool is in memory strings are views; once it went to disk, blocks are read into a
 * direct-mapped cache, because ledgers repeat the same few hundred words. */
#include "render/xlsx_strings.h"

#include "base/mem.h"
#include "base/utf8.h"

struct strings_slot {
    uint64_t block; /* number + 1; 0 = empty */
    size_t n;
    char bytes[STRINGS_BLOCK_MAX];
};

enum { LEN_BYTES = 4, STRING_BYTES_MAX = 4 * (SHEET_TEXT_MAX + 1) };

void xlsx_strings_init(struct xlsx_strings *t, const char *tmp)
{
    *t = (struct xlsx_strings){0};
    spool_init(&t->spool, tmp);
    buf_init(&t->one, STRING_BYTES_MAX);
}

void xlsx_strings_free(struct xlsx_strings *t)
{
    spool_free(&t->spool);
    mem_free(t->blocks);
    mem_free(t->slots);
    buf_free(&t->one);
}

/* --- loading ------------------------------------------------------------------------------------
 */

struct string_reader {
    struct xml_sink x;
    struct xlsx_strings *t;
    struct buf text;
    int phonetic; /* depth inside rPh */
    bool in_text;
};

static int hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    ch = (char)(ch | 0x20);
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* The code unit of an escape _xHHHH_ at p, or -1. */
static int32_t escape_at(const char *p, size_t n)
{
    if (n < 7 || p[0] != '_' || (p[1] != 'x' && p[1] != 'X') || p[6] != '_')
        return -1;
    int32_t v = 0;
    for (int i = 2; i < 6; i++) {
        int d = hex_digit(p[i]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

size_t xlsx_unescape(char *p, size_t n)
{
    if (n == 0 || !memchr(p, '_', n))
        return n;
    size_t out = 0, i = 0;
    while (i < n) {
        int32_t cp = p[i] == '_' ? escape_at(p + i, n - i) : -1;
        if (cp < 0) {
            p[out++] = p[i++];
            continue;
        }
        i += 7;
        bool high = cp >= 0xD800 && cp < 0xDC00;
        int32_t low = high && i < n ? escape_at(p + i, n - i) : -1;
        if (low >= 0xDC00 && low < 0xE000) {
            cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
            i += 7;
        }
        if (cp >= 0xD800 && cp < 0xE000)
            cp = 0xFFFD;
        if (cp)
            out += utf8_put(cp, p + out);
    }
    return out;
}

static void string_start(struct xml_sink *x, const char *name, const char **atts)
{
    struct string_reader *r = (struct string_reader *)x;
    (void)atts;
    if (strcmp(name, "si") == 0)
        buf_reset(&r->text);
    else if (strcmp(name, "rPh") == 0)
        r->phonetic++;
    else if (strcmp(name, "t") == 0)
        r->in_text = r->phonetic == 0;
}

static void string_text(struct xml_sink *x, struct str s)
{
    struct string_reader *r = (struct string_reader *)x;
    if (r->in_text)
        buf_add(&r->text, s);
    if (r->text.err)
        x->err = r->text.err == ERR_NOMEM ? SHEET_ERR_NOMEM : SHEET_ERR_TOO_LONG;
}

static bool block_add(struct xlsx_strings *t)
{
    if (t->n % STRINGS_BLOCK)
        return true;
    if (t->nblocks == t->sizeblocks) {
        size_t size = t->sizeblocks ? t->sizeblocks * 2 : 1024;
        uint64_t *p = mem_grow(t->blocks, size * sizeof *p);
        if (!p)
            return false;
        t->blocks = p;
        t->sizeblocks = size;
    }
    t->blocks[t->nblocks++] = spool_size(&t->spool);
    return true;
}

static enum sheet_err string_add(struct xlsx_strings *t, struct str s)
{
    if (s.n > SHEET_TEXT_MAX && utf8_len(s) > SHEET_TEXT_MAX)
        return SHEET_ERR_TOO_LONG;
    if (!block_add(t))
        return SHEET_ERR_NOMEM;
    uint32_t n = (uint32_t)s.n;
    char len[LEN_BYTES] = {(char)n, (char)(n >> 8), (char)(n >> 16), (char)(n >> 24)};
    spool_add(&t->spool, (struct str){len, LEN_BYTES});
    spool_add(&t->spool, s);
    t->n++;
    if (t->spool.err)
        return t->spool.err == ERR_NOMEM ? SHEET_ERR_NOMEM : SHEET_ERR_IO;
    return SHEET_OK;
}

static void string_end(struct xml_sink *x, const char *name)
{
    struct string_reader *r = (struct string_reader *)x;
    if (strcmp(name, "t") == 0)
        r->in_text = false;
    else if (strcmp(name, "rPh") == 0)
        r->phonetic--;
    else if (strcmp(name, "si") == 0) {
        r->text.n = xlsx_unescape(r->text.p, r->text.n);
        x->err = string_add(r->t, buf_str(&r->text));
    }
}

enum sheet_err xlsx_strings_load(
    struct xlsx_strings *t, struct zip_in *z, struct str part, uint64_t *done)
{
    struct string_reader r = {.t = t};
    r.x = (struct xml_sink){
        .start = string_start, .end = string_end, .text = string_text, .done = done};
    buf_init(&r.text, STRING_BYTES_MAX);
    enum sheet_err e = xml_read_part(z, part, &r.x);
    buf_free(&r.text);
    return e;
}

/* --- fetching -----------------------------------------------------------------------------------
 */

static size_t len_at(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (size_t)u[0] | (size_t)u[1] << 8 | (size_t)u[2] << 16 | (size_t)u[3] << 24;
}

/* String k of a block's bytes; STR_NULL when the block is cut before its end. */
static struct str walk(struct str block, unsigned k)
{
    size_t at = 0;
    for (;; k--) {
        if (block.n < LEN_BYTES || at > block.n - LEN_BYTES)
            return STR_NULL;
        size_t n = len_at(block.p + at);
        at += LEN_BYTES;
        if (n > block.n - at)
            return STR_NULL;
        if (k == 0)
            return (struct str){block.p + at, n};
        at += n;
    }
}

/* Reads past the cache, for blocks that do not fit a slot. */
static struct str read_long(struct xlsx_strings *t, uint64_t off, unsigned k)
{
    for (;; k--) {
        char len[LEN_BYTES];
        if (spool_read(&t->spool, off, len, LEN_BYTES) < LEN_BYTES)
            return STR_NULL;
        size_t n = len_at(len);
        off += LEN_BYTES;
        if (k > 0) {
            off += n;
            continue;
        }
        buf_reset(&t->one);
        char *p = buf_reserve(&t->one, n);
        if (!p || spool_read(&t->spool, off, p, n) < n)
            return STR_NULL;
        t->one.n = n;
        return buf_str(&t->one);
    }
}

static struct str read_cached(struct xlsx_strings *t, size_t block, unsigned k)
{
    if (!t->slots)
        t->slots = mem_alloc(STRINGS_SLOTS * sizeof *t->slots);
    if (!t->slots)
        return read_long(t, t->blocks[block], k);
    struct strings_slot *s = &t->slots[block % STRINGS_SLOTS];
    if (s->block != block + 1) {
        s->n = spool_read(&t->spool, t->blocks[block], s->bytes, sizeof s->bytes);
        s->block = block + 1;
    }
    struct str got = walk((struct str){s->bytes, s->n}, k);
    return got.p ? got : read_long(t, t->blocks[block], k);
}

struct str xlsx_strings_get(struct xlsx_strings *t, uint64_t i)
{
    if (i >= t->n)
        return STR_NULL;
    size_t block = (size_t)(i / STRINGS_BLOCK);
    unsigned k = (unsigned)(i % STRINGS_BLOCK);
    uint64_t off = t->blocks[block];
    uint64_t end = block + 1 < t->nblocks ? t->blocks[block + 1] : spool_size(&t->spool);
    struct str view = spool_view(&t->spool, off, (size_t)(end - off));
    return view.p ? walk(view, k) : read_cached(t, block, k);
}
