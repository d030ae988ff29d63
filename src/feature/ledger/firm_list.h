/* The ledger's list definition, shared by pages, exports and pickers. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_LIST_H
#define ZHIAN_FEATURE_LEDGER_FIRM_LIST_H

#include "domain/gram.h"
#include "feature/ledger/ledger.h"

extern const struct list_def firm_list_def;

/* ledger_scope: the path to list under: the actor's own, or that of an org inside it (404 else). */
MUST_CHECK enum err ledger_scope(struct ctx *c, int64_t org, struct str *ret_path);

#endif
