/* Descriptors of the org structs. */
#include "feature/org/org.h"

DESC(org_row, ORG_ROW_FIELDS)
DESC(org_area_row, ORG_AREA_ROW_FIELDS)
DESC(org_view, ORG_VIEW_FIELDS)
DESC(org_tree_ask, ORG_TREE_ASK_FIELDS)
DESC(org_tree, ORG_TREE_FIELDS)
DESC(org_new, ORG_NEW_FIELDS)
DESC(org_edit, ORG_EDIT_FIELDS)
DESC(area_ask, AREA_ASK_FIELDS)
DESC(area_view, AREA_VIEW_FIELDS)
DESC(area_list, AREA_LIST_FIELDS)
DESC(area_row, AREA_ROW_FIELDS)

const struct record_kind kind_org = {4, "org", "机构", &org_row_desc, RECORD_SQL(org)};
const struct record_kind kind_org_area = {
    5, "org_area", "机构服务区划", &org_area_row_desc, RECORD_SQL(org_area)};
