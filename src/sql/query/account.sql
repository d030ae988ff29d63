-- Accounts, their secrets and their sessions.

-- name: account_id_of
SELECT id FROM account WHERE login = :login;

-- name: account_view_of
SELECT a.id, a.login, a.name, a.role, a.org, o.name AS org_name, a.firm, a.state,
    k.must_change, k.locked_until, k.last_login, a.created, a.version
FROM account a LEFT JOIN org o ON o.id = a.org LEFT JOIN credential k ON k.account = a.id
WHERE a.id = :id;

-- name: account_changed_at
-- When the account itself was last granted or changed (for the rule about unused accounts).
SELECT j.at FROM account a JOIN journal j ON j.id = a.jseq WHERE a.id = :id;

-- name: account_others_in_role
SELECT count(*) FROM account WHERE role = :role AND state = 'active' AND id <> :id;

-- name: account_posts
-- Posts of a firm that an account serves now.
SELECT count(*) FROM person WHERE firm = :firm AND account = :account AND to_day IS NULL;

-- name: credential_get
SELECT account, hash, changed, must_change, failed, locked_until, last_login, history, expires
FROM credential WHERE account = :account;

-- name: credential_put
INSERT INTO credential (account, hash, changed, must_change, failed, locked_until, last_login,
    history, expires)
VALUES (:account, :hash, :changed, :must_change, :failed, :locked_until, :last_login, :history,
    :expires)
ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, changed = excluded.changed,
    must_change = excluded.must_change, failed = excluded.failed,
    locked_until = excluded.locked_until, last_login = excluded.last_login,
    history = excluded.history, expires = excluded.expires;

-- name: session_csrf
SELECT csrf FROM session WHERE id = :id;

-- name: session_mine
SELECT id, created, seen, expires, ip, agent FROM session
WHERE account = :account AND expires > :now ORDER BY seen DESC, id DESC LIMIT 100;

-- name: session_drop
DELETE FROM session WHERE id = :id AND account = :account;

-- name: session_drop_token
DELETE FROM session WHERE token_hash = :token_hash;

-- name: session_drop_others
-- keep 0: all of them.
DELETE FROM session WHERE account = :account AND id <> :keep;

-- name: session_trim
-- What has expired, and the longest unused beyond the most that one account may hold.
DELETE FROM session WHERE account = :account AND (expires <= :now OR id NOT IN
    (SELECT id FROM session WHERE account = :account ORDER BY seen DESC, id DESC LIMIT :most));

-- name: session_place
-- Where an account belongs, as its pages show it.
SELECT o.area, f.name AS firm_name FROM account a LEFT JOIN org o ON o.id = a.org
LEFT JOIN firm f ON f.id = a.firm WHERE a.id = :id;

-- name: throttle_sweep
DELETE FROM throttle WHERE until < :before AND since < :before;
