-- Data quality.

-- name: quality_count_add
INSERT INTO quality_count (level, rule, path, firms) VALUES (:level, :rule, :path, :firms)
ON CONFLICT (level, path, rule) DO UPDATE SET firms = quality_count.firms + excluded.firms;

-- name: quality_hits_of
SELECT firm, rule, org_path FROM quality_hit WHERE firm >= :first AND firm <= :last
ORDER BY firm, rule;

-- name: quality_hit_add
INSERT INTO quality_hit (rule, firm, org_path, since) VALUES (:rule, :firm, :org_path, :since);

-- name: quality_hit_drop
DELETE FROM quality_hit WHERE rule = :rule AND firm = :firm;

-- name: quality_people
-- fans out: the people of a run of firms, while the whole ledger is checked
SELECT firm, post, phone_idx FROM person WHERE firm >= :first AND firm <= :last
    AND (to_day IS NULL OR to_day >= :today) ORDER BY firm;

-- name: quality_products
-- fans out: the products of a run of firms, while the whole ledger is checked
SELECT firm, count(*), coalesce(sum(CASE WHEN lic_to < :today AND coalesce(lic_forever, 0) = 0
    THEN 1 ELSE 0 END), 0) FROM product WHERE firm >= :first AND firm <= :last
GROUP BY firm ORDER BY firm;

-- name: quality_told
-- fans out: what a run of firms told and nobody has looked at, while the whole ledger is checked
SELECT firm FROM site WHERE checked = 0 AND firm >= :first AND firm <= :last
    AND (to_day IS NULL OR to_day >= :today)
UNION ALL SELECT firm FROM firm_doc WHERE checked = 0 AND firm >= :first AND firm <= :last
    AND void_reason IS NULL
UNION ALL SELECT firm FROM supplier WHERE checked = 0 AND firm >= :first AND firm <= :last
    AND (to_day IS NULL OR to_day >= :today)
UNION ALL SELECT firm FROM assessment WHERE checked = 0 AND firm >= :first AND firm <= :last
    AND void_reason IS NULL
UNION ALL SELECT firm FROM person WHERE checked = 0 AND firm >= :first AND firm <= :last
    AND (to_day IS NULL OR to_day >= :today);

-- name: quality_phones
-- fans out: once for a check of the whole ledger
SELECT phone_idx FROM person WHERE phone_idx IS NOT NULL AND (to_day IS NULL OR to_day >= :today)
GROUP BY phone_idx HAVING count(DISTINCT firm) > :limit;

-- name: quality_codes
-- fans out: once for a check of the whole ledger
SELECT uscc FROM firm WHERE uscc IS NOT NULL GROUP BY uscc HAVING count(*) > 1;

-- name: quality_firm_total
-- fans out: progress of a check of the whole ledger
SELECT coalesce(sum(total), 0) FROM firm_count WHERE level = 1;

-- name: quality_changed
-- by the kinds whose rows the rules look at: firm, product, person, site, firm_doc, supplier, assessment
SELECT id, firm FROM journal WHERE id > :after AND id <= :last AND firm IS NOT NULL
    AND kind IN (10, 11, 12, 31, 32, 33, 34) ORDER BY id LIMIT :limit;

-- name: quality_own
SELECT rule, firms FROM quality_count WHERE level = :level AND path = :path ORDER BY rule;

-- name: quality_children
SELECT o.id, o.name, o.level, coalesce(t.total, 0), n.rule, n.firms FROM org o
LEFT JOIN firm_count t ON t.level = :level AND t.path = o.path
LEFT JOIN quality_count n ON n.level = :level AND n.path = o.path AND n.firms > 0
WHERE o.parent = :parent ORDER BY o.path, n.rule;
