/* OpenAPI 3.1 from the operation rows and field descriptors. Extensions carry what a UI needs:
 * x-label, x-codes, x-max (code points), x-required, x-perm, x-flags. */
#ifndef ZHIAN_CORE_OPENAPI_H
#define ZHIAN_CORE_OPENAPI_H

#include "core/op.h"

/* openapi_write appends the whole document as JSON. Errors latch in out. */
void openapi_write(const struct op_table *ops, struct buf *out);

#endif
