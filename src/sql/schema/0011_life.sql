-- The life of a firm: abnormal status, moves between authorities, suspected duplicates, relations,
-- claims by the firm itself, yearly grade proposals, delegated tasks.

-- An abnormal status asked for and reviewed by another person (P8.2). The firm's own column changes
-- at the approval, never before.
-- @record
CREATE TABLE status_change (
    id @ID@,
    firm BIGINT NOT NULL,
    state TEXT NOT NULL, -- proposed, approved, refused
    from_code TEXT NOT NULL,
    to_code TEXT NOT NULL,
    since BIGINT NOT NULL, -- the day it began in fact
    reason TEXT NOT NULL,
    evidence TEXT, -- ids of attachments, joined by ','
    proposed_by BIGINT NOT NULL,
    proposed_name TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX status_change_firm ON status_change (firm, id);
CREATE INDEX status_change_state ON status_change (state, id);

-- A move between authorities as a handshake: asked by one side, decided by the other. Paths are
-- those of the day of the request; the firm moves only at the acceptance.
-- @record
CREATE TABLE transfer (
    id @ID@,
    firm BIGINT NOT NULL,
    state TEXT NOT NULL, -- asked, accepted, refused, withdrawn
    side TEXT NOT NULL, -- who asked: out (迁出地), in (迁入地)
    from_org BIGINT NOT NULL,
    from_path TEXT NOT NULL,
    to_org BIGINT NOT NULL,
    to_path TEXT NOT NULL,
    town TEXT NOT NULL, -- new township
    site_address TEXT,
    reason TEXT NOT NULL,
    due_day BIGINT NOT NULL,
    asked_by BIGINT NOT NULL,
    asked_name TEXT NOT NULL,
    asked_org BIGINT,
    asked_at BIGINT NOT NULL,
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    reminded BIGINT, -- day on which both sides were reminded that the term had passed
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX transfer_firm ON transfer (firm, id);
CREATE INDEX transfer_from ON transfer (from_path, id);
CREATE INDEX transfer_to ON transfer (to_path, id);
CREATE INDEX transfer_due ON transfer (state, due_day);

-- Two entries that may be one unit; a < b. path: the lowest authority above both, which decides.
-- @record
CREATE TABLE twin (
    id @ID@,
    a BIGINT NOT NULL,
    b BIGINT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL, -- open, merged, distinct
    score BIGINT NOT NULL,
    why TEXT NOT NULL, -- codes joined by ','
    found_at BIGINT NOT NULL,
    kept BIGINT, -- the firm that stays, when merged
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (a, b)
);
CREATE INDEX twin_b ON twin (b);
CREATE INDEX twin_path ON twin (path, id);
CREATE INDEX twin_state ON twin (state, path, id);

-- firm is a branch of, was split from, or was merged into other.
-- @record
CREATE TABLE firm_link (
    id @ID@,
    firm BIGINT NOT NULL,
    kind TEXT NOT NULL, -- branch, split, merged
    other BIGINT NOT NULL,
    day BIGINT NOT NULL,
    reason TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    void_reason TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX firm_link_firm ON firm_link (firm, kind);
CREATE INDEX firm_link_other ON firm_link (other, kind);

-- A person asks for the file of his firm; the station confirms with an invitation.
-- @record
CREATE TABLE claim (
    id @ID@,
    firm BIGINT NOT NULL,
    state TEXT NOT NULL, -- asked, approved, refused
    post TEXT NOT NULL,
    person TEXT NOT NULL,
    phone @BLOB@,
    code_hash @BLOB@ NOT NULL UNIQUE, -- of the receipt
    at BIGINT NOT NULL,
    invite BIGINT,
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX claim_firm ON claim (firm, id);
CREATE INDEX claim_state ON claim (state, id);

-- What the yearly recalculation proposes; nothing changes until somebody accepts.
-- @record
CREATE TABLE regrade (
    id @ID@,
    firm BIGINT NOT NULL,
    year BIGINT NOT NULL,
    kind TEXT NOT NULL, -- rules, m3, m4
    state TEXT NOT NULL, -- open, accepted, refused, stale
    outcome TEXT, -- regrade, up, listing
    from_grade TEXT,
    to_grade TEXT NOT NULL,
    basis TEXT NOT NULL,
    att1 BIGINT NOT NULL, -- version of the template
    at BIGINT NOT NULL,
    decided_by BIGINT,
    decided_name TEXT,
    decided_at BIGINT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (firm, year, kind)
);
CREATE INDEX regrade_state ON regrade (state, id);

-- A dated task from the level that answers to the 属地 bureau (PL-14, R-101); who answers stays.
-- @record
CREATE TABLE delegation (
    id @ID@,
    firm BIGINT NOT NULL,
    state TEXT NOT NULL, -- open, answered, closed, withdrawn
    from_org BIGINT NOT NULL,
    from_path TEXT NOT NULL,
    to_org BIGINT NOT NULL,
    to_path TEXT NOT NULL,
    what TEXT NOT NULL,
    due_day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    result TEXT,
    evidence TEXT,
    result_day BIGINT,
    result_by BIGINT,
    result_name TEXT,
    closed_day BIGINT,
    closed_by BIGINT,
    closed_name TEXT,
    opinion TEXT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX delegation_firm ON delegation (firm, id);
CREATE INDEX delegation_from ON delegation (from_path, id);
CREATE INDEX delegation_to ON delegation (to_path, id);

-- Neighbours with the same responsible person, or at the same address: suspected duplicates.
CREATE INDEX firm_person ON firm (p3, legal_person);
CREATE INDEX firm_site ON firm (p3, site_address);
