-- Responsible persons and their invitations.

-- name: person_of_firm
-- Those in post first, then the former ones.
SELECT id, firm, post, name, id_no, id_idx, phone, phone_idx, from_day, to_day, doc_no, full_time,
    account, other_duties, is_legal, appointment, checked, checked_by, checked_at, version, jseq
FROM person WHERE firm = :firm
ORDER BY CASE WHEN to_day IS NULL THEN 0 ELSE 1 END,
    CASE post WHEN 'principal' THEN 0 WHEN 'director' THEN 1 ELSE 2 END, id LIMIT 500;

-- name: person_in_post
SELECT id, firm, post, name, id_no, id_idx, phone, phone_idx, from_day, to_day, doc_no, full_time,
    account, other_duties, is_legal, appointment, checked, checked_by, checked_at, version, jseq
FROM person
WHERE firm = :firm AND post = :post AND to_day IS NULL ORDER BY id;

-- name: person_last_end
SELECT coalesce(max(to_day), -1) FROM person WHERE firm = :firm AND post = :post;

-- name: person_other_posts
-- Other current posts that the same account serves.
SELECT count(*) FROM person WHERE firm = :firm AND account = :account AND to_day IS NULL
    AND id <> :id;

-- name: invite_open_of_firm
SELECT id, post, person FROM invite
WHERE firm = :firm AND state = 'open' AND expires > :now ORDER BY id;

-- name: invite_open_of
SELECT id, firm, org_path, post, person, phone, code_hash, state, created, created_by, expires,
    used, account, jseq FROM invite
WHERE firm = :firm AND post = :post AND person = :person AND state = 'open' ORDER BY id;

-- name: invite_by_code
SELECT id, firm, org_path, post, person, phone, code_hash, state, created, created_by, expires,
    used, account, jseq FROM invite WHERE code_hash = :code_hash;

-- name: invite_face_of
SELECT f.name AS firm_name, o.name AS organ FROM invite i JOIN firm f ON f.id = i.firm
LEFT JOIN account a ON a.id = i.created_by LEFT JOIN org o ON o.id = a.org WHERE i.id = :id;

-- name: assessment_bar_by_id
-- The regulator's last word on a person for a post, in whichever firm.
-- fans out: a bar follows the person from firm to firm, asked once per appointment
SELECT result, day FROM assessment WHERE id_idx = :id_idx AND kind = 'regulator' AND post = :post
    AND void_reason IS NULL ORDER BY day DESC, id DESC LIMIT 1;

-- name: assessment_bar_by_name
SELECT result, day FROM assessment WHERE firm = :firm AND name = :name AND kind = 'regulator'
    AND post = :post AND void_reason IS NULL ORDER BY day DESC, id DESC LIMIT 1;

-- name: assessment_regulator_of_firm
SELECT person, result FROM assessment WHERE firm = :firm AND kind = 'regulator'
    AND void_reason IS NULL ORDER BY day, id;
