-- Statements of the engines.

-- name: meta_get
SELECT value FROM meta WHERE key = :key;

-- name: meta_put
INSERT INTO meta (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: meta_drop
DELETE FROM meta WHERE key = :key;

-- name: seq_take
-- Takes a block of ids.
INSERT INTO seq (name, next) VALUES (:name, :count + 1)
ON CONFLICT (name) DO UPDATE SET next = seq.next + :count
RETURNING next;

-- name: journal_last
-- The number of paths on the move comes with it: both are asked at the start of every group.
SELECT coalesce(max(id), 0), (SELECT count(*) FROM path_move) FROM journal;

-- name: journal_last_from
-- The last row, given a number near it; NULL when there is none from there on.
SELECT max(id), (SELECT count(*) FROM path_move) FROM journal WHERE id >= :from;

-- name: journal_add
INSERT INTO journal (id, at, actor, op, kind, ref, firm, digest, note, via, ip, rid)
VALUES (:id, :at, :actor, :op, :kind, :ref, :firm, :digest, :note, :via, :ip, :rid);

-- name: journal_time
-- The first row from a number on.
SELECT id, at FROM journal WHERE id >= :id ORDER BY id LIMIT 1;

-- name: journal_range
SELECT id, at, actor, op, kind, ref, firm, digest, note, via, ip, rid FROM journal
WHERE id > :after ORDER BY id LIMIT :limit;

-- name: journal_at
SELECT id, at, actor, op, kind, ref, firm, digest, note, via, ip, rid FROM journal WHERE id = :id;

-- name: journal_brief
-- What a record's jseq must point at.
SELECT kind, ref, digest FROM journal WHERE id = :id;

-- name: journal_firm_notes
SELECT j.id, j.at, j.actor, coalesce(a.name, '系统') AS actor_name, j.op, j.kind, j.ref, j.note,
    j.via FROM journal j LEFT JOIN account a ON a.id = j.actor
WHERE j.firm = :firm AND j.note IS NOT NULL AND j.id < :before ORDER BY j.id DESC LIMIT :limit;

-- name: journal_about_since
-- Rows about records of a stretch of ids, written behind a number.
SELECT count(*) FROM journal WHERE id > :seen AND kind = :kind AND ref >= :from AND ref < :to;

-- name: retired_all
SELECT id, kind, month, records, at, by_account, by_name, jseq FROM retired ORDER BY id;

-- name: seal_last
SELECT id, first_seq, last_seq, count, at, root, prev, head, key_id, sig FROM seal
ORDER BY id DESC LIMIT 1;

-- name: seal_range
SELECT id, first_seq, last_seq, count, at, root, prev, head, key_id, sig FROM seal
WHERE id > :after ORDER BY id LIMIT :limit;

-- name: seal_add
INSERT INTO seal (id, first_seq, last_seq, count, at, root, prev, head, key_id, sig)
VALUES (:id, :first_seq, :last_seq, :count, :at, :root, :prev, :head, :key_id, :sig);

-- name: idem_get
SELECT op, digest, status, body FROM idem WHERE account = :account AND key = :key;

-- name: idem_put
INSERT INTO idem (account, key, op, digest, status, body, at)
VALUES (:account, :key, :op, :digest, :status, :body, :at);

-- name: idem_sweep
DELETE FROM idem WHERE at < :before;

-- name: throttle_get
SELECT count, since, until FROM throttle WHERE key = :key;

-- name: throttle_put
INSERT INTO throttle (key, count, since, until) VALUES (:key, :count, :since, :until)
ON CONFLICT (key) DO UPDATE SET count = excluded.count, since = excluded.since,
    until = excluded.until;

-- name: throttle_clear
DELETE FROM throttle WHERE key = :key;

-- name: template_active
SELECT id, name, version, title, issuer, state, effective_from, body, reason, created, created_by,
    jseq FROM template WHERE state = 'active' ORDER BY name;

-- name: template_version
SELECT id, name, version, title, issuer, state, effective_from, body, reason, created, created_by,
    jseq FROM template WHERE name = :name AND version = :version;

-- name: template_newest
SELECT id, name, version, title, issuer, state, effective_from, body, reason, created, created_by,
    jseq FROM template WHERE name = :name ORDER BY version DESC LIMIT 1;

-- name: session_find
-- The account's columns as in actor_find.
SELECT a.id, a.login, a.name, a.role, a.org, coalesce(o.path, a.org_path), a.firm, a.state, o.name,
    o.level, s.id, s.csrf, s.seen, s.expires, c.must_change, (SELECT count(*) FROM path_move)
FROM session s JOIN account a ON a.id = s.account LEFT JOIN org o ON o.id = a.org
LEFT JOIN credential c ON c.account = s.account WHERE s.token_hash = :token_hash;

-- name: session_add
INSERT INTO session (id, token_hash, account, csrf, created, seen, expires, ip, agent)
VALUES (:id, :token_hash, :account, :csrf, :created, :seen, :expires, :ip, :agent);

-- name: session_seen
UPDATE session SET seen = :seen WHERE id = :id;

-- name: actor_find
-- The path is the authority's own: it counts at once when the authority moves.
SELECT a.id, a.login, a.name, a.role, a.org, coalesce(o.path, a.org_path), a.firm, a.state, o.name,
    o.level, (SELECT count(*) FROM path_move)
FROM account a LEFT JOIN org o ON o.id = a.org WHERE a.id = :id;

-- name: path_move_count
SELECT count(*) FROM path_move;

-- name: path_move_all
SELECT from_path, to_path, exact FROM path_move ORDER BY length(from_path) DESC, from_path;

-- name: job_add
INSERT INTO job (id, kind, state, account, org_path, firm, title, input, result, message, done,
    total, cancel, created, started, finished)
VALUES (:id, :kind, :state, :account, :org_path, :firm, :title, :input, NULL, NULL, 0, 0, 0,
    :created, NULL, NULL);

-- name: job_get
SELECT id, kind, state, account, org_path, firm, title, input, result, message, done, total, cancel,
    created, started, finished FROM job WHERE id = :id;

-- name: job_running
SELECT id FROM job WHERE state = 'running' ORDER BY id;

-- name: job_state
UPDATE job SET state = :state, result = coalesce(:result, result), message = :message,
    started = coalesce(started, :started), finished = :finished WHERE id = :id;

-- name: job_take
-- Once only: two runners may look at the same moment, and so may who cancels.
UPDATE job SET state = 'running', started = coalesce(started, :started), message = NULL,
    node = :node
WHERE id = :id AND state = 'queued';

-- name: job_held
-- Whether the job is still this program's to run.
SELECT count(*) FROM job WHERE id = :id AND state = 'running' AND node = :node;

-- name: jobs_orphaned
-- Jobs of programs that have not been seen go back to the queue.
UPDATE job SET state = 'queued', node = NULL WHERE state = 'running' AND NOT EXISTS
    (SELECT 1 FROM node n WHERE n.id = job.node AND n.seen >= :since);

-- name: node_seen
INSERT INTO node (id, started, seen) VALUES (:id, :seen, :seen)
ON CONFLICT (id) DO UPDATE SET seen = excluded.seen;

-- name: node_gone
DELETE FROM node WHERE id = :id OR seen < :before;

-- name: node_newest
SELECT coalesce(max(seen), 0) FROM node;

-- name: lease_take
-- Changes a row when the duty is this program's, or nobody's any more.
INSERT INTO lease (name, node, until) VALUES (:name, :node, :until)
ON CONFLICT (name) DO UPDATE SET node = excluded.node, until = excluded.until
WHERE lease.node = excluded.node OR lease.until < :now;

-- name: lease_get
SELECT node, until FROM lease WHERE name = :name;

-- name: job_input
-- What runs, is over or was given up is not queued again.
UPDATE job SET input = :input, state = 'queued', done = 0, total = 0
WHERE id = :id AND state IN ('queued', 'waiting');

-- name: job_progress
UPDATE job SET done = :done, total = :total WHERE id = :id;

-- name: job_cancel
UPDATE job SET cancel = 1, state = CASE WHEN state IN ('queued', 'waiting') THEN 'cancelled'
    ELSE state END, finished = CASE WHEN state IN ('queued', 'waiting') THEN :now ELSE finished END
WHERE id = :id AND state IN ('queued', 'running', 'waiting');

-- name: job_mine
SELECT id, kind, state, account, org_path, firm, title, input, result, message, done, total, cancel,
    created, started, finished FROM job WHERE account = :account AND id < :before
ORDER BY id DESC LIMIT :limit;

-- name: job_queued
SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1000;

-- name: session_sweep
DELETE FROM session WHERE expires < :now;

-- name: jobs_old
-- Finished jobs whose files may go.
SELECT id, kind FROM job WHERE finished IS NOT NULL AND finished < :before AND id > :after
ORDER BY id LIMIT 200;
