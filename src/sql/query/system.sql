-- Jobs, templates, seals and the audit log as pages see them.

-- name: template_versions
SELECT name, version, title, issuer, state, effective_from, NULL AS body, reason, created
FROM template WHERE name = :name ORDER BY version DESC;

-- name: template_heads
SELECT name, version, title, issuer, state, effective_from, NULL AS body, reason, created
FROM template WHERE state = 'active' ORDER BY name;

-- name: template_view_of
SELECT name, version, title, issuer, state, effective_from, body, reason, created
FROM template WHERE name = :name AND (version = :version OR :version IS NULL AND state = 'active');

-- name: seal_newest
SELECT id, at, first_seq, last_seq, count, head FROM seal
ORDER BY id DESC LIMIT 10;

-- name: audit_page
SELECT j.id, j.at, j.actor, coalesce(a.name, '系统') AS actor_name, j.op, j.kind, j.note, j.via
FROM journal j LEFT JOIN account a ON a.id = j.actor
WHERE j.id < :before AND (j.actor = :actor OR :actor IS NULL) AND (j.op = :op OR :op IS NULL)
ORDER BY j.id DESC LIMIT :limit;
