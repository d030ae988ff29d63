-- Fragments that the list engine composes: columns, joins and conditions of list definitions.

-- part: list_org_name
(SELECT o.name FROM org o WHERE o.id = f.org)

-- part: list_town_name
(SELECT a.name FROM area a WHERE a.code = f.town)

-- part: list_sup_org_name
(SELECT o.name FROM org o WHERE o.id = f.sup_org)

-- part: board_newest
-- The newest record of firm f on day y; 274877906944 = 2^38, 19358 = the first day of daily ids. That
-- it lies in the day's own stretch of ids, from :first on, says nothing new, but lets a store in
-- parts open one of them.
duty_day y CROSS JOIN firm f LEFT JOIN daily d ON d.id = (SELECT max(v.id) FROM daily v
    WHERE v.id >= (y.day - 19358) * 274877906944 + f.id * 16
        AND v.id < (y.day - 19358) * 274877906944 + f.id * 16 + 16)
    AND @HOLD@d.id >= :first AND @HOLD@d.id < :first + 274877906944

-- part: board_newest_stop
duty_day y CROSS JOIN suspension s @CROSS@ JOIN firm f ON f.id = s.firm LEFT JOIN daily d ON d.id =
    (SELECT max(v.id) FROM daily v
    WHERE v.id >= (y.day - 19358) * 274877906944 + f.id * 16
        AND v.id < (y.day - 19358) * 274877906944 + f.id * 16 + 16)
    AND @HOLD@d.id >= :first AND @HOLD@d.id < :first + 274877906944

-- part: board_newest_place
-- The same from the orgs with a count that day.
duty_day y CROSS JOIN duty_count n @CROSS@ JOIN firm f ON f.org_path = n.path LEFT JOIN daily d
    ON d.id = (SELECT max(v.id) FROM daily v
    WHERE v.id >= (y.day - 19358) * 274877906944 + f.id * 16
        AND v.id < (y.day - 19358) * 274877906944 + f.id * 16 + 16)
    AND @HOLD@d.id >= :first AND @HOLD@d.id < :first + 274877906944

-- part: board_no_gap
NOT EXISTS (SELECT 1 FROM duty_gap g WHERE g.firm = f.id AND g.from_day <= :day
    AND g.to_day >= :day)

-- part: board_not_stopped
NOT EXISTS (SELECT 1 FROM suspension u WHERE u.firm = f.id AND u.void_reason IS NULL
    AND u.from_day <= :day AND (u.to_day IS NULL OR u.to_day >= :day))

-- part: board_filed_or_not_stopped
(d.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM suspension u WHERE u.firm = f.id
    AND u.void_reason IS NULL AND u.from_day <= :day AND (u.to_day IS NULL OR u.to_day >= :day)))

-- part: board_last_version
NOT EXISTS (SELECT 1 FROM daily n WHERE n.id = d.id + 1 AND n.firm = d.firm)

-- part: candidate_org_name
(SELECT o.name FROM org o WHERE o.id = d.org)

-- part: candidate_town_name
(SELECT a.name FROM area a WHERE a.code = d.town)

-- part: candidate_firm_state_col
(SELECT f.state FROM firm f WHERE f.id = d.firm)

-- part: candidate_firm_created
(SELECT f.created FROM firm f WHERE f.id = d.firm)

-- part: list_begun_stage
-- How far a firm's own people are: records of theirs, an account, an invitation, nothing.
CASE WHEN EXISTS (SELECT 1 FROM risklist r JOIN account a ON a.id = r.by_account
        WHERE r.firm = f.id AND a.firm = f.id) THEN 'begun'
    WHEN EXISTS (SELECT 1 FROM account a WHERE a.firm = f.id AND a.state = 'active') THEN 'joined'
    WHEN EXISTS (SELECT 1 FROM invite i WHERE i.firm = f.id AND i.state = 'open') THEN 'invited'
    ELSE 'none' END

-- part: list_move_from
(SELECT o.name FROM org o WHERE o.id = t.from_org)

-- part: list_move_to
(SELECT o.name FROM org o WHERE o.id = t.to_org)

-- part: list_twin_a
(SELECT f.name FROM firm f WHERE f.id = t.a)

-- part: list_twin_a_org
(SELECT o.name FROM firm f JOIN org o ON o.id = f.org WHERE f.id = t.a)

-- part: list_twin_b
(SELECT f.name FROM firm f WHERE f.id = t.b)

-- part: list_twin_b_org
(SELECT o.name FROM firm f JOIN org o ON o.id = f.org WHERE f.id = t.b)

-- part: list_twin_decider
(SELECT o.name FROM org o WHERE o.path = t.path)

-- part: list_task_from
(SELECT o.name FROM org o WHERE o.id = d.from_org)

-- part: list_task_to
(SELECT o.name FROM org o WHERE o.id = d.to_org)
-- part: list_quality_firm
EXISTS (SELECT 1 FROM quality_hit h WHERE h.rule = :rule AND h.firm = f.id)

-- part: list_quality_rule
h.rule = :rule

-- part: list_quality_from
quality_hit h @CROSS@ JOIN firm f ON f.id = h.firm

-- part: list_bulk_from
-- An operation's firms; what was not there for its actor shows no name.
bulk_item i @CROSS@ JOIN bulk_edit b ON b.id = i.bulk LEFT JOIN firm f ON f.id = i.firm
    AND i.result <> 'absent'

-- part: list_bulk_org_name
(SELECT o.name FROM org o WHERE o.id = b.org)

-- part: list_all_people
person r @CROSS@ JOIN firm f ON f.id = r.firm

-- part: list_all_hazards
hazard h @CROSS@ JOIN firm f ON f.id = h.firm

-- part: list_all_daily
daily d @CROSS@ JOIN firm f ON f.id = d.firm
