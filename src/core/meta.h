/* Facts about the store itself: id, kind (demo, test, production), number. */
#ifndef ZHIAN_CORE_META_H
#define ZHIAN_CORE_META_H

#include "core/ctx.h"

/* In a store that is being moved here and is not whole yet: the id of the store that is moved. Such
 * a store is opened by the move alone. The key sorts before every other. */
#define META_MOVING "!moving"

/* meta_get: ERR_NOT_FOUND when the key was never set. meta_put: writer only. */
MUST_CHECK enum err meta_get(struct ctx *c, const char *key, struct str *ret);
MUST_CHECK enum err meta_put(struct ctx *c, const char *key, struct str value);

#endif
