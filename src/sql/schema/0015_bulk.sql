-- Working at scale: bulk operations that can be undone, the default view, data-quality findings.

-- One operation over many firms. What it did to each stands in bulk_item; each firm's own change is
-- a version of the firm with its journal row, as by hand.
-- @record
CREATE TABLE bulk_edit (
    id @ID@,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL, -- gathering, running, done, cancelled
    title TEXT NOT NULL,
    spec TEXT NOT NULL, -- JSON: what is set, and which firms were asked for
    phone @BLOB@, -- the phone that is set stands here, encrypted, not in spec
    reason TEXT,
    total BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    same BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    finished BIGINT,
    undo_of BIGINT, -- the operation this one takes back
    undone_by BIGINT, -- the operation that took this one back
    job BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX bulk_edit_scope ON bulk_edit (org_path, id);

-- One firm of an operation: todo, then changed, same, refused or absent (not there for this actor). was and now hold the fields that
-- changed; phones stay encrypted in columns of their own.
CREATE TABLE bulk_item (
    bulk BIGINT NOT NULL,
    firm BIGINT NOT NULL,
    result TEXT NOT NULL,
    why TEXT,
    version BIGINT, -- todo: the version the user saw
    was TEXT,
    now TEXT,
    phone_was @BLOB@,
    phone_now @BLOB@,
    PRIMARY KEY (bulk, firm)
) @WITHOUT_ROWID@;

-- The view a list opens with, one per account and list.
CREATE TABLE view_default (
    account BIGINT NOT NULL,
    list TEXT NOT NULL,
    view BIGINT NOT NULL,
    PRIMARY KEY (account, list)
) @WITHOUT_ROWID@;

-- Derived: which firm breaks which rule of template quality_rules (number of the rule), since when.
CREATE TABLE quality_hit (
    rule BIGINT NOT NULL,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (rule, firm)
) @WITHOUT_ROWID@;
CREATE INDEX quality_hit_firm ON quality_hit (firm);
CREATE INDEX quality_hit_scope ON quality_hit (rule, org_path, firm);

-- Derived: how many firms under a path break a rule; kept with quality_hit.
CREATE TABLE quality_count (
    level BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    path TEXT NOT NULL,
    firms BIGINT NOT NULL,
    PRIMARY KEY (level, path, rule)
) @WITHOUT_ROWID@;

@FIRM_ROOM@;
