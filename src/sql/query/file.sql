-- One firm, one file.

-- name: event_by_ext
SELECT count(*) FROM event WHERE firm = :firm AND source = :source AND ext_no = :ext_no
    AND void_reason IS NULL;

-- name: event_tally
SELECT count(*), coalesce(sum(CASE WHEN severity = '重大' THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN type = 'accident' AND severity IN ('较大', '重大') THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN type = 'major_hazard' THEN 1 ELSE 0 END), 0), max(day)
FROM event WHERE firm = :firm AND day >= :first AND day <= :last AND adverse = 1
    AND void_reason IS NULL;

-- name: firm_doc_last
SELECT coalesce(max(edition), 0) FROM firm_doc WHERE firm = :firm AND kind = :kind;

-- name: site_of_firm
SELECT id, firm, kind, name, address, town, location, from_day, to_day, checked, checked_by,
    checked_at, at, by_account, by_name, version, jseq
FROM site WHERE firm = :firm ORDER BY id LIMIT 500;

-- name: firm_doc_of_firm
-- By kind, the newest edition first.
SELECT id, firm, kind, edition, state, title, doc_no, approver, effective, points, attachment, note,
    void_reason, checked, checked_by, checked_at, at, by_account, by_name, version, jseq
FROM firm_doc WHERE firm = :firm ORDER BY kind, edition DESC LIMIT 1000;

-- name: supplier_of_firm
SELECT id, firm, name, uscc, goods, lic_no, ccc_no, from_day, to_day, checked, checked_by,
    checked_at, at, by_account, by_name, version, jseq
FROM supplier WHERE firm = :firm ORDER BY id LIMIT 1000;

-- name: assessment_of_firm
SELECT id, firm, person, post, name, id_idx, kind, day, hours, topic, score, result, published,
    org_name, attachment, void_reason, checked, checked_by, checked_at, at, by_account, by_name,
    version, jseq
FROM assessment WHERE firm = :firm ORDER BY id DESC LIMIT 1000;

-- name: event_sums
SELECT type, count(*) AS n, coalesce(sum(adverse), 0) AS adverse, max(day) AS last_day
FROM event WHERE firm = :firm AND void_reason IS NULL GROUP BY type ORDER BY type;

-- name: firm_gaps
SELECT code, since FROM post_gap WHERE firm = :firm AND id >= :first AND id <= :last ORDER BY id;

-- name: attachment_has
SELECT count(*) FROM attachment WHERE firm = :firm AND purpose = :purpose;

-- name: account_of_firm_made
SELECT name, firm FROM account WHERE id = :id;
