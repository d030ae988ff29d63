-- Filling a new store.

-- name: area_level
SELECT code, name, parent, kind, statutory FROM area WHERE level = :level ORDER BY code;

-- name: setup_org_of
SELECT id, path, level, name FROM org WHERE area = :area ORDER BY level LIMIT 1;

-- name: setup_orgs_under
-- Stations with their townships and counties, below an area code.
SELECT o.id, o.path, o.area, o.name, a.name AS town, p.name AS county
FROM org o JOIN area a ON a.code = o.area JOIN area p ON p.code = a.parent
WHERE o.level = 4 AND o.area >= :low AND o.area < :high ORDER BY o.path;
