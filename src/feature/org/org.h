/* Organisations and areas. The operations stand in ops.def, the
 * fields in fields.def. */
#ifndef ZHIAN_FEATURE_ORG_ORG_H
#define ZHIAN_FEATURE_ORG_ORG_H

#include "core/ctx.h"
#include "core/list.h"
#include "core/record.h"
#include "feature/org/fields.def"

STRUCT(org_row, ORG_ROW_FIELDS)
STRUCT(org_area_row, ORG_AREA_ROW_FIELDS)
STRUCT(org_view, ORG_VIEW_FIELDS)
STRUCT(org_tree_ask, ORG_TREE_ASK_FIELDS)
STRUCT(org_tree, ORG_TREE_FIELDS)
STRUCT(org_new, ORG_NEW_FIELDS)
STRUCT(org_edit, ORG_EDIT_FIELDS)
STRUCT(area_ask, AREA_ASK_FIELDS)
STRUCT(area_view, AREA_VIEW_FIELDS)
STRUCT(area_list, AREA_LIST_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_org;
extern const struct record_kind kind_org_area;

#endif
