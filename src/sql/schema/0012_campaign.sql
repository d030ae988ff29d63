-- Survey campaigns (全覆盖摸底): the province opens one, each level sets dates, candidates are ticked
-- off, each level reports a frozen copy of its ledgers upward.

-- @record
CREATE TABLE campaign (
    id @ID@,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL, -- who opened it
    title TEXT NOT NULL,
    doc_no TEXT,
    kinds TEXT NOT NULL, -- kinds of firm in scope, joined by ','
    areas TEXT, -- area codes joined by ','; NULL: all of the opener's
    paths TEXT NOT NULL, -- org paths of the scope, joined by ','
    forms TEXT NOT NULL, -- att2, att3
    att2_version BIGINT,
    att3_version BIGINT,
    from_day BIGINT NOT NULL,
    due_day BIGINT NOT NULL, -- when the level below the opener reports
    prio_day BIGINT, -- when the eight kinds of firm are on file
    note TEXT,
    state TEXT NOT NULL, -- open, closed
    close_reason TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);

-- What an authority asks of those below it, beside what it is asked itself (the upper_ days are the
-- ones in force when it was set).
-- @record
CREATE TABLE campaign_date (
    id @ID@,
    campaign BIGINT NOT NULL,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    due_day BIGINT NOT NULL,
    prio_day BIGINT,
    upper_due BIGINT NOT NULL,
    upper_prio BIGINT,
    reason TEXT,
    set_day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (campaign, org_path)
);

-- One firm to look for. rank = order of the state * 2 + prio, so that one index serves the work
-- list (priority first) and any one state: pending 3, none 2, out 1, in 0.
-- @record
CREATE TABLE candidate (
    id @ID@,
    campaign BIGINT NOT NULL,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    p2 TEXT NOT NULL,
    p3 TEXT NOT NULL,
    town TEXT NOT NULL, -- township, or county where the list tells no more
    name TEXT NOT NULL,
    py TEXT NOT NULL,
    uscc TEXT,
    address TEXT,
    kind TEXT, -- producer, seller, both; NULL: not known
    sources TEXT NOT NULL, -- registry, licence, ccc, found, joined by ','
    source_no TEXT,
    reasons TEXT, -- entry reasons it stands on the lists for, joined by ','
    prio BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    firm BIGINT,
    matched TEXT, -- how firm was found: code, name, made
    state TEXT NOT NULL, -- pending, in, out, none
    why TEXT, -- code of the reason it is out of scope
    note TEXT, -- reason or evidence
    ticked_at BIGINT,
    ticked_by BIGINT,
    ticked_name TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX candidate_all ON candidate (campaign, rank, id);
CREATE INDEX candidate_p2 ON candidate (campaign, p2, rank, id);
CREATE INDEX candidate_p3 ON candidate (campaign, p3, rank, id);
CREATE INDEX candidate_scope ON candidate (campaign, org_path, id);
CREATE INDEX candidate_uscc ON candidate (campaign, uscc);
CREATE INDEX candidate_name ON candidate (campaign, name);
CREATE INDEX candidate_firm ON candidate (firm);

-- An edition of what an authority reported: the files hang on it as attachments; digest is SM3 over
-- every cell of both, so that equal ledgers have equal digests whatever a file's own bytes.
-- @record
CREATE TABLE campaign_submission (
    id @ID@,
    campaign BIGINT NOT NULL,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    to_org BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    state TEXT NOT NULL, -- making, sent, accepted, returned, void
    due_day BIGINT NOT NULL, -- in force when it was made
    late BIGINT NOT NULL,
    as_of BIGINT, -- the moment the ledgers were read at
    firms BIGINT,
    rows2 BIGINT,
    rows3 BIGINT,
    file2 BIGINT, -- attachments
    file3 BIGINT,
    digest @BLOB@,
    note TEXT,
    job BIGINT,
    sent_at BIGINT,
    decided_at BIGINT,
    decided_name TEXT,
    reason TEXT, -- why returned, why not sent
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (campaign, org, edition)
);

-- Derived. Kept in the transaction that ticks a candidate or admits its firm.
CREATE TABLE campaign_count (
    level BIGINT NOT NULL,
    campaign BIGINT NOT NULL,
    path TEXT NOT NULL,
    total BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    in_scope BIGINT NOT NULL,
    out_scope BIGINT NOT NULL,
    not_found BIGINT NOT NULL,
    on_file BIGINT NOT NULL,
    admitted BIGINT NOT NULL,
    prio BIGINT NOT NULL,
    prio_pending BIGINT NOT NULL,
    prio_on_file BIGINT NOT NULL,
    PRIMARY KEY (level, campaign, path)
) @WITHOUT_ROWID@;
