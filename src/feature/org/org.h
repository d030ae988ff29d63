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

/* One area as the table holds it (not a record: reference data). */
#define AREA_ROW_FIELDS(F, S)                                                                      \
    F(S, code, STR, 0, 0, "代码", none)                                                            \
    F(S, name, STR, 0, 0, "名称", none)                                                            \
    F(S, level, INT, 0, 0, "级别", none)                                                           \
    F(S, parent, STR, 0, 0, "上级", none)                                                          \
    F(S, kind, STR, 0, 0, "类别", none)                                                            \
    F(S, statutory, BOOL, 0, 0, "法定区划", none)                                                  \
    F(S, pinyin, STR, 0, 0, "拼音", none)                                                          \
    F(S, initials, STR, 0, 0, "拼音首字母", none)                                                  \
    F(S, valid_from, DAY, 0, 0, "启用日期", none)                                                  \
    F(S, valid_to, DAY, 0, 0, "停用日期", none)
STRUCT(area_row, AREA_ROW_FIELDS)

/* Record kinds (numbers in feature/kinds.def). */
extern const struct record_kind kind_org;
extern const struct record_kind kind_org_area;

/* --- for other features and for init -----------------------------------------------------------
 */

/* Validity: valid_from is the first day, valid_to the last day; absent = open. */

/* org_load reads an authority the actor may see: org users those of their subtree, administrators
 * and the system every one. 404 (fail is set) otherwise. */
MUST_CHECK enum err org_load(struct ctx *c, int64_t id, struct org_row *ret);

/* org_get reads any authority, whoever asks. ERR_NOT_FOUND (fail is set). */
MUST_CHECK enum err org_get(struct ctx *c, int64_t id, struct org_row *ret);

/* org_by_area finds the authority that answers for an area on a day (R-131: the organisation tree
 * is not the area tree). Going up from the area itself — township, county, city, province — the
 * first that has one wins: an authority that names the area among those it serves (the lowest
 * such), else the one whose main area it is (the highest such). So a township goes to its station,
 * and to the county where no station serves it. ERR_NOT_FOUND without fail being set: nobody
 * answers for it, or there is no such area. */
MUST_CHECK enum err org_by_area(struct ctx *c, struct str area, int64_t day, struct org_row *ret);

/* org_children: the direct subordinates of an authority, in the order of their paths, as
 * struct org_view (areas, counts and names filled). Checks no scope. */
MUST_CHECK enum err org_children(struct ctx *c, int64_t parent, struct vec *ret);

/* org_name: the name, or "" when there is no such authority (0 and NULL_INT included). */
struct str org_name(struct ctx *c, int64_t id);

/* org_root_name: the authority on top, for heads of pages and papers; "" in an empty store. */
struct str org_root_name(struct ctx *c);

/* org_add stores an authority (writer): row needs parent (NULL_INT: the root), level, name, area;
 * short_name defaults to name, valid_from to today. Sets id and path (the next free segment).
 * areas: codes joined by ',' that it serves; none given = its main area. Checks no scope and no
 * area.
 * ERR_CONFLICT: more than 9,999 subordinates. */
MUST_CHECK enum err org_add(struct ctx *c, struct org_row *row, struct str areas);

/* org_insert is org_add without areas; org_area_add stores that an authority serves an area from a
 * day on (writer; checks nothing). */
MUST_CHECK enum err org_insert(struct ctx *c, struct org_row *row);
MUST_CHECK enum err org_area_add(struct ctx *c, int64_t org, struct str area, int64_t from);

/* area_get: ERR_NOT_FOUND without fail being set. area_put stores or replaces one (writer, init).
 */
MUST_CHECK enum err area_get(struct ctx *c, struct str code, struct area_row *ret);
MUST_CHECK enum err area_put(struct ctx *c, const struct area_row *row);

#endif
