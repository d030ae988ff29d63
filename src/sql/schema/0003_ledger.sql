-- The ledger (附件2/3): firms, products, responsible persons, papers, grade changes, saved views.

-- One row per firm and site. p2 and p3 are the first two and three segments of org_path: with the
-- composite indexes below every level pages through any hot order without scanning its siblings.
-- @record
CREATE TABLE firm (
    id @ID@,
    state TEXT NOT NULL,
    kind TEXT NOT NULL, -- producer, seller, both
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    p2 TEXT NOT NULL,
    p3 TEXT NOT NULL,
    town TEXT,
    name TEXT NOT NULL,
    py TEXT NOT NULL,
    uscc TEXT,
    temp_code TEXT,
    uscc_reason TEXT,
    entity_type TEXT,
    legal_person TEXT,
    reg_address TEXT,
    site_address TEXT,
    stores BIGINT,
    platform_name TEXT,
    platform_url TEXT,
    sale_modes TEXT,
    host_name TEXT,
    host_manager TEXT,
    host_stalls BIGINT,
    reg_authority TEXT,
    scope TEXT,
    staff BIGINT,
    revenue BIGINT,
    wholesale_revenue BIGINT,
    figures_suspect BIGINT NOT NULL,
    stat_size TEXT,
    order_size TEXT,
    reg_size TEXT,
    grade TEXT,
    grade_basis TEXT,
    grade_rules TEXT,
    provisional BIGINT NOT NULL,
    grade_override BIGINT,
    sup_level BIGINT,
    sup_org BIGINT,
    director_required TEXT,
    director_why TEXT,
    supervisor TEXT,
    supervisor_phone @BLOB@,
    supervisor_since BIGINT,
    risk_level TEXT,
    mode TEXT,
    credit_class TEXT,
    entry_reason TEXT,
    abnormal TEXT NOT NULL,
    rules_status TEXT,
    applicability TEXT,
    fill_org TEXT,
    filler TEXT,
    fill_date BIGINT,
    reviewer TEXT,
    review_date BIGINT,
    review_opinion TEXT,
    confirm_date BIGINT,
    confirm_level TEXT,
    paper_match BIGINT,
    paper_by TEXT,
    paper_at BIGINT,
    return_reason TEXT,
    remark TEXT,
    warnings TEXT, -- open import findings as JSON, until reviewed
    duty_from BIGINT, -- first day a daily check is owed; NULL: none
    week_mask BIGINT NOT NULL, -- bit 0 = Monday … bit 6 = Sunday
    holidays_off BIGINT NOT NULL,
    source TEXT,
    template_version BIGINT,
    created BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX firm_scope ON firm (org_path, id);
CREATE INDEX firm_p2 ON firm (p2, id);
CREATE INDEX firm_p3 ON firm (p3, id);
CREATE INDEX firm_uscc ON firm (uscc);
CREATE INDEX firm_name ON firm (py, name, id);
CREATE INDEX firm_name_p2 ON firm (p2, py, name, id);
CREATE INDEX firm_name_p3 ON firm (p3, py, name, id);
CREATE INDEX firm_revenue ON firm (coalesce(revenue, -1), id);
CREATE INDEX firm_revenue_p2 ON firm (p2, coalesce(revenue, -1), id);
CREATE INDEX firm_revenue_p3 ON firm (p3, coalesce(revenue, -1), id);
-- The tail lets combinations be counted and found without reading the firms.
CREATE INDEX firm_state ON firm (state, org_path, id, grade, kind, provisional);
CREATE INDEX firm_grade ON firm (grade, org_path, id, state, kind, provisional);
CREATE INDEX firm_abnormal ON firm (abnormal, org_path, id);
CREATE INDEX firm_provisional ON firm (provisional, org_path, id);
CREATE INDEX firm_exact ON firm (name, town);

-- Derived: words of the search box (bigrams of the name, initials, code, org segments).
@FIRM_SEARCH@;

-- @record
CREATE TABLE product (
    id @ID@,
    firm BIGINT NOT NULL,
    kind TEXT NOT NULL, -- producer, seller: which ledger the row stands in
    applicability TEXT,
    cat1 TEXT,
    cat2 TEXT,
    product TEXT NOT NULL,
    model TEXT,
    brand TEXT,
    supplier TEXT,
    verify TEXT,
    standard TEXT,
    is_mandatory_std BIGINT,
    lic_no TEXT,
    lic_org TEXT,
    lic_date BIGINT,
    lic_to BIGINT,
    lic_forever BIGINT,
    lic_scope TEXT,
    ccc_no TEXT,
    ccc_parties TEXT,
    ccc_org TEXT,
    ccc_model TEXT,
    ccc_to BIGINT,
    sup_lic_no TEXT,
    sup_ccc_no TEXT,
    other_cert TEXT,
    key_catalogue BIGINT,
    materials TEXT,
    source TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX product_firm ON product (firm, id);

-- Responsible persons (G4): one row per post and period.
-- @record
CREATE TABLE person (
    id @ID@,
    firm BIGINT NOT NULL,
    post TEXT NOT NULL, -- principal, director, officer
    name TEXT NOT NULL,
    id_no @BLOB@,
    id_idx @BLOB@,
    phone @BLOB@,
    phone_idx @BLOB@,
    from_day BIGINT,
    to_day BIGINT,
    doc_no TEXT,
    full_time BIGINT,
    account BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX person_firm ON person (firm, id);

-- What the inspector found when he laid the entry beside the paper archive (PL-29).
-- @record
CREATE TABLE paper_check (
    id @ID@,
    firm BIGINT NOT NULL,
    template_version BIGINT NOT NULL,
    items TEXT NOT NULL, -- JSON: code, result (same, differs, absent), note
    match BIGINT NOT NULL,
    note TEXT,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    by_account BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX paper_check_firm ON paper_check (firm, id);

-- A manual grade (M8): reason, approver one level up, expiry.
-- @record
CREATE TABLE grade_change (
    id @ID@,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    state TEXT NOT NULL, -- proposed, approved, refused, expired
    from_grade TEXT NOT NULL,
    to_grade TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires BIGINT NOT NULL,
    proposed_by BIGINT NOT NULL,
    proposed_name TEXT NOT NULL,
    proposed_level BIGINT NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX grade_change_firm ON grade_change (firm, id);
CREATE INDEX grade_change_state ON grade_change (state, org_path, id);

-- @record
CREATE TABLE attachment (
    id @ID@,
    firm BIGINT NOT NULL,
    owner_kind TEXT NOT NULL, -- firm, paper_check, hazard, daily, suspension
    owner BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sm3 @BLOB@ NOT NULL,
    width BIGINT,
    height BIGINT,
    taken_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX attachment_owner ON attachment (firm, owner_kind, owner);

-- @record
CREATE TABLE view (
    id @ID@,
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    account BIGINT NOT NULL,
    org BIGINT, -- shared with this org; NULL: private
    spec TEXT NOT NULL, -- JSON: filters, sort, columns
    version BIGINT NOT NULL,
    void_flag BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX view_account ON view (account);
CREATE INDEX view_org ON view (org);

-- Derived counters: one row per org path, kept in the transaction that changes a firm.
CREATE TABLE firm_count (
    level BIGINT NOT NULL,
    path TEXT NOT NULL,
    total BIGINT NOT NULL,
    draft BIGINT NOT NULL,
    submitted BIGINT NOT NULL,
    reviewed BIGINT NOT NULL,
    admitted BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    abnormal BIGINT NOT NULL,
    producer BIGINT NOT NULL,
    seller BIGINT NOT NULL,
    grade_a BIGINT NOT NULL,
    grade_b BIGINT NOT NULL,
    grade_c BIGINT NOT NULL,
    grade_d BIGINT NOT NULL,
    provisional BIGINT NOT NULL,
    PRIMARY KEY (level, path)
) @WITHOUT_ROWID@;
