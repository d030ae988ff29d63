-- Notices down the tree, word to every firm, questions and answers (PL-1…3, PL-63, PL-66, PL-82…90).

-- A document as it was printed. A draft may be edited; what is issued never changes but for its
-- state and the office's contact (PL-82). source: the document this one forwards with its own
-- cover; root: the first of that chain (itself, when it forwards nothing); tell: the document of the
-- chain that every firm is to be told of (itself or an earlier one); replaces: an earlier version.
-- @record
CREATE TABLE notice (
    id @ID@,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    state TEXT NOT NULL, -- draft, issued, withdrawn, replaced
    doc_no TEXT, -- 文号 as printed on this document
    doc_day BIGINT,
    title TEXT NOT NULL,
    openness TEXT NOT NULL, -- of this document, not of the chain (H12)
    cc TEXT,
    body TEXT, -- JSON: [{kind: h, p; text}]
    basis TEXT,
    to_firms BIGINT NOT NULL,
    audience TEXT, -- all, producer, seller
    everyone BIGINT NOT NULL, -- 1: the firms of the whole subtree; 0: those below the receivers
    source BIGINT,
    cited_no TEXT, -- 文号 of the source as this document cites it (H1)
    root BIGINT NOT NULL,
    tell BIGINT,
    replaces BIGINT,
    files TEXT, -- ids of the attachments it was issued with, joined by ','
    contact_office TEXT,
    contact_person TEXT,
    contact_phone TEXT,
    end_reason TEXT,
    issued_at BIGINT,
    issued_by BIGINT,
    issuer_name TEXT,
    created BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    drafter TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX notice_org_id ON notice (org, id);
CREATE INDEX notice_path ON notice (org_path, id);
CREATE INDEX notice_root ON notice (root, id);
CREATE INDEX notice_source ON notice (source);

-- A document sent to one authority, and its signature for it (签收).
-- @record
CREATE TABLE notice_send (
    id @ID@,
    notice BIGINT NOT NULL,
    root BIGINT NOT NULL,
    org BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    sent_by BIGINT NOT NULL,
    sender_name TEXT NOT NULL,
    signed_at BIGINT,
    signed_by BIGINT,
    signer_name TEXT,
    sign_note TEXT,
    forwarded BIGINT, -- the document it was passed on with
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (notice, org)
);
CREATE INDEX notice_send_path ON notice_send (notice, org_path);
CREATE INDEX notice_send_root ON notice_send (root, org);
CREATE INDEX notice_send_org ON notice_send (org, id);

-- How one firm was told of a document: each time, each way.
-- @record
CREATE TABLE telling (
    id @ID@,
    notice BIGINT NOT NULL,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL, -- the authority the firm was under, kept as a fact
    way TEXT NOT NULL, -- receipt, visit, paper, phone
    day BIGINT NOT NULL,
    told TEXT, -- who was told
    note TEXT,
    attachment BIGINT,
    key TEXT,
    device_at BIGINT,
    void_reason TEXT,
    void_by TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX telling_firm ON telling (firm, notice, id);

-- Derived. Which firms were told of which document, and how for the first time.
CREATE TABLE told_firm (
    firm BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    way TEXT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (firm, notice)
) @WITHOUT_ROWID@;

-- Derived. How many firms of an org are to be told of what concerns everybody, producers, sellers.
CREATE TABLE tell_stock (
    level BIGINT NOT NULL,
    path TEXT NOT NULL,
    total BIGINT NOT NULL,
    producer BIGINT NOT NULL,
    seller BIGINT NOT NULL,
    PRIMARY KEY (level, path)
) @WITHOUT_ROWID@;

-- Derived. Of those, how many were told of a document, each firm once, by its first way.
CREATE TABLE tell_count (
    level BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    path TEXT NOT NULL,
    reached BIGINT NOT NULL,
    receipt BIGINT NOT NULL,
    visit BIGINT NOT NULL,
    paper BIGINT NOT NULL,
    phone BIGINT NOT NULL,
    PRIMARY KEY (level, notice, path)
) @WITHOUT_ROWID@;

-- Firms of a store that is older than this table; 31 … 52: out of scope or ended (forms P8.2).
INSERT INTO tell_stock (level, path, total, producer, seller)
SELECT v.level, substr(x.path, 1, v.level * 5), sum(x.total), sum(x.producer), sum(x.seller)
FROM (SELECT f.org_path AS path, count(*) AS total,
        sum(CASE WHEN f.kind <> 'seller' THEN 1 ELSE 0 END) AS producer,
        sum(CASE WHEN f.kind <> 'producer' THEN 1 ELSE 0 END) AS seller
    FROM firm f WHERE f.state = 'admitted'
        AND f.abnormal NOT IN ('31', '32', '41', '42', '43', '51', '52')
    GROUP BY f.org_path) x
JOIN (SELECT 1 AS level UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
    UNION ALL SELECT 6) v ON length(x.path) >= v.level * 5
GROUP BY v.level, substr(x.path, 1, v.level * 5);

-- A question of a firm to its authority (PL-63), or an opinion or complaint of anyone about the
-- platform or its users (D13). org: who is to answer now.
-- @record
CREATE TABLE question (
    id @ID@,
    kind TEXT NOT NULL, -- question, opinion, complaint
    state TEXT NOT NULL, -- open, answered, closed
    firm BIGINT, -- who asks; of an opinion or complaint: nobody but its author sees it
    org BIGINT NOT NULL,
    first_path TEXT NOT NULL, -- the authority that was asked first; '' of an opinion, complaint
    title TEXT NOT NULL,
    page TEXT,
    asked_by BIGINT NOT NULL,
    asker_name TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    seen BIGINT NOT NULL, -- 1: the asker has seen the newest answer
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX question_firm ON question (firm, id);
CREATE INDEX question_org ON question (org, state, id);
CREATE INDEX question_path ON question (first_path, id);
CREATE INDEX question_asker ON question (asked_by, id);

-- @record
CREATE TABLE question_post (
    id @ID@,
    question BIGINT NOT NULL,
    kind TEXT NOT NULL, -- ask, answer, forward, close
    text TEXT NOT NULL,
    org BIGINT, -- the authority that speaks; NULL: the asker
    org_name TEXT,
    to_org_name TEXT, -- of a forward
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX question_post_of ON question_post (question, id);
