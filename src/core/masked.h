/* Encrypted fields as lists show them: opened, and masked. */
#ifndef ZHIAN_CORE_MASKED_H
#define ZHIAN_CORE_MASKED_H

#include "core/crypto.h"
#include "core/ctx.h"

/* masked: the text stored encrypted at a place, masked by `mask` (domain/idcard.h), in the
 * context's memory; STR_NULL for none. A blob that does not check gives a text that says so, so
 * that a list stays readable. */
struct str masked(struct ctx *c, const struct crypto_place *at, struct str blob,
    void (*mask)(struct str clear, struct buf *out));

#endif
