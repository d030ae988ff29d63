-- One firm, one file (附件2/3, G1–G6): what happened to it, sites, papers of its system, suppliers,
-- training and assessments, and the posts that stand empty.

-- What the authorities know of a firm (G6): inspections, samplings, penalties, verified complaints,
-- recalls, help … One row per event; a wrong one is voided with a reason, never removed.
-- @record
CREATE TABLE event (
    id @ID@,
    firm BIGINT NOT NULL,
    type TEXT NOT NULL, -- code list event_type
    day BIGINT NOT NULL,
    level TEXT, -- 省 市 县 所: of the authority that acted
    org BIGINT, -- the authority that acted, where it is one of ours
    org_name TEXT,
    doc_no TEXT,
    product TEXT,
    severity TEXT, -- 一般 较大 重大
    verified BIGINT, -- 1: established; only then it counts against the firm (R-095)
    result TEXT, -- code list event_result
    adverse BIGINT NOT NULL, -- 1: counts for risk and grade, judged when stored by the code lists
    text TEXT, -- 事由、发现的问题
    measure TEXT, -- 处理、措施、效果
    status TEXT, -- code list rectify_state, where there is something to put right
    source TEXT NOT NULL, -- code list event_source
    ext_no TEXT, -- its number where it came from; the same number is the same event
    void_reason TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX event_firm ON event (firm, day, id);
CREATE INDEX event_day ON event (day, id);

-- Further places of production or business (P2 7), beside the main one in the firm's own row.
-- @record
CREATE TABLE site (
    id @ID@,
    firm BIGINT NOT NULL,
    kind TEXT NOT NULL, -- code list site_kind
    name TEXT,
    address TEXT NOT NULL,
    town TEXT NOT NULL, -- township or county code
    location TEXT, -- "longitude,latitude" in degrees
    from_day BIGINT,
    to_day BIGINT,
    checked BIGINT NOT NULL, -- 0: told by the firm, not yet looked at by the authority
    checked_by TEXT,
    checked_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX site_firm ON site (firm, id);
CREATE INDEX site_told ON site (firm) WHERE checked = 0;

-- Systems and documents by kind and edition (R-010, R-018, R-019). A new edition is a new row.
-- @record
CREATE TABLE firm_doc (
    id @ID@,
    firm BIGINT NOT NULL,
    kind TEXT NOT NULL, -- code list firm_doc_kind
    edition BIGINT NOT NULL, -- 1, 2, … within the kind
    state TEXT NOT NULL, -- code list doc_state: 已建立, 未建立
    title TEXT,
    doc_no TEXT,
    approver TEXT,
    effective BIGINT,
    points BIGINT, -- risk points of a 风险管控清单
    attachment BIGINT,
    note TEXT,
    void_reason TEXT,
    checked BIGINT NOT NULL,
    checked_by TEXT,
    checked_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX firm_doc_firm ON firm_doc (firm, id);
CREATE INDEX firm_doc_told ON firm_doc (firm) WHERE checked = 0;

-- @record
CREATE TABLE supplier (
    id @ID@,
    firm BIGINT NOT NULL,
    name TEXT NOT NULL,
    uscc TEXT,
    goods TEXT NOT NULL, -- materials or products it delivers
    lic_no TEXT,
    ccc_no TEXT,
    from_day BIGINT,
    to_day BIGINT,
    checked BIGINT NOT NULL,
    checked_by TEXT,
    checked_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX supplier_firm ON supplier (firm, id);
CREATE INDEX supplier_told ON supplier (firm) WHERE checked = 0;

-- Training, assessments in the firm and by the regulator (R-017). id_idx is the person's blind
-- index: a bar follows the person from firm to firm.
-- @record
CREATE TABLE assessment (
    id @ID@,
    firm BIGINT NOT NULL,
    person BIGINT NOT NULL,
    post TEXT NOT NULL,
    name TEXT NOT NULL,
    id_idx @BLOB@,
    kind TEXT NOT NULL, -- code list assessment_kind: training, firm, regulator
    day BIGINT NOT NULL,
    hours BIGINT,
    topic TEXT,
    score BIGINT,
    result TEXT NOT NULL, -- code list exam_result
    published BIGINT, -- day the result was made public
    org_name TEXT,
    attachment BIGINT,
    void_reason TEXT,
    checked BIGINT NOT NULL,
    checked_by TEXT,
    checked_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX assessment_firm ON assessment (firm, id);
CREATE INDEX assessment_told ON assessment (firm) WHERE checked = 0;
CREATE INDEX assessment_id ON assessment (id_idx, day);

-- Derived: posts that should be held and are not, of firms that owe the daily check.
-- id = firm * 4 + the post's number (0 principal, 1 director, 2 officer, 3 director is only officer).
CREATE TABLE post_gap (
    id @ID@,
    firm BIGINT NOT NULL,
    code TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE TABLE post_gap_count (
    level BIGINT NOT NULL,
    path TEXT NOT NULL,
    principal BIGINT NOT NULL,
    director BIGINT NOT NULL,
    officer BIGINT NOT NULL,
    same_person BIGINT NOT NULL,
    PRIMARY KEY (level, path)
) @WITHOUT_ROWID@;

-- Facts of a firm and of a person in post that the first forms had no room for. Absent ones are left
-- out of a record's canonical bytes (F_LATE), so that what was sealed before stays as it was.
ALTER TABLE firm ADD COLUMN figures_year BIGINT; -- the year staff and revenue are of
ALTER TABLE firm ADD COLUMN location TEXT; -- "longitude,latitude" of the main site
ALTER TABLE firm ADD COLUMN chain_hq BIGINT; -- head office of a shop chain (R-015)
ALTER TABLE firm ADD COLUMN online_self BIGINT; -- self-operated online platform (R-015)
ALTER TABLE firm ADD COLUMN rules_from BIGINT; -- first day of 日管控、周排查、月调度
ALTER TABLE firm ADD COLUMN record_mode TEXT; -- code list record_mode
ALTER TABLE person ADD COLUMN other_duties TEXT;
ALTER TABLE person ADD COLUMN is_legal BIGINT; -- the principal is the legal representative
ALTER TABLE person ADD COLUMN appointment BIGINT; -- attachment
ALTER TABLE person ADD COLUMN checked BIGINT; -- 0: told by the firm, not yet looked at; else absent or 1
ALTER TABLE person ADD COLUMN checked_by TEXT;
ALTER TABLE person ADD COLUMN checked_at BIGINT;
CREATE INDEX person_told ON person (firm) WHERE checked = 0;
