-- Organisations and areas.

-- name: org_root_name
SELECT name FROM org WHERE parent IS NULL ORDER BY path LIMIT 1;

-- name: org_view_of
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, coalesce(n.total, 0) AS firms,
    (SELECT count(*) FROM org d WHERE d.parent = o.id) AS children
FROM org o LEFT JOIN firm_count n ON n.level = length(o.path) / 5 AND n.path = o.path
WHERE o.id = :id;

-- name: org_children_of
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, coalesce(n.total, 0) AS firms,
    (SELECT count(*) FROM org d WHERE d.parent = o.id) AS children
FROM org o LEFT JOIN firm_count n ON n.level = length(o.path) / 5 AND n.path = o.path
WHERE o.parent = :parent ORDER BY o.path;

-- name: org_roots
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, coalesce(n.total, 0) AS firms,
    (SELECT count(*) FROM org d WHERE d.parent = o.id) AS children
FROM org o LEFT JOIN firm_count n ON n.level = length(o.path) / 5 AND n.path = o.path
WHERE o.parent IS NULL ORDER BY o.path;

-- name: org_named
-- Search below a path; pattern and code are LIKE patterns escaped with \.
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, coalesce(n.total, 0) AS firms,
    (SELECT count(*) FROM org d WHERE d.parent = o.id) AS children
FROM org o LEFT JOIN firm_count n ON n.level = length(o.path) / 5 AND n.path = o.path
LEFT JOIN area a ON a.code = o.area
WHERE o.path >= :path AND o.path < :end AND (o.name LIKE :pattern ESCAPE '\'
    OR o.short_name LIKE :pattern ESCAPE '\' OR o.area LIKE :code ESCAPE '\'
    OR a.initials LIKE :code ESCAPE '\' OR a.pinyin LIKE :code ESCAPE '\')
ORDER BY o.path LIMIT :limit;

-- name: org_last_child
-- The last segment given below an authority. Numbers that others had once are not given again:
-- paths are kept as facts.
SELECT max(substr(path, length(path) - 4)) FROM (SELECT path FROM org WHERE parent = :parent
    UNION ALL SELECT path FROM org_past WHERE parent = :parent) AS known;

-- name: org_last_root
SELECT max(path) FROM org WHERE parent IS NULL;

-- name: org_open_children
-- Subordinates that are still open after a day.
SELECT count(*) FROM org WHERE parent = :parent AND (valid_to IS NULL OR valid_to > :day);

-- name: org_twin
-- Another open authority of that name under the same parent.
SELECT id FROM org WHERE parent = :parent AND name = :name AND id <> :id
    AND (valid_to IS NULL OR valid_to >= :day) LIMIT 1;

-- name: org_areas_of
SELECT id, org, area, valid_from, valid_to, jseq FROM org_area
WHERE org = :org AND (valid_to IS NULL OR valid_to >= :day) ORDER BY area;

-- name: org_area_names
SELECT s.area, a.name FROM org_area s LEFT JOIN area a ON a.code = s.area
WHERE s.org = :org AND (s.valid_from IS NULL OR s.valid_from <= :day)
    AND (s.valid_to IS NULL OR s.valid_to >= :day) ORDER BY s.area;

-- name: org_serving
-- Authorities that serve an area on a day, the lowest first.
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, o.jseq
FROM org_area s JOIN org o ON o.id = s.org
WHERE s.area = :area AND (s.valid_from IS NULL OR s.valid_from <= :day)
    AND (s.valid_to IS NULL OR s.valid_to >= :day)
    AND (o.valid_from IS NULL OR o.valid_from <= :day)
    AND (o.valid_to IS NULL OR o.valid_to >= :day)
ORDER BY length(o.path) DESC, o.path;

-- name: org_of_area
-- Authorities whose main area it is, the highest first.
SELECT o.id, o.path, o.parent, o.level, o.name, o.short_name, o.area, o.valid_from, o.valid_to,
    o.version, o.jseq
FROM org o WHERE o.area = :area AND (o.valid_from IS NULL OR o.valid_from <= :day)
    AND (o.valid_to IS NULL OR o.valid_to >= :day)
ORDER BY length(o.path), o.path;

-- name: area_get
SELECT code, name, level, parent, kind, statutory, pinyin, initials, valid_from, valid_to
FROM area WHERE code = :code;

-- name: area_put
INSERT INTO area (code, name, level, parent, kind, statutory, pinyin, initials, valid_from,
    valid_to)
VALUES (:code, :name, :level, :parent, :kind, :statutory, :pinyin, :initials, :valid_from,
    :valid_to)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level,
    parent = excluded.parent, kind = excluded.kind, statutory = excluded.statutory,
    pinyin = excluded.pinyin, initials = excluded.initials, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to;

-- name: area_tops
SELECT code, name, level, parent, kind, initials FROM area
WHERE parent IS NULL AND (valid_to IS NULL OR valid_to >= :day) ORDER BY code LIMIT 200;

-- name: area_below
SELECT code, name, level, parent, kind, initials FROM area
WHERE parent = :parent AND (valid_to IS NULL OR valid_to >= :day) ORDER BY code LIMIT 500;

-- name: area_named
-- within: the code without trailing zeros of the area to search in, or ''.
SELECT code, name, level, parent, kind, initials FROM area
WHERE (valid_to IS NULL OR valid_to >= :day) AND code LIKE :within ESCAPE '\'
    AND (name LIKE :pattern ESCAPE '\' OR code LIKE :code ESCAPE '\'
        OR initials LIKE :code ESCAPE '\' OR pinyin LIKE :code ESCAPE '\')
ORDER BY level, code LIMIT 50;
