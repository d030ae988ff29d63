/* OpenAPI 3.1 from the operation rows and field descriptors. Extensions carry what a UI needs:
 * x-label, x-codes, x-max (code points), x-required, x-perm, x-flags. */
#ifndef ZHIAN_CORE_OPENAPI_H
#define ZHIAN_CORE_OPENAPI_H

#include "core/op.h"
#include "core/record.h"

/* openapi_write appends the whole document as JSON. Components are the inputs, the answers and,
 * with kinds (may be NULL), the stored records: answers carry records as they are, and a page
 * labels their members from here. Errors latch in out. */
void openapi_write(const struct op_table *ops, const struct record_kinds *kinds, struct buf *out);

#endif
