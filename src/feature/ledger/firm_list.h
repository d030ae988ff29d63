/* The ledger's list definition, shared by pages, exports and pickers. */
#ifndef ZHIAN_FEATURE_LEDGER_FIRM_LIST_H
#define ZHIAN_FEATURE_LEDGER_FIRM_LIST_H

#include "domain/gram.h"
#include "feature/ledger/ledger.h"

extern const struct list_def firm_list_def;

#endif
