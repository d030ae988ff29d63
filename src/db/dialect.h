/* Dialect tokens: @TOKEN@ in SQL text stands for a word that differs between the back ends. */
#ifndef ZHIAN_DB_DIALECT_H
#define ZHIAN_DB_DIALECT_H

#include "base/buf.h"

enum dialect { DIALECT_SQLITE, DIALECT_POSTGRES, DIALECT_COUNT };

/* dialect_expand appends sql to out with every token replaced (dialect.def). An @ that opens no
 * token is copied. ERR_INTERNAL: unknown token; ERR_NOMEM, ERR_TOO_LARGE from out. */
MUST_CHECK enum err dialect_expand(struct str sql, enum dialect d, struct buf *out);

#endif
