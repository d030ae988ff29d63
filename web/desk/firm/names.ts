// Which fields of a firm stand where. The labels, limits and code lists are the server's.

export const G1 = [
  'name', 'uscc', 'temp_code', 'uscc_reason', 'kind', 'entity_type', 'legal_person', 'reg_address', 'site_address',
  'town', 'stores', 'platform_name', 'platform_url', 'sale_modes', 'host_name', 'host_manager', 'host_stalls',
  'reg_authority', 'scope', 'location', 'staff', 'revenue', 'wholesale_revenue', 'figures_year', 'chain_hq', 'online_self',
  'rules_from', 'record_mode',
] as const

export const SIZE = ['stat_size', 'order_size', 'reg_size'] as const

export const G2 = [
  'supervisor', 'supervisor_phone', 'supervisor_since', 'risk_level', 'mode', 'credit_class', 'entry_reason',
  'abnormal', 'rules_status', 'applicability',
] as const

export const G7 = [
  'fill_org', 'filler', 'fill_date', 'reviewer', 'review_date', 'review_opinion', 'confirm_date', 'confirm_level',
  'paper_match', 'paper_by', 'paper_at', 'return_reason', 'remark', 'source',
] as const

/** What a person may type; the rest is computed or set by a step of the workflow. */
export const EDITABLE = [
  'kind', 'name', 'uscc', 'entity_type', 'legal_person', 'reg_address', 'site_address', 'town', 'stores',
  'platform_name', 'platform_url', 'sale_modes', 'host_name', 'host_manager', 'host_stalls', 'reg_authority', 'scope',
  'location', 'staff', 'revenue', 'wholesale_revenue', 'figures_year', 'reg_size', 'chain_hq', 'online_self',
  'rules_from', 'record_mode', 'supervisor', 'supervisor_phone', 'supervisor_since',
  'risk_level', 'mode', 'credit_class', 'entry_reason', 'abnormal', 'rules_status', 'applicability', 'fill_org',
  'filler', 'fill_date', 'week_mask', 'holidays_off', 'remark',
] as const

export const PRODUCT = [
  'product', 'model', 'brand', 'cat1', 'cat2', 'applicability', 'standard', 'is_mandatory_std', 'lic_no', 'lic_org',
  'lic_date', 'lic_to', 'lic_scope', 'ccc_no', 'ccc_parties', 'ccc_org', 'ccc_model', 'ccc_to', 'supplier', 'verify',
  'sup_lic_no', 'sup_ccc_no', 'other_cert', 'key_catalogue', 'materials',
] as const

export const PERSON = ['post', 'name', 'phone', 'id_no', 'from_day', 'to_day', 'doc_no', 'full_time'] as const

/** What a new entry starts with; the rest is filled in on its page. */
export const NEW = ['kind', 'name', 'uscc', 'entity_type', 'legal_person', 'town', 'site_address', 'entry_reason', 'applicability'] as const
