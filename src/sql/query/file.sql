-- One firm, one file.

-- name: event_by_ext
SELECT count(*) FROM event WHERE firm = :firm AND source = :source AND ext_no = :ext_no
    AND void_reason IS NULL;

-- name: event_tally
SELECT count(*), coalesce(sum(CASE WHEN severity = '重大' THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN type = 'accident' AND severity IN ('较大', '重大') THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN type = 'major_hazard' THEN 1 ELSE 0 END), 0), max(day)
FROM event WHERE firm = :firm AND day >= :first AND day <= :last AND adverse = 1
    AND void_reason IS NULL;
