/* Encrypted fields, masked. */
#include "core/masked.h"

#include "core/app.h"

enum { MASKED_MAX = 100 };

struct str masked(struct ctx *c, const struct crypto_place *at, struct str blob,
    void (*mask)(struct str clear, struct buf *out))
{
    struct str clear;
    struct buf b;
    if (!blob.n)
        return STR_NULL;
    if (crypto_decrypt(c->app->crypto, at, blob, c->a, &clear))
        return S("（校验不符）");
    buf_init(&b, MASKED_MAX);
    mask(clear, &b);
    struct str s = keep(c, buf_str(&b));
    buf_free(&b);
    return s;
}
