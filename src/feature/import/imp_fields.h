/* The normalised values of one ledger row, as two described structs: what belongs to the firm and
 * its site, and what belongs to one product or certificate (group 产品与资质 of 附件2/附件3). Keys
 * are those of data/ledger_fields.json, which holds labels, aliases and code lists; both ledgers
 * share the structs, and what a ledger lacks stays absent.
 *
 * Codes are the canonical values of the dictionary; town is the 9-digit area code. A validity
 * without end is IMP_NO_END. */
#ifndef ZHIAN_FEATURE_IMPORT_IMP_FIELDS_H
#define ZHIAN_FEATURE_IMPORT_IMP_FIELDS_H

#include "base/field.h"

enum { IMP_TEXT_MAX = 32767 };

/* 9999-12-31: “长期”, no end (import rule E4). */
#define IMP_NO_END INT64_C(2932896)

#define IMP_UNIT_FIELDS(F, S)                                                                      \
    F(S, name, STR, F_REQ, 120, "单位名称", none)                                                  \
    F(S, uscc, STR, 0, 18, "统一社会信用代码", none)                                               \
    F(S, entity_type, CODE, 0, 0, "主体类型", entity_type)                                         \
    F(S, legal_person, STR, F_REQ, 40, "法定代表人/经营者", none)                                  \
    F(S, reg_address, STR, 0, IMP_TEXT_MAX, "注册地址", none)                                      \
    F(S, site_address, STR, 0, IMP_TEXT_MAX, "生产（经营）地址", none)                             \
    F(S, stores, INT, 0, 0, "门店数", none)                                                        \
    F(S, platform_name, STR, 0, IMP_TEXT_MAX, "网店/平台名称", none)                               \
    F(S, platform_url, STR, 0, IMP_TEXT_MAX, "网店/平台链接", none)                                \
    F(S, town, STR, F_REQ, 9, "乡镇（街道）", none)                                                \
    F(S, sale_modes, CODES, 0, 0, "销售方式", sale_modes)                                          \
    F(S, host_name, STR, 0, IMP_TEXT_MAX, "市场开办者/平台名称", none)                             \
    F(S, host_manager, STR, 0, IMP_TEXT_MAX, "市场管理责任人", none)                               \
    F(S, host_stalls, INT, 0, 0, "摊位数", none)                                                   \
    F(S, reg_authority, STR, 0, IMP_TEXT_MAX, "登记机关", none)                                    \
    F(S, scope, STR, F_LINES, IMP_TEXT_MAX, "生产经营范围", none)                                  \
    F(S, staff, INT, 0, 0, "从业人员（人）", none)                                                 \
    F(S, revenue, MONEY, 0, 0, "年营业收入（万元）", none)                                         \
    F(S, wholesale_revenue, MONEY, 0, 0, "其中：批发收入（万元）", none)                           \
    F(S, stat_size, CODE, 0, 0, "统计规模", size)                                                  \
    F(S, reg_size, CODE, 0, 0, "令规模", size)                                                     \
    F(S, grade, CODE, 0, 0, "级别", grade)                                                         \
    F(S, sup_level, CODE, 0, 0, "监管层级", level)                                                 \
    F(S, sup_org, STR, 0, IMP_TEXT_MAX, "监管部门", none)                                          \
    F(S, officer, STR, 0, IMP_TEXT_MAX, "监管责任人", none)                                        \
    F(S, officer_phone, STR, F_PRIVATE, IMP_TEXT_MAX, "监管责任人电话", none)                      \
    F(S, officer_since, DAY, 0, 0, "履职时间", none)                                               \
    F(S, risk, CODE, 0, 0, "风险等级", risk)                                                       \
    F(S, mode, CODE, 0, 0, "监管方式", mode)                                                       \
    F(S, credit, CODE, 0, 0, "信用风险类别", credit)                                               \
    F(S, entry_reason, CODES, F_REQ, 0, "入库原因", entry_reason)                                  \
    F(S, abnormal, CODE, 0, 0, "异常状态", abnormal)                                               \
    F(S, rules_status, CODE, 0, 0, "两个规定落实情况", rules_status)                               \
    F(S, principal, STR, 0, IMP_TEXT_MAX, "主要负责人", none)                                      \
    F(S, principal_phone, STR, F_PRIVATE, IMP_TEXT_MAX, "主要负责人电话", none)                    \
    F(S, director, STR, 0, IMP_TEXT_MAX, "质量安全总监", none)                                     \
    F(S, director_phone, STR, F_PRIVATE, IMP_TEXT_MAX, "质量安全总监电话", none)                   \
    F(S, safety, STR, 0, IMP_TEXT_MAX, "质量安全员", none)                                         \
    F(S, safety_phone, STR, F_PRIVATE, IMP_TEXT_MAX, "质量安全员电话", none)                       \
    F(S, fill_org, STR, 0, IMP_TEXT_MAX, "填报单位", none)                                         \
    F(S, filler, STR, 0, IMP_TEXT_MAX, "填报人", none)                                             \
    F(S, fill_date, DAY, 0, 0, "填报日期", none)                                                   \
    F(S, reviewer, STR, 0, IMP_TEXT_MAX, "审核人", none)                                           \
    F(S, review_date, DAY, 0, 0, "审核日期", none)                                                 \
    F(S, review_opinion, STR, 0, IMP_TEXT_MAX, "审核意见", none)                                   \
    F(S, confirm_date, DAY, 0, 0, "确认入库时间", none)                                            \
    F(S, confirm_level, CODE, 0, 0, "确认入库层级", level)                                         \
    F(S, paper_match, BOOL, 0, 0, "与纸质档案一致", none)                                          \
    F(S, remark, STR, F_LINES, IMP_TEXT_MAX, "备注", none)

#define IMP_PRODUCT_FIELDS(F, S)                                                                   \
    F(S, applicability, CODES, 0, 0, "适用情形", applicability)                                    \
    F(S, cat1, STR, 0, IMP_TEXT_MAX, "产品大类", none)                                             \
    F(S, cat2, STR, 0, IMP_TEXT_MAX, "产品品种", none)                                             \
    F(S, product, STR, F_REQ, IMP_TEXT_MAX, "产品名称", none)                                      \
    F(S, model, STR, 0, IMP_TEXT_MAX, "规格型号", none)                                            \
    F(S, brand, STR, 0, IMP_TEXT_MAX, "品牌", none)                                                \
    F(S, supplier, STR, 0, IMP_TEXT_MAX, "主要供应商", none)                                       \
    F(S, verify, STR, 0, IMP_TEXT_MAX, "查验方式", none)                                           \
    F(S, standard, STR, 0, IMP_TEXT_MAX, "执行标准", none)                                         \
    F(S, is_mandatory_std, BOOL, 0, 0, "是否强标", none)                                           \
    F(S, lic_no, STR, 0, IMP_TEXT_MAX, "许可证号", none)                                           \
    F(S, lic_org, STR, 0, IMP_TEXT_MAX, "发证机关", none)                                          \
    F(S, lic_date, DAY, 0, 0, "发证日期", none)                                                    \
    F(S, lic_to, DAY, 0, 0, "许可证有效期至", none)                                                \
    F(S, lic_scope, STR, 0, IMP_TEXT_MAX, "许可范围", none)                                        \
    F(S, ccc_no, STR, 0, IMP_TEXT_MAX, "CCC证书编号", none)                                        \
    F(S, ccc_parties, STR, 0, IMP_TEXT_MAX, "委托人/制造商/生产企业", none)                        \
    F(S, ccc_org, STR, 0, IMP_TEXT_MAX, "认证机构", none)                                          \
    F(S, ccc_model, STR, 0, IMP_TEXT_MAX, "CCC证书型号", none)                                     \
    F(S, ccc_to, DAY, 0, 0, "CCC证书有效期至", none)                                               \
    F(S, sup_lic_no, STR, 0, IMP_TEXT_MAX, "供货方许可证号", none)                                 \
    F(S, sup_ccc_no, STR, 0, IMP_TEXT_MAX, "供货方CCC证书编号", none)                              \
    F(S, other_cert, STR, 0, IMP_TEXT_MAX, "其他自愿认证/体系", none)                              \
    F(S, key_catalogue, BOOL, 0, 0, "重点监管目录产品", none)                                      \
    F(S, materials, STR, 0, IMP_TEXT_MAX, "主要原材料/零部件及供应商", none)

STRUCT(imp_unit, IMP_UNIT_FIELDS)
STRUCT(imp_product, IMP_PRODUCT_FIELDS)

/* Every key of the dictionary as a number: four that are not stored, then the two structs in
 * their order. IK_ROW stands for the row as a whole. */
#define IMP_KEY_ENUM(S, name, ...) IK_##name,
enum imp_key {
    IK_ROW = -1,
    IK_seq,
    IK_prov,
    IK_city,
    IK_county,
    IMP_UNIT_FIELDS(IMP_KEY_ENUM, none) IMP_PRODUCT_FIELDS(IMP_KEY_ENUM, none) IK_COUNT
};

/* imp_key_product: whether the key belongs to the product. */
static inline bool imp_key_product(enum imp_key k)
{
    return k >= IK_applicability;
}

#endif
