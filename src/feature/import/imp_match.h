/* Which rows are the same firm, site and product (rules I1–I4, C7, A9). Memory is kept by 64-bit
 * keys, not by rows: about 80 bytes for a row that opens a site, 16 for one that adds a product.
 * What a diff needs of the earlier row is read back from a spool. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_MATCH_H
#define ZHIAN_FEATURE_IMPORT_IMP_MATCH_H

#include "feature/import/imp.h"
#include "render/spool.h"

struct match_slot {
    uint64_t key;
    uint32_t value; /* index + 1 of a firm or site, or a packed row */
} __attribute__((packed));

struct match_firm {
    uint64_t name;
    uint32_t code; /* 32 bits of the code's key, 0 = none */
    uint32_t row;  /* packed */
};

struct match_site {
    uint64_t off; /* of its unit in the spool */
    uint32_t row;
} __attribute__((packed));

struct imp_match {
    struct match_slot *slots;
    size_t used, size;
    struct match_firm *firms;
    size_t nfirms, sizefirms;
    struct match_site *sites;
    size_t nsites, sizesites;
    struct spool units;
    struct buf scratch;
    enum err err;
};

void match_init(struct imp_match *m, const char *tmp);
void match_free(struct imp_match *m);

struct imp_work;

/* match_row gives a row that passed its checks its verdict, `of`, diffs and the warnings of rules
 * I2 and I4, and remembers it. sheet and row name it for later ones. */
MUST_CHECK enum err match_row(struct imp_match *m, struct imp_work *w, uint32_t sheet, uint32_t row,
    enum imp_verdict *ret_verdict, struct imp_ref *ret_of);

#endif
