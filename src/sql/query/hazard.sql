-- Hazards.

-- name: hazard_open_count
SELECT count(*) FROM hazard WHERE firm = :firm AND state <> 'closed';

-- name: hazard_of_source
-- What one record, or the versions of one day, opened.
SELECT id, item, what, measure, severity, state, source_ref FROM hazard
WHERE firm = :firm AND source = :source AND source_ref >= :first AND source_ref <= :last
ORDER BY id;

-- name: hazard_notes
-- The history of one hazard, oldest first.
SELECT j.id, j.at, j.actor, coalesce(a.name, '系统') AS actor_name, j.op, j.note, j.via
FROM journal j LEFT JOIN account a ON a.id = j.actor
WHERE j.firm = :firm AND j.note IS NOT NULL AND j.kind = :kind AND j.ref = :ref
ORDER BY j.id LIMIT 500;
