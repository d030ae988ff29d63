/* The shared strings of a workbook: read once into a spool, fetched by number. A table of any size
 * costs at most SPOOL_MEM + a block cache + 4 bytes per 16 strings. */
#ifndef ZHIAN_RENDER_XLSX_STRINGS_H
#define ZHIAN_RENDER_XLSX_STRINGS_H

#include "render/spool.h"
#include "render/xml_read.h"

enum { STRINGS_BLOCK = 16, STRINGS_SLOTS = 512, STRINGS_BLOCK_MAX = 4096 };

struct strings_slot;

struct xlsx_strings {
    struct spool spool;
    uint64_t *blocks; /* offset of every STRINGS_BLOCK-th string */
    size_t nblocks, sizeblocks;
    uint64_t n; /* strings */
    struct strings_slot *slots;
    struct buf one; /* a string too long for the cache */
};

void xlsx_strings_init(struct xlsx_strings *t, const char *tmp);
void xlsx_strings_free(struct xlsx_strings *t);

/* xlsx_strings_load reads the part: rich text runs are joined, phonetic runs left out, _xHHHH_
 * escapes resolved. SHEET_ERR_TOO_LONG: one is over SHEET_TEXT_MAX code points. */
MUST_CHECK enum sheet_err xlsx_strings_load(
    struct xlsx_strings *t, struct zip_in *z, struct str part, uint64_t *done);

/* xlsx_strings_get: string i, valid until the next call; STR_NULL when there is none. */
struct str xlsx_strings_get(struct xlsx_strings *t, uint64_t i);

/* xlsx_unescape resolves _xHHHH_ in place (ECMA-376 22.9.2.19) and drops NUL; returns the new
 * length. */
size_t xlsx_unescape(char *p, size_t n);

#endif
