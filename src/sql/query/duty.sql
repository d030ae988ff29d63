-- The firm's own duty: risk control lists, daily checks, suspensions, counters of the day.

-- name: duty_firm
-- All that a day's submission is judged by, in one read.
SELECT f.org, f.org_path, f.state, f.abnormal, f.applicability, f.duty_from, f.week_mask,
    f.holidays_off, o.name,
    (SELECT max(d.id) FROM daily d WHERE d.id >= :first AND d.id <= :last),
    (SELECT count(*) FROM suspension s WHERE s.firm = :firm AND s.void_reason IS NULL
        AND s.from_day <= :day AND (s.to_day IS NULL OR s.to_day >= :day)),
    (SELECT count(*) FROM duty_gap g WHERE g.firm = :firm AND g.from_day <= :day
        AND g.to_day >= :day),
    r.edition, r.items, r.areas
FROM firm f JOIN org o ON o.id = f.org LEFT JOIN risklist r ON r.id = :risklist AND r.firm = f.id
WHERE f.id = :firm;

-- name: duty_pauses
-- kind 1: a reported stop; 0: a time in which nothing was owed.
SELECT 1 AS kind, from_day, to_day FROM suspension WHERE firm = :firm AND void_reason IS NULL
UNION ALL
SELECT 0, from_day, to_day FROM duty_gap WHERE firm = :firm;

-- name: duty_days
-- First and last opened day.
SELECT (SELECT min(day) FROM duty_day), (SELECT max(day) FROM duty_day);

-- name: duty_day_is
SELECT count(*) FROM duty_day WHERE day = :day;

-- name: duty_day_add
INSERT INTO duty_day (day, opened) VALUES (:day, :opened);

-- name: duty_day_mark
INSERT INTO duty_day (day, opened) VALUES (:day, :opened) ON CONFLICT (day) DO NOTHING;

-- name: duty_day_due
-- What a new day owes, from the stock of firms in duty by working pattern. bit: of the weekday in a
-- week mask; rest: 1 a make-up workday, 0 an official day off, -1 neither.
INSERT INTO duty_count (level, day, path, due, excused, done, late, zero, problem)
SELECT level, :day, path, sum(firms), 0, 0, 0, 0, 0 FROM duty_stock
WHERE firms <> 0 AND (pattern / 2) % 128 <> 0
    AND CASE WHEN pattern % 2 = 1 AND :rest >= 0 THEN :rest ELSE (pattern / 2 / :bit) % 2 END = 1
GROUP BY level, path
ON CONFLICT (level, day, path) DO UPDATE SET due = duty_count.due + excluded.due;

-- name: duty_day_excused
-- Firms in duty whose reported stop covers the day move from due to excused, at every level.
INSERT INTO duty_count (level, day, path, due, excused, done, late, zero, problem)
SELECT v.level, :day, substr(x.path, 1, v.level * 5), -sum(x.n), sum(x.n), 0, 0, 0, 0
FROM (SELECT f.org_path AS path, count(*) AS n
    FROM suspension s JOIN firm f ON f.id = s.firm
    WHERE coalesce(s.to_day, 9999999) >= :day AND s.from_day <= :day AND s.void_reason IS NULL
        AND f.duty_from <= :day AND f.week_mask % 128 <> 0
        AND CASE WHEN f.holidays_off = 1 AND :rest >= 0 THEN :rest
            ELSE (f.week_mask / :bit) % 2 END = 1
        AND NOT EXISTS (SELECT 1 FROM duty_gap g WHERE g.firm = f.id AND g.from_day <= :day
            AND g.to_day >= :day)
    GROUP BY f.org_path) x
JOIN (SELECT 1 AS level UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
    UNION ALL SELECT 6) v ON length(x.path) >= v.level * 5
WHERE x.n > 0
GROUP BY v.level, substr(x.path, 1, v.level * 5)
ON CONFLICT (level, day, path) DO UPDATE SET due = duty_count.due + excluded.due,
    excused = duty_count.excused + excluded.excused;

-- name: daily_newest
-- The newest version of one firm's day.
SELECT id, version, late, zero_risk, problems, at, by_name FROM daily
WHERE id >= :first AND id <= :last ORDER BY id DESC LIMIT 1;

-- name: daily_versions
SELECT d.id, d.version, d.risklist, r.edition, r.title, r.areas, d.answers, d.problems,
    d.zero_risk, d.late, d.reason, d.note, d.device_at, d.at, d.by_name
FROM daily d LEFT JOIN risklist r ON r.id = d.risklist
WHERE d.id >= :first AND d.id <= :last ORDER BY d.id DESC;

-- name: daily_by_key
SELECT id FROM daily WHERE id >= :first AND id <= :last AND key = :key;

-- name: daily_ends
-- fans out: while a store is moved, before it is in use
SELECT min(id), max(id) FROM daily;

-- name: duty_count_ends
SELECT min(day), max(day) FROM duty_count;

-- name: daily_span_count
-- Records of a stretch of days, and the characters of their texts.
-- fans out: a month is given up in the whole store
SELECT count(*), coalesce(sum(length(answers) + length(coalesce(reason, '')) + length(by_name)
    + length(coalesce(note, '')) + length(coalesce(key, ''))), 0)
FROM daily WHERE id >= :from AND id < :to;

-- name: daily_span_step
-- The last of the first :limit records of a stretch of days.
-- fans out: a month is given up in the whole store
SELECT max(id) FROM (SELECT id FROM daily WHERE id >= :from AND id < :to ORDER BY id LIMIT :limit) x;

-- name: daily_span_sweep
-- fans out: a month is given up in the whole store
DELETE FROM daily WHERE id >= :from AND id < :to;

-- name: risklist_current
SELECT id, firm, edition, template, template_version, title, areas, items, from_day, at, by_account,
    by_name, jseq FROM risklist WHERE firm = :firm ORDER BY edition DESC LIMIT 1;

-- name: suspension_of_firm
SELECT id, firm, org_path, code, from_day, to_day, reason, resumed_on, void_reason, at, by_account,
    by_name, version, jseq FROM suspension WHERE firm = :firm ORDER BY from_day DESC, id DESC
LIMIT 500;

-- name: suspension_overlap
-- An earlier report that shares a day with from_day … to_day (9999999: open).
SELECT from_day, to_day FROM suspension WHERE firm = :firm AND void_reason IS NULL
    AND from_day <= :to_day AND coalesce(to_day, 9999999) >= :from_day ORDER BY from_day LIMIT 1;

-- name: board_org
-- A closed authority's days are counted with the one that stands for it now.
SELECT id AS org, path, level, name AS org_name FROM org
WHERE id = coalesce((SELECT s.successor FROM org_successor s WHERE s.org = :id), :id);

-- name: board_org_at
SELECT id AS org, path, level, name AS org_name FROM org WHERE path = :path;

-- name: board_own
SELECT due, excused, done, late, zero, problem FROM duty_count
WHERE level = :level AND day = :day AND path = :path;

-- name: board_children
SELECT o.id AS org, o.name AS org_name, o.level, coalesce(n.due, 0) AS due,
    coalesce(n.excused, 0) AS excused, coalesce(n.done, 0) AS done, coalesce(n.late, 0) AS late,
    coalesce(n.zero, 0) AS zero, coalesce(n.problem, 0) AS problem
FROM org o LEFT JOIN duty_count n ON n.level = :level AND n.day = :day AND n.path = o.path
WHERE o.parent = :parent AND (n.path IS NOT NULL OR ((o.valid_from IS NULL OR o.valid_from <= :day)
    AND (o.valid_to IS NULL OR o.valid_to >= :day)))
ORDER BY o.path;
