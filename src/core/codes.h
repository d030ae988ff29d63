/* Code lists (template "codes"): list name -> codes with labels, and what other modules hang on a
 * code. Read from the active template version in memory. */
#ifndef ZHIAN_CORE_CODES_H
#define ZHIAN_CORE_CODES_H

#include "base/jsonin.h"
#include "core/ctx.h"

/* code_known: the code is in the list; a list that is not defined accepts nothing. */
bool code_known(struct ctx *c, const char *list, struct str code);

/* code_label: the Chinese label, or the code itself when unknown. */
struct str code_label(struct ctx *c, const char *list, struct str code);

/* code_row: the row of a code ({code, label, …}), or NULL. */
const struct jin *code_row(struct ctx *c, const char *list, struct str code);

#endif
