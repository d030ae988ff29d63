/* Descriptors of the structs of the file. */
#include "feature/file/file.h"

DESC(event_row, EVENT_ROW_FIELDS)
DESC(event_new, EVENT_NEW_FIELDS)
DESC(event_edit, EVENT_EDIT_FIELDS)
DESC(event_void, EVENT_VOID_FIELDS)
DESC(event_view, EVENT_VIEW_FIELDS)
DESC(site_row, SITE_ROW_FIELDS)
DESC(firm_doc_row, FIRM_DOC_ROW_FIELDS)
DESC(supplier_row, SUPPLIER_ROW_FIELDS)
DESC(assessment_row, ASSESSMENT_ROW_FIELDS)
DESC(site_new, SITE_NEW_FIELDS)
DESC(site_edit, SITE_EDIT_FIELDS)
DESC(firm_doc_new, FIRM_DOC_NEW_FIELDS)
DESC(supplier_new, SUPPLIER_NEW_FIELDS)
DESC(supplier_edit, SUPPLIER_EDIT_FIELDS)
DESC(assessment_new, ASSESSMENT_NEW_FIELDS)
DESC(entry_void, ENTRY_VOID_FIELDS)
DESC(entry_check, ENTRY_CHECK_FIELDS)
DESC(entry_view, ENTRY_VIEW_FIELDS)
DESC(cert_view, CERT_VIEW_FIELDS)
DESC(lack_view, LACK_VIEW_FIELDS)
DESC(gap_view, GAP_VIEW_FIELDS)
DESC(event_sum, EVENT_SUM_FIELDS)
DESC(firm_file, FIRM_FILE_FIELDS)
DESC(origin_view, ORIGIN_VIEW_FIELDS)
DESC(firm_origins, FIRM_ORIGINS_FIELDS)
DESC(gap_count_ask, GAP_COUNT_ASK_FIELDS)
DESC(gap_count_row, GAP_COUNT_ROW_FIELDS)
DESC(gap_count, GAP_COUNT_FIELDS)
DESC(form_ask, FORM_ASK_FIELDS)
DESC(form_cell, FORM_CELL_FIELDS)
DESC(form_group, FORM_GROUP_FIELDS)
DESC(form_view, FORM_VIEW_FIELDS)

const struct record_kind kind_event = {30, "event", "监管记录", &event_row_desc, RECORD_SQL(event)};
const struct record_kind kind_site = {31, "site", "场所", &site_row_desc, RECORD_SQL(site)};
const struct record_kind kind_firm_doc = {
    32, "firm_doc", "制度文件", &firm_doc_row_desc, RECORD_SQL(firm_doc)};
const struct record_kind kind_supplier = {
    33, "supplier", "供应商", &supplier_row_desc, RECORD_SQL(supplier)};
const struct record_kind kind_assessment = {
    34, "assessment", "培训考核", &assessment_row_desc, RECORD_SQL(assessment)};
