-- The engines' tables: identity, journal and seal, idempotency, throttles, jobs, templates.
-- One text for both back ends; @ID@, @BLOB@ and @WITHOUT_ROWID@ are the dialect's tokens.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) @WITHOUT_ROWID@;

-- Ids are handed out in blocks; what a crash leaves unused is skipped.
CREATE TABLE seq (
    name TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
) @WITHOUT_ROWID@;

-- One row per change of a record or per event, appended in commit order. `digest` is SM3 of the
-- record's canonical content after the change; `note` is the change as people read it (JSON).
-- The seal covers every column.
CREATE TABLE journal (
    id @ID@,
    at BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    op TEXT NOT NULL,
    kind BIGINT NOT NULL,
    ref BIGINT NOT NULL,
    firm BIGINT,
    digest @BLOB@,
    note TEXT,
    via TEXT,
    ip TEXT,
    rid TEXT
);
-- History of a firm: only rows that say something to people; daily records stay out of it.
CREATE INDEX journal_firm ON journal (firm, id) WHERE note IS NOT NULL AND firm IS NOT NULL;

-- Merkle batches over journal rows first_seq..last_seq, chained and signed.
CREATE TABLE seal (
    id @ID@,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    root @BLOB@ NOT NULL,
    prev @BLOB@ NOT NULL,
    head @BLOB@ NOT NULL,
    key_id TEXT NOT NULL,
    sig @BLOB@ NOT NULL
);

-- Answers kept for a retried create. Removed after a week.
CREATE TABLE idem (
    account BIGINT NOT NULL,
    key TEXT NOT NULL,
    op TEXT NOT NULL,
    digest @BLOB@ NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, key)
) @WITHOUT_ROWID@;

-- Limits that survive a restart: wrong passwords, one-time codes, exports.
CREATE TABLE throttle (
    key TEXT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL
) @WITHOUT_ROWID@;

CREATE TABLE job (
    id @ID@,
    kind TEXT NOT NULL,
    state TEXT NOT NULL, -- queued, running, waiting, done, failed, cancelled
    account BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    firm BIGINT,
    title TEXT NOT NULL,
    input TEXT NOT NULL,
    result TEXT,
    message TEXT,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    cancel BIGINT NOT NULL,
    created BIGINT NOT NULL,
    started BIGINT,
    finished BIGINT
);
CREATE INDEX job_account ON job (account, id);
CREATE INDEX job_state ON job (state, id);

-- Versioned definitions: ledger columns, workflows, checklists, code lists, settings.
-- @record
CREATE TABLE template (
    id @ID@,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    issuer TEXT NOT NULL,
    state TEXT NOT NULL, -- active, retired
    effective_from BIGINT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT,
    created BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (name, version)
);
