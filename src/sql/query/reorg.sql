-- Changes of the tree of authorities and of areas, and hand-overs.

-- name: move_firm_count
-- The counters of one depth below a path go below another.
INSERT INTO firm_count (level, path, total, draft, submitted, reviewed, admitted, returned,
    abnormal, producer, seller, grade_a, grade_b, grade_c, grade_d, provisional) SELECT n.level +
    :deeper, (:to || substr(n.path, :cut)), n.total, n.draft, n.submitted, n.reviewed, n.admitted,
    n.returned, n.abnormal, n.producer, n.seller, n.grade_a, n.grade_b, n.grade_c, n.grade_d,
    n.provisional
FROM firm_count n
WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, path) DO UPDATE SET total = firm_count.total + excluded.total, draft =
    firm_count.draft + excluded.draft, submitted = firm_count.submitted + excluded.submitted,
    reviewed = firm_count.reviewed + excluded.reviewed, admitted = firm_count.admitted +
    excluded.admitted, returned = firm_count.returned + excluded.returned, abnormal =
    firm_count.abnormal + excluded.abnormal, producer = firm_count.producer + excluded.producer,
    seller = firm_count.seller + excluded.seller, grade_a = firm_count.grade_a + excluded.grade_a,
    grade_b = firm_count.grade_b + excluded.grade_b, grade_c = firm_count.grade_c +
    excluded.grade_c, grade_d = firm_count.grade_d + excluded.grade_d, provisional =
    firm_count.provisional + excluded.provisional;

-- name: move_firm_count_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO firm_count (level, path, total, draft, submitted, reviewed, admitted, returned,
    abnormal, producer, seller, grade_a, grade_b, grade_c, grade_d, provisional) SELECT :to_level,
    :to, :sign * n.total, :sign * n.draft, :sign * n.submitted, :sign * n.reviewed, :sign *
    n.admitted, :sign * n.returned, :sign * n.abnormal, :sign * n.producer, :sign * n.seller,
    :sign * n.grade_a, :sign * n.grade_b, :sign * n.grade_c, :sign * n.grade_d, :sign *
    n.provisional
FROM firm_count n
WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, path) DO UPDATE SET total = firm_count.total + excluded.total, draft =
    firm_count.draft + excluded.draft, submitted = firm_count.submitted + excluded.submitted,
    reviewed = firm_count.reviewed + excluded.reviewed, admitted = firm_count.admitted +
    excluded.admitted, returned = firm_count.returned + excluded.returned, abnormal =
    firm_count.abnormal + excluded.abnormal, producer = firm_count.producer + excluded.producer,
    seller = firm_count.seller + excluded.seller, grade_a = firm_count.grade_a + excluded.grade_a,
    grade_b = firm_count.grade_b + excluded.grade_b, grade_c = firm_count.grade_c +
    excluded.grade_c, grade_d = firm_count.grade_d + excluded.grade_d, provisional =
    firm_count.provisional + excluded.provisional;

-- name: move_firm_count_drop
DELETE FROM firm_count WHERE level = :level AND path >= :from AND path < :end;

-- name: move_duty_stock
-- The counters of one depth below a path go below another.
INSERT INTO duty_stock (level, path, pattern, firms) SELECT n.level + :deeper, (:to ||
    substr(n.path, :cut)), n.pattern, n.firms
FROM duty_stock n
WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, path, pattern) DO UPDATE SET firms = duty_stock.firms + excluded.firms;

-- name: move_duty_stock_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO duty_stock (level, path, pattern, firms) SELECT :to_level, :to, n.pattern, :sign *
    n.firms
FROM duty_stock n
WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, path, pattern) DO UPDATE SET firms = duty_stock.firms + excluded.firms;

-- name: move_duty_stock_drop
DELETE FROM duty_stock WHERE level = :level AND path >= :from AND path < :end;

-- name: move_duty_count
-- The counters of one depth below a path go below another.
INSERT INTO duty_count (level, day, path, due, excused, done, late, zero, problem) SELECT n.level
    + :deeper, n.day, (:to || substr(n.path, :cut)), n.due, n.excused, n.done, n.late, n.zero,
    n.problem
FROM duty_day d @CROSS@ JOIN duty_count n ON n.day = d.day
WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, day, path) DO UPDATE SET due = duty_count.due + excluded.due, excused =
    duty_count.excused + excluded.excused, done = duty_count.done + excluded.done, late =
    duty_count.late + excluded.late, zero = duty_count.zero + excluded.zero, problem =
    duty_count.problem + excluded.problem;

-- name: move_duty_count_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO duty_count (level, day, path, due, excused, done, late, zero, problem) SELECT
    :to_level, n.day, :to, :sign * n.due, :sign * n.excused, :sign * n.done, :sign * n.late, :sign
    * n.zero, :sign * n.problem
FROM duty_day d @CROSS@ JOIN duty_count n ON n.day = d.day
WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, day, path) DO UPDATE SET due = duty_count.due + excluded.due, excused =
    duty_count.excused + excluded.excused, done = duty_count.done + excluded.done, late =
    duty_count.late + excluded.late, zero = duty_count.zero + excluded.zero, problem =
    duty_count.problem + excluded.problem;

-- name: move_duty_count_drop
DELETE FROM duty_count WHERE level = :level AND path >= :from AND path < :end AND day IN
    (SELECT day FROM duty_day);

-- name: move_post_gap_count
-- The counters of one depth below a path go below another.
INSERT INTO post_gap_count (level, path, principal, director, officer, same_person) SELECT
    n.level + :deeper, (:to || substr(n.path, :cut)), n.principal, n.director, n.officer,
    n.same_person
FROM post_gap_count n WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, path) DO UPDATE SET principal = post_gap_count.principal +
    excluded.principal, director = post_gap_count.director + excluded.director, officer =
    post_gap_count.officer + excluded.officer, same_person = post_gap_count.same_person +
    excluded.same_person;

-- name: move_post_gap_count_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO post_gap_count (level, path, principal, director, officer, same_person) SELECT
    :to_level, :to, :sign * n.principal, :sign * n.director, :sign * n.officer, :sign *
    n.same_person
FROM post_gap_count n WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, path) DO UPDATE SET principal = post_gap_count.principal +
    excluded.principal, director = post_gap_count.director + excluded.director, officer =
    post_gap_count.officer + excluded.officer, same_person = post_gap_count.same_person +
    excluded.same_person;

-- name: move_post_gap_count_drop
DELETE FROM post_gap_count WHERE level = :level AND path >= :from AND path < :end;

-- name: move_campaign_count
-- The counters of one depth below a path go below another.
INSERT INTO campaign_count (level, campaign, path, total, pending, in_scope, out_scope,
    not_found, on_file, admitted, prio, prio_pending, prio_on_file) SELECT n.level + :deeper,
    n.campaign, (:to || substr(n.path, :cut)), n.total, n.pending, n.in_scope, n.out_scope,
    n.not_found, n.on_file, n.admitted, n.prio, n.prio_pending, n.prio_on_file
FROM campaign_count n WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, campaign, path) DO UPDATE SET total = campaign_count.total + excluded.total,
    pending = campaign_count.pending + excluded.pending, in_scope = campaign_count.in_scope +
    excluded.in_scope, out_scope = campaign_count.out_scope + excluded.out_scope, not_found =
    campaign_count.not_found + excluded.not_found, on_file = campaign_count.on_file +
    excluded.on_file, admitted = campaign_count.admitted + excluded.admitted, prio =
    campaign_count.prio + excluded.prio, prio_pending = campaign_count.prio_pending +
    excluded.prio_pending, prio_on_file = campaign_count.prio_on_file + excluded.prio_on_file;

-- name: move_campaign_count_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO campaign_count (level, campaign, path, total, pending, in_scope, out_scope,
    not_found, on_file, admitted, prio, prio_pending, prio_on_file) SELECT :to_level,
    n.campaign, :to, :sign * n.total, :sign * n.pending, :sign * n.in_scope, :sign *
    n.out_scope, :sign * n.not_found, :sign * n.on_file, :sign * n.admitted, :sign * n.prio,
    :sign * n.prio_pending, :sign * n.prio_on_file
FROM campaign_count n WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, campaign, path) DO UPDATE SET total = campaign_count.total + excluded.total,
    pending = campaign_count.pending + excluded.pending, in_scope = campaign_count.in_scope +
    excluded.in_scope, out_scope = campaign_count.out_scope + excluded.out_scope, not_found =
    campaign_count.not_found + excluded.not_found, on_file = campaign_count.on_file +
    excluded.on_file, admitted = campaign_count.admitted + excluded.admitted, prio =
    campaign_count.prio + excluded.prio, prio_pending = campaign_count.prio_pending +
    excluded.prio_pending, prio_on_file = campaign_count.prio_on_file + excluded.prio_on_file;

-- name: move_campaign_count_drop
DELETE FROM campaign_count WHERE level = :level AND path >= :from AND path < :end;

-- name: move_tell_stock
-- The counters of one depth below a path go below another.
INSERT INTO tell_stock (level, path, total, producer, seller) SELECT n.level + :deeper, (:to ||
    substr(n.path, :cut)), n.total, n.producer, n.seller
FROM tell_stock n WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, path) DO UPDATE SET total = tell_stock.total + excluded.total, producer =
    tell_stock.producer + excluded.producer, seller = tell_stock.seller + excluded.seller;

-- name: move_tell_stock_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO tell_stock (level, path, total, producer, seller) SELECT :to_level, :to, :sign *
    n.total, :sign * n.producer, :sign * n.seller
FROM tell_stock n WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, path) DO UPDATE SET total = tell_stock.total + excluded.total, producer =
    tell_stock.producer + excluded.producer, seller = tell_stock.seller + excluded.seller;

-- name: move_tell_stock_drop
DELETE FROM tell_stock WHERE level = :level AND path >= :from AND path < :end;

-- name: move_tell_count
-- The counters of one depth below a path go below another.
INSERT INTO tell_count (level, notice, path, reached, receipt, visit, paper, phone) SELECT
    n.level + :deeper, n.notice, (:to || substr(n.path, :cut)), n.reached, n.receipt, n.visit,
    n.paper, n.phone
FROM tell_count n WHERE n.level = :level AND n.path >= :from AND n.path < :end
ON CONFLICT (level, notice, path) DO UPDATE SET reached = tell_count.reached + excluded.reached,
    receipt = tell_count.receipt + excluded.receipt, visit = tell_count.visit + excluded.visit,
    paper = tell_count.paper + excluded.paper, phone = tell_count.phone + excluded.phone;

-- name: move_tell_count_up
-- What stands at a path is added to (sign 1) or taken from (-1) an authority above.
INSERT INTO tell_count (level, notice, path, reached, receipt, visit, paper, phone) SELECT
    :to_level, n.notice, :to, :sign * n.reached, :sign * n.receipt, :sign * n.visit, :sign *
    n.paper, :sign * n.phone
FROM tell_count n WHERE n.level = :level AND n.path = :from
ON CONFLICT (level, notice, path) DO UPDATE SET reached = tell_count.reached + excluded.reached,
    receipt = tell_count.receipt + excluded.receipt, visit = tell_count.visit + excluded.visit,
    paper = tell_count.paper + excluded.paper, phone = tell_count.phone + excluded.phone;

-- name: move_tell_count_drop
DELETE FROM tell_count WHERE level = :level AND path >= :from AND path < :end;

-- name: path_move_add
INSERT INTO path_move (change, seq, from_path, to_path, exact)
VALUES (:change, :seq, :from_path, :to_path, :exact);

-- name: path_move_drop
DELETE FROM path_move WHERE change = :change;

-- name: path_move_of
SELECT from_path, to_path, exact FROM path_move WHERE change = :change
ORDER BY length(from_path) DESC, from_path;

-- name: org_past_add
INSERT INTO org_past (path, org, parent, name, to_day, change)
VALUES (:path, :org, :parent, :name, :to_day, :change)
ON CONFLICT (path) DO NOTHING;

-- name: org_successor_put
INSERT INTO org_successor (org, successor, from_day, change)
VALUES (:org, :successor, :from_day, :change)
ON CONFLICT (org) DO UPDATE SET successor = excluded.successor, from_day = excluded.from_day,
    change = excluded.change;

-- name: org_successor_on
-- Who stood behind a closed authority now stands behind its successor.
UPDATE org_successor SET successor = :successor WHERE successor = :org;

-- name: org_below
-- An authority and all below it, the lowest last.
SELECT id, path, parent, level, name, short_name, area, valid_from, valid_to, version, jseq
FROM org WHERE path >= :path AND path < :end ORDER BY path;

-- name: org_direct
SELECT id, path, parent, level, name, short_name, area, valid_from, valid_to, version, jseq
FROM org WHERE parent = :parent ORDER BY path;

-- name: org_areas_all
SELECT id, org, area, valid_from, valid_to, jseq FROM org_area
WHERE org = :org AND (valid_to IS NULL OR valid_to >= :day) ORDER BY area, id;

-- name: org_areas_served
SELECT id, org, area, valid_from, valid_to, jseq FROM org_area
WHERE area = :area AND (valid_to IS NULL OR valid_to >= :day) ORDER BY org, id;

-- name: reorg_firms
-- The next firms below a path that is being left; whoever is rewritten leaves the range.
SELECT f.* FROM firm f WHERE f.org_path >= :path AND f.org_path < :end
ORDER BY f.org_path, f.id LIMIT :limit;

-- name: reorg_town_firms
SELECT f.* FROM firm f WHERE f.org_path = :path AND f.town = :town ORDER BY f.id LIMIT :limit;

-- name: reorg_accounts
SELECT id, login, name, role, org, org_path, firm, state, phone, phone_idx, created, created_by,
    version, jseq FROM account WHERE org_path >= :path AND org_path < :end
ORDER BY org_path, id LIMIT :limit;

-- name: reorg_twin
SELECT t.* FROM twin t WHERE t.path >= :path AND t.path < :end ORDER BY t.path, t.id LIMIT :limit;

-- name: reorg_transfer_from
SELECT t.* FROM transfer t WHERE t.from_path >= :path AND t.from_path < :end ORDER BY t.from_path, t.id LIMIT :limit;

-- name: reorg_transfer_to
SELECT t.* FROM transfer t WHERE t.to_path >= :path AND t.to_path < :end ORDER BY t.to_path, t.id LIMIT :limit;

-- name: reorg_delegation_from
SELECT t.* FROM delegation t WHERE t.from_path >= :path AND t.from_path < :end ORDER BY t.from_path, t.id LIMIT :limit;

-- name: reorg_delegation_to
SELECT t.* FROM delegation t WHERE t.to_path >= :path AND t.to_path < :end ORDER BY t.to_path, t.id LIMIT :limit;

-- name: reorg_campaign
SELECT t.* FROM campaign t WHERE t.org_path >= :path AND t.org_path < :end ORDER BY t.org_path, t.id LIMIT :limit;

-- name: reorg_campaign_date
SELECT t.* FROM campaign_date t WHERE t.org_path >= :path AND t.org_path < :end ORDER BY t.org_path, t.id LIMIT :limit;

-- name: reorg_campaign_submission
SELECT t.* FROM campaign_submission t WHERE t.org_path >= :path AND t.org_path < :end ORDER BY t.org_path, t.id LIMIT :limit;

-- name: reorg_notice
SELECT t.* FROM notice t WHERE t.org_path >= :path AND t.org_path < :end ORDER BY t.org_path, t.id LIMIT :limit;

-- name: reorg_notice_send
SELECT t.* FROM notice_send t WHERE t.org_path >= :path AND t.org_path < :end ORDER BY t.org_path, t.id LIMIT :limit;

-- name: reorg_question
SELECT t.* FROM question t WHERE t.first_path >= :path AND t.first_path < :end ORDER BY t.first_path, t.id LIMIT :limit;

-- name: reorg_candidate
-- The candidates below a path, campaign by campaign.
SELECT d.* FROM campaign p @CROSS@ JOIN candidate d ON d.campaign = p.id
WHERE d.org_path >= :path AND d.org_path < :end
ORDER BY d.campaign, d.org_path, d.id LIMIT :limit;

-- name: reorg_question_org
SELECT t.* FROM question t WHERE t.org = :org AND t.state <> 'closed' ORDER BY t.id LIMIT :limit;

-- name: reorg_campaigns
SELECT t.* FROM campaign t WHERE t.state = 'open' ORDER BY t.id;

-- name: reorg_views
SELECT id, list, name, account, org, spec, version, void_flag, jseq FROM view
WHERE org = :org AND void_flag = 0 ORDER BY id;

-- name: reorg_numbers
-- What stands below a path: counted when a change is looked at beforehand.
SELECT (SELECT count(*) FROM org o WHERE o.path > :path AND o.path < :end
        AND (o.valid_to IS NULL OR o.valid_to >= :day)),
    (SELECT count(*) FROM account a WHERE a.org_path >= :path AND a.org_path < :end
        AND a.firm IS NULL AND a.state <> 'disabled'),
    (SELECT count(*) FROM account a WHERE a.org_path >= :path AND a.org_path < :end
        AND a.firm IS NOT NULL),
    (SELECT count(*) FROM firm f @CROSS@ JOIN hazard h ON h.firm = f.id WHERE h.state <> 'closed'
        AND f.org_path >= :path AND f.org_path < :end),
    (SELECT count(*) FROM grade_change g WHERE g.state = 'proposed' AND EXISTS (SELECT 1 FROM firm f
        WHERE f.id = g.firm AND f.org_path >= :path AND f.org_path < :end)),
    (SELECT count(*) FROM firm f WHERE f.state IN ('submitted', 'reviewed')
        AND f.org_path >= :path AND f.org_path < :end),
    (SELECT count(*) FROM view v JOIN org o ON o.id = v.org WHERE v.void_flag = 0
        AND o.path >= :path AND o.path < :end),
    (SELECT count(*) FROM firm f WHERE f.org_path >= :path AND f.org_path < :end);

-- name: reorg_town_count
SELECT count(*) FROM firm f WHERE f.org_path = :path AND f.town = :town;

-- name: org_change_open
-- A change of this authority that is not over.
SELECT count(*) FROM org_change WHERE (org = :org OR target = :org)
    AND state IN ('planned', 'moving');

-- name: org_change_past
SELECT path FROM org_past WHERE org = :org AND change = :change;

-- name: org_change_moving
SELECT count(*) FROM org_change WHERE state = 'moving' AND id <> :id;

-- name: org_changes_due
SELECT id FROM org_change WHERE state IN ('planned', 'moving') AND day <= :today ORDER BY day, id
LIMIT 20;

-- name: area_changes_due
SELECT id FROM area_change WHERE state IN ('planned', 'moving') AND day <= :today ORDER BY day, id
LIMIT 20;

-- name: job_alive
SELECT count(*) FROM job WHERE id = :id AND state IN ('queued', 'running');

-- name: job_how_far
SELECT state, done, total, message FROM job WHERE id = :id;

-- name: org_history_of
-- What an authority was called and where it stood, who became part of it, what became of it.
SELECT c.id AS change, c.kind, c.state, c.org, c.org_name, c.target, c.target_name, c.day, c.doc_no,
    c.reason, c.by_name, c.done_at
FROM org_change c WHERE c.state IN ('done', 'moving', 'planned')
    AND (c.org = :org OR c.target = :org) ORDER BY c.day DESC, c.id DESC LIMIT 200;

-- name: org_successor_name
SELECT o.id, o.name, s.from_day FROM org_successor s JOIN org o ON o.id = s.successor
WHERE s.org = :org;

-- name: area_firms
-- fans out: a closed area's firms, by the index of townships
SELECT f.* FROM firm f WHERE f.town = :town ORDER BY f.id LIMIT :limit;

-- name: area_firm_count
-- fans out: a closed area's firms, by the index of townships
SELECT count(*) FROM firm WHERE town = :town;

-- name: area_open_below
SELECT count(*) FROM area WHERE parent = :code AND (valid_to IS NULL OR valid_to >= :day);

-- name: area_below_on
UPDATE area SET parent = :successor WHERE parent = :code AND level > 4;

-- name: area_twin
SELECT count(*) FROM area WHERE parent = :parent AND name = :name AND code <> :code
    AND (valid_to IS NULL OR valid_to >= :day);

-- name: area_history
SELECT id, kind, state, code, name, old_name, parent, old_parent, successor, day, doc_no, reason,
    firms, message, at, by_name FROM area_change
WHERE (code = :code OR successor = :code) AND state = 'done' ORDER BY day DESC, id DESC LIMIT 100;

-- name: handover_firms
-- Firms below a path that name this person as their supervisor.
SELECT f.id, f.name, f.supervisor_since, (SELECT count(*) FROM hazard h WHERE h.firm = f.id
    AND h.state <> 'closed') AS hazards
FROM firm f WHERE f.org_path >= :path AND f.org_path < :end AND f.supervisor = :name
ORDER BY f.id LIMIT :limit;

-- name: handover_views
SELECT id, name, list FROM view WHERE account = :account AND void_flag = 0 AND org IS NOT NULL
ORDER BY name, id LIMIT 500;

-- name: handover_proposals
SELECT count(*) FROM grade_change WHERE state = 'proposed' AND org_path >= :path
    AND org_path < :end AND proposed_by = :account;

-- name: handover_stays
-- What an authority, not one of its people, still has to do: tasks handed out and taken on that are
-- not closed, and questions to be answered.
SELECT (SELECT count(*) FROM delegation WHERE from_path = :path AND state IN ('open', 'answered'))
    + (SELECT count(*) FROM delegation WHERE to_path = :path AND state = 'open') AS delegations,
    (SELECT count(*) FROM question WHERE org = :org AND state = 'open' AND kind = 'question')
    AS questions;

-- name: handover_people
-- Officials below a path by name or login.
SELECT a.id, a.name, a.login, a.org, o.name AS org_name FROM account a JOIN org o ON o.id = a.org
WHERE a.org_path >= :path AND a.org_path < :end AND a.firm IS NULL AND a.state = 'active'
    AND (a.name LIKE :pattern OR a.login LIKE :pattern OR o.name LIKE :pattern)
ORDER BY length(o.path), o.path, a.id LIMIT 50;

-- name: handover_open_of
SELECT count(*) FROM handover WHERE giver = :giver AND state = 'open';

-- part: handover_mine
(x.giver = :me OR x.by_account = :me OR x.id IN (SELECT p.handover FROM handover_part p
    WHERE p.taker = :me))

-- name: handover_parts
SELECT id, handover, taker, taker_name, state, firms, views, firm_count, view_count, hazard_count,
    note, answered_at, version, jseq FROM handover_part WHERE handover = :handover ORDER BY id;

-- name: account_person
SELECT a.id, a.name, a.login, a.role, a.state, a.org, o.name AS org_name, o.path
FROM account a JOIN org o ON o.id = a.org WHERE a.id = :id AND a.firm IS NULL;
