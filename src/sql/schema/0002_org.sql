-- Two trees: areas (行政区划) and organisations; accounts, sessions, invitations.

CREATE TABLE area (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    level BIGINT NOT NULL, -- 1 province … 4 township, 5 village
    parent TEXT,
    kind TEXT,
    statutory BIGINT NOT NULL,
    pinyin TEXT,
    initials TEXT,
    valid_from BIGINT,
    valid_to BIGINT
) @WITHOUT_ROWID@;
CREATE INDEX area_parent ON area (parent, code);

-- path: four digits and a dot per level. A 示范区 authority has its own level (its rank) under the
-- province, so depth and level differ for it.
-- @record
CREATE TABLE org (
    id @ID@,
    path TEXT NOT NULL UNIQUE,
    parent BIGINT,
    level BIGINT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    area TEXT NOT NULL, -- main area code
    valid_from BIGINT,
    valid_to BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX org_parent ON org (parent);

-- An authority serves one or more areas.
-- @record
CREATE TABLE org_area (
    id @ID@,
    org BIGINT NOT NULL,
    area TEXT NOT NULL,
    valid_from BIGINT,
    valid_to BIGINT,
    jseq BIGINT NOT NULL
);
CREATE INDEX org_area_area ON org_area (area);
CREATE INDEX org_area_org ON org_area (org);

-- @record
CREATE TABLE account (
    id @ID@,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    org BIGINT,
    org_path TEXT NOT NULL, -- '' for administrators
    firm BIGINT,
    state TEXT NOT NULL, -- pending, active, disabled
    phone @BLOB@,
    phone_idx @BLOB@,
    created BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX account_scope ON account (org_path, id);
CREATE INDEX account_firm ON account (firm);

-- Secrets and their counters: never journalled, never exported.
CREATE TABLE credential (
    account BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    changed BIGINT NOT NULL,
    must_change BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_login BIGINT,
    history TEXT NOT NULL, -- earlier hashes, newest first, joined by blanks
    expires BIGINT -- of a one-time password; NULL: an own password
) @WITHOUT_ROWID@;

CREATE TABLE session (
    id @ID@,
    token_hash @BLOB@ NOT NULL UNIQUE,
    account BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ip TEXT,
    agent TEXT
);
CREATE INDEX session_account ON session (account);

-- @record
CREATE TABLE invite (
    id @ID@,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    post TEXT NOT NULL,
    person TEXT NOT NULL,
    phone @BLOB@,
    code_hash @BLOB@ NOT NULL UNIQUE,
    state TEXT NOT NULL, -- open, used, withdrawn
    created BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    account BIGINT,
    jseq BIGINT NOT NULL
);
CREATE INDEX invite_firm ON invite (firm, id);
