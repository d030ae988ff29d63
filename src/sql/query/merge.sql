-- Taking a store over into another: what the source is asked (merge_from_…), and the target.

-- name: merge_facts
-- Facts whose keys begin alike.
SELECT key, value FROM meta WHERE key >= :low AND key < :high ORDER BY key;

-- name: merge_nodes
-- Programs that were alive since.
SELECT count(*) FROM node WHERE id <> :id AND seen >= :since;

-- name: merge_orgs
SELECT id, path, parent, level, name, short_name, area, valid_from, valid_to, version, jseq
FROM org ORDER BY path;

-- name: merge_org_areas
-- Areas an authority serves without end.
SELECT area FROM org_area WHERE org = :org AND valid_to IS NULL ORDER BY area;

-- name: merge_areas
SELECT code, name, level, parent, kind, statutory, pinyin, initials, valid_from, valid_to FROM area
ORDER BY code;

-- name: merge_template_same
-- The version of the same content; the same number comes first.
SELECT id, version FROM template WHERE name = :name AND title = :title AND body = :body
ORDER BY CASE WHEN version = :version THEN 0 ELSE 1 END, version LIMIT 1;

-- name: merge_gaps
-- fans out: while a store is read that is taken over
SELECT firm, from_day, to_day FROM duty_gap ORDER BY firm, from_day;

-- name: merge_gap_put
INSERT INTO duty_gap (firm, from_day, to_day) VALUES (:firm, :from_day, :to_day);

-- name: merge_days
SELECT day FROM duty_day ORDER BY day;

-- name: merge_told
-- What histories show, in the order in which it was told.
SELECT id, at, actor, op, kind, ref, firm, digest, note, via, ip, rid FROM journal
WHERE note IS NOT NULL AND firm IS NOT NULL AND id > :after ORDER BY id LIMIT :limit;

-- name: merge_editions
SELECT min(edition), max(edition) FROM risklist WHERE firm = :firm;
