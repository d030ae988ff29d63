-- Notices, who was told of them, questions and answers.

-- name: tell_stock_add
INSERT INTO tell_stock (level, path, total, producer, seller)
VALUES (:level, :path, :total, :producer, :seller)
ON CONFLICT (level, path) DO UPDATE SET total = tell_stock.total + excluded.total,
    producer = tell_stock.producer + excluded.producer,
    seller = tell_stock.seller + excluded.seller;

-- name: tell_count_add
INSERT INTO tell_count (level, notice, path, reached, receipt, visit, paper, phone)
VALUES (:level, :notice, :path, :reached, :receipt, :visit, :paper, :phone)
ON CONFLICT (level, notice, path) DO UPDATE SET reached = tell_count.reached + excluded.reached,
    receipt = tell_count.receipt + excluded.receipt, visit = tell_count.visit + excluded.visit,
    paper = tell_count.paper + excluded.paper, phone = tell_count.phone + excluded.phone;

-- name: told_of_firm
SELECT t.notice, t.way, n.audience FROM told_firm t JOIN notice n ON n.id = t.notice
WHERE t.firm = :firm;

-- name: tell_stock_clear
DELETE FROM tell_stock;

-- name: tell_count_clear
DELETE FROM tell_count;

-- name: told_clear
-- fans out: while derived tables are made anew
DELETE FROM told_firm;

-- name: told_fill
-- fans out: while derived tables are made anew
INSERT INTO told_firm (firm, notice, way, day)
SELECT t.firm, t.notice, t.way, t.day FROM telling t
WHERE t.void_reason IS NULL AND t.id = (SELECT min(u.id) FROM telling u
    WHERE u.firm = t.firm AND u.notice = t.notice AND u.void_reason IS NULL);

-- name: told_get
SELECT way, day FROM told_firm WHERE firm = :firm AND notice = :notice;

-- name: told_put
INSERT INTO told_firm (firm, notice, way, day) VALUES (:firm, :notice, :way, :day)
ON CONFLICT (firm, notice) DO UPDATE SET way = excluded.way, day = excluded.day;

-- name: told_drop
DELETE FROM told_firm WHERE firm = :firm AND notice = :notice;

-- name: telling_first
-- The first record that stands.
SELECT way, day FROM telling WHERE firm = :firm AND notice = :notice AND void_reason IS NULL
ORDER BY id LIMIT 1;

-- name: telling_by_key
SELECT id FROM telling WHERE firm = :firm AND notice = :notice AND key = :key LIMIT 1;

-- name: telling_receipt
-- When the firm itself confirmed that it read the document.
SELECT min(at) FROM telling WHERE firm = :firm AND notice = :notice AND way = 'receipt'
    AND void_reason IS NULL;

-- name: tellings_of
SELECT id, notice, firm, way, day, told, note, attachment, void_reason, void_by, at, by_name
FROM telling WHERE firm = :firm AND notice = :notice ORDER BY id DESC LIMIT 200;

-- name: notice_no_taken
-- Another document of the authority in force under the same number.
SELECT count(*) FROM notice WHERE org = :org AND doc_no = :doc_no AND id <> :id AND id <> :replaces
    AND state = 'issued';

-- name: notice_newer
SELECT id FROM notice WHERE org = :org AND replaces = :id AND state <> 'draft' LIMIT 1;

-- name: notice_link_of
SELECT n.id, n.org, o.name AS org_name, n.org_path, n.title, n.doc_no, n.doc_day, n.openness,
    n.state, n.source, n.cited_no
FROM notice n JOIN org o ON o.id = n.org WHERE n.id = :id;

-- name: notice_covers
-- Documents that passed this chain on, below a path, in the order of authorities.
SELECT n.id, n.org, o.name AS org_name, n.org_path, n.title, n.doc_no, n.doc_day, n.openness,
    n.state, n.source, n.cited_no
FROM notice n JOIN org o ON o.id = n.org
WHERE n.root = :root AND n.id <> :root AND n.state <> 'draft' AND n.org_path >= :path
    AND n.org_path < :end
ORDER BY n.org_path, n.id LIMIT 500;

-- name: notice_covers_above
-- Documents that passed the chain on to those below p1 … p6.
SELECT n.id, n.org, o.name AS org_name, n.org_path, n.title, n.doc_no, n.doc_day, n.openness,
    n.state, n.source, n.cited_no
FROM notice n JOIN org o ON o.id = n.org
WHERE n.root = :root AND n.id <> :root AND n.state = 'issued' AND n.openness <> 'closed'
    AND n.org_path IN (:p1, :p2, :p3, :p4, :p5, :p6)
ORDER BY n.org_path, n.id LIMIT 50;

-- name: notice_reaches
-- Whether one of the authorities p1 … p6 was sent the document, or one that passes it on.
WITH RECURSIVE up (id) AS (
    SELECT s.notice FROM notice_send s
    WHERE s.root = :root AND s.org_path IN (:p1, :p2, :p3, :p4, :p5, :p6)
    UNION
    SELECT n.source FROM notice n JOIN up ON n.id = up.id WHERE n.source IS NOT NULL)
SELECT count(*) FROM up WHERE id = :id;

-- name: notice_sent_to
-- Whether one of the authorities p1 … p6 is a receiver of the document itself.
SELECT count(*) FROM notice_send WHERE notice = :notice
    AND org_path IN (:p1, :p2, :p3, :p4, :p5, :p6);

-- name: notice_send_of
SELECT id, notice, root, org, org_path, sent_at, sent_by, sender_name, signed_at, signed_by,
    signer_name, sign_note, forwarded, version, jseq
FROM notice_send WHERE notice = :notice AND org = :org;

-- name: notice_files
-- fans out: attachments of notices hang from no firm; they stand where the notices stand
SELECT id, name, type, size FROM attachment
WHERE firm = 0 AND owner_kind = 'notice' AND owner = :notice ORDER BY id LIMIT 50;

-- name: notice_work_of
-- What is to be passed on to the firms below p1 … p6, the newest first.
SELECT n.id, n.title, n.doc_no, o.name AS org_name, n.issued_at, n.audience
FROM notice n JOIN org o ON o.id = n.org
WHERE n.org_path IN (:p1, :p2, :p3, :p4, :p5, :p6) AND n.to_firms = 1 AND n.state = 'issued'
ORDER BY n.id DESC LIMIT 100;

-- name: own_notices_of
-- What a firm below p1 … p6 is to be told of; kind1, kind2: the audiences it belongs to.
SELECT n.id, n.title, n.doc_no, n.doc_day, o.name AS org_name, n.issued_at, t.way AS told_way,
    t.day AS told_day, (SELECT min(x.at) FROM telling x WHERE x.firm = :firm AND x.notice = n.id
        AND x.way = 'receipt' AND x.void_reason IS NULL) AS read_at
FROM notice n JOIN org o ON o.id = n.org
LEFT JOIN told_firm t ON t.firm = :firm AND t.notice = n.id
WHERE n.org_path IN (:p1, :p2, :p3, :p4, :p5, :p6) AND n.to_firms = 1 AND n.state = 'issued'
    AND n.audience IN ('all', :kind1, :kind2)
    AND (n.everyone = 1 OR EXISTS (SELECT 1 FROM notice_send s WHERE s.notice = n.id
        AND s.org_path IN (:p1, :p2, :p3, :p4, :p5, :p6)))
ORDER BY n.id DESC LIMIT 200;

-- name: tell_own
SELECT CASE :audience WHEN 'producer' THEN s.producer WHEN 'seller' THEN s.seller ELSE s.total END
    AS due, coalesce(n.reached, 0) AS reached, coalesce(n.receipt, 0) AS receipt,
    coalesce(n.visit, 0) AS visit, coalesce(n.paper, 0) AS paper, coalesce(n.phone, 0) AS phone
FROM tell_stock s
LEFT JOIN tell_count n ON n.level = s.level AND n.notice = :notice AND n.path = s.path
WHERE s.level = :level AND s.path = :path;

-- name: tell_children
SELECT o.id AS org, o.name AS org_name, o.path, o.level,
    (SELECT min(r.sent_at) FROM notice_send r WHERE r.root = :root AND r.org = o.id) AS sent_at,
    (SELECT min(r.signed_at) FROM notice_send r WHERE r.root = :root AND r.org = o.id) AS signed_at,
    (SELECT max(r.forwarded) FROM notice_send r WHERE r.root = :root AND r.org = o.id)
        AS forwarded,
    coalesce(CASE :audience WHEN 'producer' THEN s.producer WHEN 'seller' THEN s.seller
        ELSE s.total END, 0) AS due,
    coalesce(n.reached, 0) AS reached, coalesce(n.receipt, 0) AS receipt,
    coalesce(n.visit, 0) AS visit, coalesce(n.paper, 0) AS paper, coalesce(n.phone, 0) AS phone
FROM org o LEFT JOIN tell_stock s ON s.level = :level AND s.path = o.path
LEFT JOIN tell_count n ON n.level = :level AND n.notice = :notice AND n.path = o.path
WHERE o.parent = :parent AND (coalesce(s.total, 0) <> 0 OR coalesce(n.reached, 0) <> 0
    OR ((o.valid_from IS NULL OR o.valid_from <= :day)
        AND (o.valid_to IS NULL OR o.valid_to >= :day)))
ORDER BY o.path;

-- name: tell_parts
-- The receivers of a document below a path with their numbers, those of one another included.
SELECT r.org_path AS path, coalesce(CASE :audience WHEN 'producer' THEN s.producer
        WHEN 'seller' THEN s.seller ELSE s.total END, 0) AS due,
    coalesce(n.reached, 0) AS reached, coalesce(n.receipt, 0) AS receipt,
    coalesce(n.visit, 0) AS visit, coalesce(n.paper, 0) AS paper, coalesce(n.phone, 0) AS phone
FROM notice_send r
LEFT JOIN tell_stock s ON s.level = length(r.org_path) / 5 AND s.path = r.org_path
LEFT JOIN tell_count n ON n.level = length(r.org_path) / 5 AND n.notice = :notice
    AND n.path = r.org_path
WHERE r.notice = :notice AND r.org_path >= :path AND r.org_path < :end
ORDER BY r.org_path;

-- name: tell_sent_to
-- What the authority was sent of a chain.
SELECT min(sent_at) AS sent_at, min(signed_at) AS signed_at, max(forwarded) AS forwarded
FROM notice_send WHERE root = :root AND org = :org;

-- name: tell_unreached
SELECT f.id FROM firm f WHERE f.org_path >= :path AND f.org_path < :end AND f.state = 'admitted'
    AND NOT EXISTS (SELECT 1 FROM told_firm t WHERE t.firm = f.id AND t.notice = :notice)
ORDER BY f.org_path, f.id LIMIT :limit;

-- name: question_posts
SELECT id, kind, text, org_name, to_org_name, at, by_name FROM question_post
WHERE question = :question ORDER BY id LIMIT 500;

-- name: inbox_sign
SELECT 'sign' AS kind, n.id AS ref, n.title, o.name AS "from", s.sent_at AS at
FROM notice_send s JOIN notice n ON n.id = s.notice JOIN org o ON o.id = n.org
WHERE s.org = :org AND s.signed_at IS NULL AND n.state = 'issued' ORDER BY s.id DESC LIMIT 50;

-- name: inbox_answer
-- fans out: the names of at most fifty firms that wait for an answer
SELECT 'answer' AS kind, q.id AS ref, q.title, coalesce(f.name, q.asker_name) AS "from",
    q.asked_at AS at
FROM question q LEFT JOIN firm f ON f.id = q.firm
WHERE q.org = :org AND q.state = 'open' AND (q.kind = 'question' OR :feedback = 1)
    AND (q.kind <> 'question' OR :answer = 1)
ORDER BY q.id LIMIT 50;

-- name: inbox_reply
SELECT 'reply' AS kind, q.id AS ref, q.title, o.name AS "from", q.answered_at AS at
FROM question q JOIN org o ON o.id = q.org
WHERE q.asked_by = :account AND q.seen = 0 AND q.state <> 'open' ORDER BY q.id DESC LIMIT 50;

-- part: notice_org_name
(SELECT o.name FROM org o WHERE o.id = n.org)

-- part: notice_source_no
(SELECT x.doc_no FROM notice x WHERE x.id = n.source)

-- part: notice_q_org_name
(SELECT o.name FROM org o WHERE o.id = q.org)

-- part: notice_q_firm_name
(SELECT f.name FROM firm f WHERE f.id = q.firm)

-- part: notice_firms_from
notice y CROSS JOIN firm f

-- part: notice_firms_way
-- A look at each firm's own row, not a join: what is left to tell has no statistics to plan by.
(SELECT t.way FROM told_firm t WHERE t.firm = f.id AND t.notice = y.id)

-- part: notice_firms_day
(SELECT t.day FROM told_firm t WHERE t.firm = f.id AND t.notice = y.id)

-- part: notice_firms_place
-- From the authorities that hold a firm still to be told.
notice y CROSS JOIN tell_stock k LEFT JOIN tell_count n ON n.level = k.level AND n.notice = y.id
    AND n.path = k.path @CROSS@ JOIN firm f ON f.org_path = k.path

-- part: notice_firms_open
k.level IN (1, 2, 3, 4, 5, 6) AND CASE y.audience WHEN 'producer' THEN k.producer
    WHEN 'seller' THEN k.seller ELSE k.total END > coalesce(n.reached, 0)

-- part: notice_firms_audience
(y.audience = 'all' OR y.audience = f.kind OR f.kind = 'both')

-- part: notice_firms_covered
EXISTS (SELECT 1 FROM notice_send r WHERE r.notice = y.id AND r.org_path IN (
    substr(f.org_path, 1, 5), substr(f.org_path, 1, 10), substr(f.org_path, 1, 15),
    substr(f.org_path, 1, 20), substr(f.org_path, 1, 25), substr(f.org_path, 1, 30)))

-- name: org_top
SELECT id FROM org WHERE parent IS NULL ORDER BY path LIMIT 1;
