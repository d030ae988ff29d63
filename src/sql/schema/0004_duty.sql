-- The firm's own duty: risk control lists, daily checks, suspensions, hazards, the day's counters.

-- @record
CREATE TABLE risklist (
    id @ID@,
    firm BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    template TEXT NOT NULL,
    template_version BIGINT NOT NULL,
    title TEXT NOT NULL,
    areas TEXT NOT NULL, -- JSON: [{name, items: [{code, text, key, category, measure, level}]}]
    items BIGINT NOT NULL,
    from_day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    jseq BIGINT NOT NULL,
    UNIQUE (firm, edition)
);

-- id = (day - 2023-01-01) << 38 | firm << 4 | version - 1: the table is clustered by day, unique
-- per firm, day and version, and needs no second index. `answers` holds one letter per item of the
-- risk list edition, in its order: 1 normal, 2 problem, 0 not applicable.
-- @record
CREATE TABLE daily (
    id @ID@,
    firm BIGINT NOT NULL,
    day BIGINT NOT NULL,
    version BIGINT NOT NULL,
    org BIGINT NOT NULL, -- the authority it was filed under, kept as a fact
    risklist BIGINT NOT NULL,
    answers TEXT NOT NULL,
    problems BIGINT NOT NULL,
    zero_risk BIGINT NOT NULL,
    late BIGINT NOT NULL,
    reason TEXT, -- of a correction or a late entry
    note TEXT,
    key TEXT,
    device_at BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    jseq BIGINT NOT NULL
);

-- Days without duty, with reason and evidence (R-065). to_day NULL: open end.
-- @record
CREATE TABLE suspension (
    id @ID@,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL,
    code TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    to_day BIGINT,
    reason TEXT NOT NULL,
    resumed_on BIGINT,
    void_reason TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX suspension_firm ON suspension (firm, from_day);
CREATE INDEX suspension_open ON suspension (coalesce(to_day, 9999999), from_day);

-- One object from the day it is found to its closure.
-- @record
CREATE TABLE hazard (
    id @ID@,
    firm BIGINT NOT NULL,
    org_path TEXT NOT NULL, -- the authority it was found under, kept as a fact
    state TEXT NOT NULL,
    source TEXT NOT NULL, -- daily, weekly, monthly, inspection, spotcheck, complaint
    source_ref BIGINT,
    found_day BIGINT NOT NULL,
    area TEXT,
    item TEXT,
    item_text TEXT,
    what TEXT NOT NULL,
    measure TEXT NOT NULL,
    severity TEXT,
    fixer TEXT,
    due_day BIGINT,
    fixed_day BIGINT,
    fix_note TEXT,
    closed_day BIGINT,
    close_note TEXT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX hazard_firm ON hazard (firm, id);

-- Derived. in_duty: how many firms of an org owe a check, by working pattern (week_mask * 2 +
-- holidays_off) — what a new day's `due` is computed from without touching firms.
CREATE TABLE duty_stock (
    level BIGINT NOT NULL,
    path TEXT NOT NULL,
    pattern BIGINT NOT NULL,
    firms BIGINT NOT NULL,
    PRIMARY KEY (level, path, pattern)
) @WITHOUT_ROWID@;

-- Derived. Times in which an admitted firm owed nothing because of its state (歇业, 迁出 …), both days
-- included; to_day 9999999: still so. What a past day owed is thus known without reading history.
CREATE TABLE duty_gap (
    firm BIGINT NOT NULL,
    from_day BIGINT NOT NULL,
    to_day BIGINT NOT NULL,
    PRIMARY KEY (firm, from_day)
) @WITHOUT_ROWID@;

-- Days whose counters have been opened.
CREATE TABLE duty_day (
    day BIGINT NOT NULL PRIMARY KEY,
    opened BIGINT NOT NULL
) @WITHOUT_ROWID@;

-- One row per level, day and org path. due counts firms that owe the day, excused ones included in
-- neither due nor missing; done = on time; late = 补录; zero = of done and late, without findings.
CREATE TABLE duty_count (
    level BIGINT NOT NULL,
    day BIGINT NOT NULL,
    path TEXT NOT NULL,
    due BIGINT NOT NULL,
    excused BIGINT NOT NULL,
    done BIGINT NOT NULL,
    late BIGINT NOT NULL,
    zero BIGINT NOT NULL,
    problem BIGINT NOT NULL,
    PRIMARY KEY (level, day, path)
) @WITHOUT_ROWID@;
