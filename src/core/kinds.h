/* Record kinds the engines themselves keep. Features add theirs in feature/kinds.def. */
#ifndef ZHIAN_CORE_KINDS_H
#define ZHIAN_CORE_KINDS_H

#include "core/record.h"

extern const struct record_kind kind_template, kind_retired;

#endif
