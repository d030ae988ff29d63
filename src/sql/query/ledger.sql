-- The ledger.

-- name: org_at_path
SELECT id, level, name FROM org WHERE path = :path;

-- name: org_for_area
-- The authority that serves an area on a day, the lowest level first.
SELECT o.id, o.path FROM org_area a JOIN org o ON o.id = a.org
WHERE a.area = :area AND (a.valid_from IS NULL OR a.valid_from <= :day)
    AND (a.valid_to IS NULL OR a.valid_to >= :day)
    AND (o.valid_to IS NULL OR o.valid_to >= :day)
ORDER BY o.level DESC, o.id LIMIT 1;

-- name: org_name_of
SELECT name FROM org WHERE id = :id;

-- name: org_path_of
-- Of a closed authority: the path of the one that stands for it now.
SELECT path FROM org
WHERE id = coalesce((SELECT s.successor FROM org_successor s WHERE s.org = :id), :id);

-- name: journal_firm_changes
-- Who changed the firm's own fields, newest first.
SELECT j.at, j.note, j.via, coalesce(a.name, '系统') AS actor_name, a.firm, j.op
FROM journal j LEFT JOIN account a ON a.id = j.actor
WHERE j.firm = :firm AND j.note IS NOT NULL AND j.kind = :kind ORDER BY j.id DESC LIMIT 5000;

-- name: area_name_of
SELECT name FROM area WHERE code = :code;

-- name: firm_count_add
INSERT INTO firm_count (level, path, total, draft, submitted, reviewed, admitted, returned,
    abnormal, producer, seller, grade_a, grade_b, grade_c, grade_d, provisional)
VALUES (:level, :path, :total, :draft, :submitted, :reviewed, :admitted, :returned, :abnormal,
    :producer, :seller, :grade_a, :grade_b, :grade_c, :grade_d, :provisional)
ON CONFLICT (level, path) DO UPDATE SET total = firm_count.total + excluded.total,
    draft = firm_count.draft + excluded.draft,
    submitted = firm_count.submitted + excluded.submitted,
    reviewed = firm_count.reviewed + excluded.reviewed,
    admitted = firm_count.admitted + excluded.admitted,
    returned = firm_count.returned + excluded.returned,
    abnormal = firm_count.abnormal + excluded.abnormal,
    producer = firm_count.producer + excluded.producer,
    seller = firm_count.seller + excluded.seller,
    grade_a = firm_count.grade_a + excluded.grade_a,
    grade_b = firm_count.grade_b + excluded.grade_b,
    grade_c = firm_count.grade_c + excluded.grade_c,
    grade_d = firm_count.grade_d + excluded.grade_d,
    provisional = firm_count.provisional + excluded.provisional;

-- name: firm_count_of
SELECT total, draft, submitted, reviewed, admitted, returned, abnormal, producer, seller, grade_a,
    grade_b, grade_c, grade_d, provisional FROM firm_count WHERE level = :level AND path = :path;

-- name: firm_count_children
SELECT o.id AS org, o.name AS org_name, o.level, coalesce(n.total, 0) AS total,
    coalesce(n.draft, 0) AS draft, coalesce(n.submitted, 0) AS submitted,
    coalesce(n.reviewed, 0) AS reviewed, coalesce(n.admitted, 0) AS admitted,
    coalesce(n.returned, 0) AS returned, coalesce(n.abnormal, 0) AS abnormal,
    coalesce(n.producer, 0) AS producer, coalesce(n.seller, 0) AS seller,
    coalesce(n.grade_a, 0) AS grade_a, coalesce(n.grade_b, 0) AS grade_b,
    coalesce(n.grade_c, 0) AS grade_c, coalesce(n.grade_d, 0) AS grade_d,
    coalesce(n.provisional, 0) AS provisional
FROM org o LEFT JOIN firm_count n ON n.level = :level AND n.path = o.path
WHERE o.parent = :parent ORDER BY o.path;

-- name: duty_stock_add
INSERT INTO duty_stock (level, path, pattern, firms) VALUES (:level, :path, :pattern, :firms)
ON CONFLICT (level, path, pattern) DO UPDATE SET firms = duty_stock.firms + excluded.firms;

-- name: firm_search_put
INSERT INTO firm_search (rowid, words) VALUES (:id, @WORDS@:words@WORDS_END@);

-- name: firm_search_drop
DELETE FROM firm_search WHERE rowid = :id;

-- name: firm_search_last
-- fans out: while a store is moved, before it is in use
SELECT rowid FROM firm_search ORDER BY rowid DESC LIMIT 1;

-- name: firm_search_clear
-- fans out: while a store is moved, before it is in use
DELETE FROM firm_search;

-- name: firm_by_code
SELECT id, name, site_address, org_path FROM firm WHERE uscc = :uscc ORDER BY id;

-- name: firm_products
SELECT id, firm, kind, applicability, cat1, cat2, product, model, brand, supplier, verify, standard,
    is_mandatory_std, lic_no, lic_org, lic_date, lic_to, lic_forever, lic_scope, ccc_no,
    ccc_parties, ccc_org, ccc_model, ccc_to, sup_lic_no, sup_ccc_no, other_cert, key_catalogue,
    materials, source, version, jseq FROM product WHERE firm = :firm ORDER BY id LIMIT 500;

-- name: firms_products
-- fans out: an export reads the products of several firms of its scope at a time
SELECT id, firm, kind, applicability, cat1, cat2, product, model, brand, supplier, verify, standard,
    is_mandatory_std, lic_no, lic_org, lic_date, lic_to, lic_forever, lic_scope, ccc_no,
    ccc_parties, ccc_org, ccc_model, ccc_to, sup_lic_no, sup_ccc_no, other_cert, key_catalogue,
    materials, source, version, jseq FROM product WHERE firm IN (
    :firm1, :firm2, :firm3, :firm4, :firm5, :firm6, :firm7, :firm8, :firm9, :firm10, :firm11,
    :firm12, :firm13, :firm14, :firm15, :firm16, :firm17, :firm18, :firm19, :firm20, :firm21,
    :firm22, :firm23, :firm24, :firm25, :firm26, :firm27, :firm28, :firm29, :firm30, :firm31,
    :firm32)
    AND kind = :kind ORDER BY firm, id;

-- name: firm_paper_checks
SELECT id, firm, template_version, items, match, note, at, by_name, by_account, jseq
FROM paper_check WHERE firm = :firm ORDER BY id DESC LIMIT 20;

-- name: firm_paper_last
SELECT id, firm, template_version, items, match, note, at, by_name, by_account, jseq
FROM paper_check WHERE firm = :firm ORDER BY id DESC LIMIT 1;

-- name: journal_firm_after
SELECT j.id, j.at, coalesce(a.name, '系统') AS actor_name, j.kind, j.note
FROM journal j LEFT JOIN account a ON a.id = j.actor
WHERE j.firm = :firm AND j.note IS NOT NULL AND j.id > :after ORDER BY j.id LIMIT 300;

-- name: firm_grade_changes
SELECT id, firm, org_path, state, from_grade, to_grade, reason_code, reason, expires, proposed_by,
    proposed_name, proposed_level, proposed_at, decided_by, decided_name, decided_at, opinion,
    version, jseq FROM grade_change WHERE firm = :firm ORDER BY id DESC LIMIT 20;

-- name: grade_change_open
SELECT count(*) FROM grade_change WHERE firm = :firm AND state = 'proposed';

-- name: grade_changes_due
-- fans out: once a minute, over what has run out anywhere
-- The firm is found by its id: looking for the override would read the whole ledger.
SELECT f.id FROM grade_change g @CROSS@ JOIN firm f ON f.id = g.firm AND f.grade_override = g.id
WHERE g.state = 'approved' AND g.expires < :today LIMIT 500;

-- name: firm_day_filed
SELECT count(*) FROM daily WHERE id = :id;

-- name: duty_gap_open
INSERT INTO duty_gap (firm, from_day, to_day) VALUES (:firm, :from_day, 9999999)
ON CONFLICT (firm, from_day) DO UPDATE SET to_day = 9999999;

-- name: duty_gap_close
UPDATE duty_gap SET to_day = :to_day WHERE firm = :firm AND to_day = 9999999;

-- name: duty_gap_covers
SELECT count(*) FROM duty_gap WHERE firm = :firm AND from_day <= :day AND to_day >= :day;

-- name: firm_day_paused
SELECT count(*) FROM suspension WHERE firm = :firm AND void_reason IS NULL AND from_day <= :day
    AND (to_day IS NULL OR to_day >= :day);

-- name: duty_count_add
INSERT INTO duty_count (level, day, path, due, excused, done, late, zero, problem)
VALUES (:level, :day, :path, :due, :excused, :done, :late, :zero, :problem)
ON CONFLICT (level, day, path) DO UPDATE SET due = duty_count.due + excluded.due,
    excused = duty_count.excused + excluded.excused, done = duty_count.done + excluded.done,
    late = duty_count.late + excluded.late, zero = duty_count.zero + excluded.zero,
    problem = duty_count.problem + excluded.problem;

-- name: attachment_of_owner
SELECT id, name, type, size, owner_kind, owner, purpose, taken_at, at, by_name, width, height
FROM attachment WHERE firm = :firm AND owner_kind = :owner_kind AND owner = :owner ORDER BY id;

-- name: attachment_same
SELECT id FROM attachment WHERE firm = :firm AND owner_kind = :owner_kind AND owner = :owner
    AND purpose = :purpose AND sm3 = :sm3 AND by_account = :by_account LIMIT 1;

-- name: attachment_sums
-- fans out: a backup looks at every attachment of the store, from the command line
SELECT id, sm3 FROM attachment ORDER BY id;

-- name: attachment_of_firm
SELECT id, name, type, size, owner_kind, owner, purpose, taken_at, at, by_name, width, height
FROM attachment WHERE firm = :firm ORDER BY id DESC LIMIT 500;

-- name: view_visible
SELECT id, list, name, account, org, spec, version, void_flag, jseq FROM view
WHERE list = :list AND void_flag = 0 AND (account = :account OR org = :org) ORDER BY name, id
LIMIT 200;

-- name: post_holders
-- Who is in post now.
SELECT post, name FROM person WHERE firm = :firm AND to_day IS NULL ORDER BY id LIMIT 200;

-- name: post_last_ends
SELECT post, max(to_day) FROM person WHERE firm = :firm AND to_day IS NOT NULL GROUP BY post;

-- name: post_gap_of_firm
SELECT id, since FROM post_gap WHERE firm = :firm AND id >= :first AND id <= :last ORDER BY id;

-- name: post_gap_put
INSERT INTO post_gap (id, firm, code, since) VALUES (:id, :firm, :code, :since);

-- name: post_gap_drop
DELETE FROM post_gap WHERE id = :id AND firm = :firm;

-- name: post_gap_count_add
INSERT INTO post_gap_count (level, path, principal, director, officer, same_person)
VALUES (:level, :path, :principal, :director, :officer, :same_person)
ON CONFLICT (level, path) DO UPDATE SET principal = post_gap_count.principal + excluded.principal,
    director = post_gap_count.director + excluded.director,
    officer = post_gap_count.officer + excluded.officer,
    same_person = post_gap_count.same_person + excluded.same_person;

-- name: post_gap_count_of
SELECT principal, director, officer, same_person FROM post_gap_count
WHERE level = :level AND path = :path;

-- name: post_gap_count_children
SELECT o.id AS org, o.name AS org_name, o.level, coalesce(n.principal, 0) AS principal,
    coalesce(n.director, 0) AS director, coalesce(n.officer, 0) AS officer,
    coalesce(n.same_person, 0) AS same_person
FROM org o LEFT JOIN post_gap_count n ON n.level = :level AND n.path = o.path
WHERE o.parent = :parent ORDER BY o.path;
-- name: firm_update_facts
-- What no index, counter or grade follows: see feature/ledger/firm_facts.c.
UPDATE firm SET supervisor = :supervisor, supervisor_phone = :supervisor_phone,
    supervisor_since = :supervisor_since, risk_level = :risk_level, mode = :mode,
    credit_class = :credit_class, entry_reason = :entry_reason, rules_status = :rules_status,
    reg_authority = :reg_authority, fill_org = :fill_org, filler = :filler,
    fill_date = :fill_date, remark = :remark, week_mask = :week_mask,
    holidays_off = :holidays_off, updated = :updated, version = :version, jseq = :jseq
WHERE id = :id;

-- name: quality_firms
SELECT firms FROM quality_count WHERE level = :level AND path = :path AND rule = :rule;

-- name: view_default_of
SELECT view FROM view_default WHERE account = :account AND list = :list;

-- name: view_default_put
INSERT INTO view_default (account, list, view) VALUES (:account, :list, :view)
ON CONFLICT (account, list) DO UPDATE SET view = excluded.view;

-- name: view_default_drop
DELETE FROM view_default WHERE account = :account AND list = :list;
