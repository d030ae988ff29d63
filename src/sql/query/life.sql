-- The life of a firm.

-- name: status_change_open
SELECT count(*) FROM status_change WHERE firm = :firm AND state = 'proposed';

-- name: transfer_open
SELECT count(*) FROM transfer WHERE firm = :firm AND state = 'asked';

-- name: transfers_late
SELECT id FROM transfer WHERE state = 'asked' AND due_day < :today AND reminded IS NULL LIMIT 200;

-- name: accounts_of_firm
SELECT id FROM account WHERE firm = :firm;

-- name: firm_group_figures
-- The branches of a head office (M6); an absent figure of one makes the sum absent.
SELECT count(*), CASE WHEN count(f.staff) = count(*) THEN CAST(sum(f.staff) AS BIGINT) END,
    CASE WHEN count(f.revenue) = count(*) THEN CAST(sum(f.revenue) AS BIGINT) END
FROM firm_link l JOIN firm f ON f.id = l.firm
WHERE l.other = :firm AND l.kind = 'branch' AND l.void_reason IS NULL AND f.state <> 'merged';

-- name: link_of_firm
-- Both ends of a firm's relations; the other end's name and place.
SELECT l.id, l.kind, l.firm, l.other, l.day, l.reason, f.name, f.org_path, o.name AS org_name
FROM firm_link l JOIN firm f ON f.id = CASE WHEN l.firm = :firm THEN l.other ELSE l.firm END
LEFT JOIN org o ON o.id = f.org
WHERE (l.firm = :firm OR l.other = :firm) AND l.void_reason IS NULL ORDER BY l.id LIMIT 500;

-- name: link_same
SELECT count(*) FROM firm_link WHERE firm = :firm AND kind = :kind AND void_reason IS NULL
    AND other = :other;

-- name: link_merged_into
SELECT l.other, f.name FROM firm_link l JOIN firm f ON f.id = l.other
WHERE l.firm = :firm AND l.kind = 'merged' AND l.void_reason IS NULL;

-- name: link_merger
-- The newest standing relation of a merger.
SELECT id FROM firm_link WHERE firm = :firm AND other = :other AND kind = 'merged'
    AND void_reason IS NULL ORDER BY id DESC LIMIT 1;

-- name: link_above
-- The head offices or origins of a firm, all the way up: a relation must not close a circle.
WITH RECURSIVE up (id, depth) AS (
    SELECT CAST(:firm AS BIGINT), 0
    UNION SELECT l.other, up.depth + 1 FROM up JOIN firm_link l ON l.firm = up.id
        AND l.kind = :kind AND l.void_reason IS NULL WHERE up.depth < 20)
SELECT count(*) FROM up WHERE id = :other AND depth > 0;

-- name: twin_known
SELECT id FROM twin WHERE a = :a AND b = :b;

-- name: twin_of_firm_a
SELECT id, a, b, path, state, score, why, kept FROM twin WHERE a = :firm ORDER BY id LIMIT 100;

-- name: twin_of_firm_b
SELECT id, a, b, path, state, score, why, kept FROM twin WHERE b = :firm ORDER BY id LIMIT 100;

-- name: twin_by_code
-- fans out: a code is looked for in the whole province
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path FROM firm f
JOIN org o ON o.id = f.org WHERE f.uscc = :uscc AND f.state <> 'merged' ORDER BY f.id LIMIT 200;

-- name: twin_by_name
-- fans out: a name is looked for in the whole province
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path FROM firm f
JOIN org o ON o.id = f.org WHERE f.name = :name AND f.state <> 'merged' LIMIT 200;

-- name: twin_by_person
-- fans out: routed by the county's path (p3)
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path FROM firm f
JOIN org o ON o.id = f.org WHERE f.p3 = :p3 AND f.legal_person = :legal_person AND f.state <> 'merged' LIMIT 300;

-- name: twin_by_site
-- fans out: routed by the county's path (p3)
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path FROM firm f
JOIN org o ON o.id = f.org WHERE f.p3 = :p3 AND f.site_address = :site_address AND f.state <> 'merged' LIMIT 300;

-- name: twin_by_words
-- fans out: the county's word is among the words
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path
FROM firm_search s @CROSS@ JOIN firm f ON f.id = s.rowid @CROSS@ JOIN org o ON o.id = f.org
WHERE @MATCH@:words@MATCH_END@ AND f.state <> 'merged' LIMIT 600;

-- name: twin_walk
-- fans out: the search for duplicates looks at the whole ledger
SELECT f.id, f.name, f.uscc, f.site_address, f.legal_person, o.path, f.state FROM firm f
@CROSS@ JOIN org o ON o.id = f.org WHERE f.id > :after ORDER BY f.id LIMIT :limit;

-- name: twin_side_counts
SELECT (SELECT count(*) FROM product WHERE firm = :firm),
    (SELECT count(*) FROM person WHERE firm = :firm AND to_day IS NULL),
    (SELECT count(*) FROM account WHERE firm = :firm AND state = 'active'),
    (SELECT count(*) FROM journal WHERE firm = :firm AND note IS NOT NULL);

-- name: claim_open
SELECT count(*) FROM claim WHERE firm = :firm AND state = 'asked';

-- name: claim_by_code
SELECT id, firm, state, post, person, phone, code_hash, at, invite, decided_by, decided_name,
    decided_at, opinion, version, jseq FROM claim WHERE code_hash = :code_hash;

-- name: regrade_walk
-- Firms under a path, for the yearly recalculation: in the order of their ids.
SELECT id FROM firm WHERE org_path >= :path AND org_path < :path_end AND id > :after
    AND state = 'admitted' ORDER BY id LIMIT :limit;

-- name: regrade_known
SELECT id FROM regrade WHERE firm = :firm AND year = :year AND kind = :kind;

-- name: regrade_hazards
-- Verified 重大 hazards: found by an authority, not reported by the firm itself.
SELECT count(*) FROM hazard WHERE firm = :firm AND severity = '重大' AND found_day > :after
    AND found_day <= :day AND source IN ('inspection', 'spotcheck', 'complaint');

-- name: template_version_on
-- The version in force on a day; the first one for earlier days.
SELECT coalesce((SELECT max(version) FROM template WHERE name = :name AND effective_from <= :day),
    (SELECT min(version) FROM template WHERE name = :name));

-- name: journal_firm_since
-- What was noted of a firm after an instant, newest first.
SELECT id, kind, ref, note FROM journal
WHERE firm = :firm AND note IS NOT NULL AND at > :at ORDER BY id DESC;

-- name: journal_left_so
-- The journal row that left a firm's record as it was at an instant.
SELECT at, digest FROM journal
WHERE firm = :firm AND note IS NOT NULL AND at <= :at AND kind = :kind AND ref = :ref
ORDER BY id DESC LIMIT 1;

-- name: past_people
SELECT id, firm, post, name, id_no, id_idx, phone, phone_idx, from_day, to_day, doc_no, full_time,
    account, other_duties, is_legal, appointment, checked, checked_by, checked_at, version, jseq
FROM person WHERE firm = :firm ORDER BY id LIMIT 2000;

-- name: past_entered
SELECT at FROM journal WHERE id = :id;

-- name: journal_family_notes
-- A firm's history with that of the entries merged into it, however often they were merged on.
WITH RECURSIVE family (id) AS (
    SELECT CAST(:firm AS BIGINT) UNION SELECT l.firm FROM family m JOIN firm_link l
        ON l.other = m.id AND l.kind = 'merged' AND l.void_reason IS NULL)
SELECT j.id, j.at, j.actor, coalesce(a.name, '系统') AS actor_name, j.op, j.kind, j.ref, j.note,
    j.via FROM family m @CROSS@ JOIN journal j ON j.firm = m.id LEFT JOIN account a ON a.id = j.actor
WHERE j.note IS NOT NULL AND j.firm IS NOT NULL AND j.id < :before ORDER BY j.id DESC LIMIT :limit;
