-- Survey campaigns.

-- name: campaigns_newest
SELECT id, org, org_path, title, doc_no, kinds, areas, paths, forms, att2_version, att3_version,
    from_day, due_day, prio_day, note, state, close_reason, at, by_account, by_name, version, jseq
FROM campaign ORDER BY id DESC LIMIT 200;

-- name: campaign_date_above
-- The nearest authority above a path that set dates; path1 … path3 are its heads.
SELECT due_day, prio_day, set_day FROM campaign_date
WHERE campaign = :campaign AND org_path IN (:path1, :path2, :path3)
ORDER BY org_path DESC LIMIT 1;

-- name: campaign_date_of
SELECT id, campaign, org, org_path, due_day, prio_day, upper_due, upper_prio, reason, set_day, at,
    by_account, by_name, version, jseq
FROM campaign_date WHERE campaign = :campaign AND org_path = :path;

-- name: campaign_dates_seen
-- Dates set in a subtree and on the way up from it.
SELECT d.org, o.name AS org_name, o.level, d.due_day, d.prio_day, d.upper_due, d.upper_prio,
    d.reason, d.set_day, d.by_name, d.at
FROM campaign_date d JOIN org o ON o.id = d.org
WHERE d.campaign = :campaign AND (d.org_path >= :path AND d.org_path < :end
    OR d.org_path IN (:path1, :path2, :path3))
ORDER BY d.org_path LIMIT 500;

-- name: campaign_count_add
INSERT INTO campaign_count (level, campaign, path, total, pending, in_scope, out_scope, not_found,
    on_file, admitted, prio, prio_pending, prio_on_file)
VALUES (:level, :campaign, :path, :total, :pending, :in_scope, :out_scope, :not_found, :on_file,
    :admitted, :prio, :prio_pending, :prio_on_file)
ON CONFLICT (level, campaign, path) DO UPDATE SET total = campaign_count.total + excluded.total,
    pending = campaign_count.pending + excluded.pending,
    in_scope = campaign_count.in_scope + excluded.in_scope,
    out_scope = campaign_count.out_scope + excluded.out_scope,
    not_found = campaign_count.not_found + excluded.not_found,
    on_file = campaign_count.on_file + excluded.on_file,
    admitted = campaign_count.admitted + excluded.admitted,
    prio = campaign_count.prio + excluded.prio,
    prio_pending = campaign_count.prio_pending + excluded.prio_pending,
    prio_on_file = campaign_count.prio_on_file + excluded.prio_on_file;

-- name: campaign_count_clear
DELETE FROM campaign_count WHERE campaign = :campaign;

-- name: campaign_count_of
SELECT o.id AS org, o.name AS org_name, o.level, coalesce(n.total, 0) AS total,
    coalesce(n.pending, 0) AS pending, coalesce(n.in_scope, 0) AS in_scope,
    coalesce(n.out_scope, 0) AS out_scope, coalesce(n.not_found, 0) AS not_found,
    coalesce(n.on_file, 0) AS on_file, coalesce(n.admitted, 0) AS admitted,
    coalesce(n.prio, 0) AS prio, coalesce(n.prio_pending, 0) AS prio_pending,
    coalesce(n.prio_on_file, 0) AS prio_on_file
FROM org o LEFT JOIN campaign_count n ON n.level = :level AND n.campaign = :campaign
    AND n.path = o.path
WHERE o.path = :path;

-- name: campaign_count_children
-- No order but that of the tree: figures tell what is left to do, they rank nobody.
SELECT o.id AS org, o.name AS org_name, o.level, coalesce(n.total, 0) AS total,
    coalesce(n.pending, 0) AS pending, coalesce(n.in_scope, 0) AS in_scope,
    coalesce(n.out_scope, 0) AS out_scope, coalesce(n.not_found, 0) AS not_found,
    coalesce(n.on_file, 0) AS on_file, coalesce(n.admitted, 0) AS admitted,
    coalesce(n.prio, 0) AS prio, coalesce(n.prio_pending, 0) AS prio_pending,
    coalesce(n.prio_on_file, 0) AS prio_on_file
FROM org o LEFT JOIN campaign_count n ON n.level = :level AND n.campaign = :campaign
    AND n.path = o.path
WHERE o.parent = :parent ORDER BY o.path;

-- name: candidate_firm_state
SELECT state, name FROM firm WHERE id = :firm;

-- name: candidates_of_firm
SELECT id, campaign, org, org_path, p2, p3, town, name, py, uscc, address, kind, sources, source_no,
    reasons, prio, rank, firm, matched, state, why, note, ticked_at, ticked_by, ticked_name, at,
    by_account, version, jseq
FROM candidate WHERE firm = :firm;

-- name: candidates_counted
-- For making the counters anew, for a whole campaign.
SELECT f.state AS firm_state, k.campaign, k.org_path, k.prio, k.firm, k.state
FROM candidate k LEFT JOIN firm f ON f.id = k.firm WHERE k.campaign = :campaign;

-- name: candidate_firm_coded
-- A code stands once in the whole store; its path tells whether the asker may know.
SELECT id, org_path AS place, town FROM firm WHERE uscc = :uscc ORDER BY id LIMIT 50;

-- name: candidate_firm_named
-- The township is known by its code; the path tells whether the asker may know.
SELECT id, org_path AS place, town FROM firm WHERE name = :name AND town = :town ORDER BY id LIMIT 5;

-- name: candidate_same
-- The candidate of that code, or of that name and township.
SELECT id, name, org_path FROM candidate WHERE campaign = :campaign AND uscc = :uscc
UNION ALL
SELECT id, name, org_path FROM candidate WHERE campaign = :campaign AND name = :name
    AND town = :town
LIMIT 1;

-- name: candidate_areas
SELECT code, name, parent, level FROM area WHERE level <= 4 AND (valid_to IS NULL OR valid_to >= :day)
ORDER BY code;

-- name: submission_newest
SELECT s.id, s.campaign, s.org, s.org_path, s.to_org, s.edition, s.state, s.due_day, s.late, s.as_of,
    s.firms, s.rows2, s.rows3, s.file2, s.file3, s.digest, s.note, s.job, s.sent_at, s.decided_at,
    s.decided_name, s.reason, s.at, s.by_account, s.by_name, s.version, s.jseq, j.state AS job_state
FROM campaign_submission s LEFT JOIN job j ON j.id = s.job
WHERE s.campaign = :campaign AND s.org = :org AND s.state <> 'void'
ORDER BY s.edition DESC LIMIT 1;

-- name: submission_last_edition
SELECT coalesce(max(edition), 0) FROM campaign_submission WHERE campaign = :campaign AND org = :org;

-- name: submissions_of
SELECT id, campaign, org, org_path, to_org, edition, state, due_day, late, as_of, firms, rows2, rows3,
    file2, file3, digest, note, job, sent_at, decided_at, decided_name, reason, at, by_account,
    by_name, version, jseq
FROM campaign_submission WHERE campaign = :campaign AND org = :org ORDER BY edition DESC LIMIT 100;

-- name: submissions_making
SELECT o.name FROM campaign_submission s JOIN org o ON o.id = s.org JOIN job j ON j.id = s.job
WHERE s.campaign = :campaign AND s.state = 'making' AND j.state IN ('queued', 'running')
ORDER BY s.org_path LIMIT 20;

-- name: report_rows
-- The level below with what each sent last.
SELECT o.id AS org, o.name AS org_name, o.path AS org_path, s.id AS submission, s.edition, s.state,
    s.due_day, s.late, s.sent_at, s.reason, s.firms, s.version
FROM org o LEFT JOIN campaign_submission s ON s.campaign = :campaign AND s.org = o.id
    AND s.edition = (SELECT max(x.edition) FROM campaign_submission x
        WHERE x.campaign = :campaign AND x.org = o.id AND x.state NOT IN ('void', 'making'))
WHERE o.parent = :parent AND (o.valid_to IS NULL OR o.valid_to >= :day) ORDER BY o.path;
