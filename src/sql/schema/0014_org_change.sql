-- Authorities and areas change; what a leaving person holds is handed over.

-- A change of the tree of authorities: planned, carried out by a job, kept.
-- @record
CREATE TABLE org_change (
    id @ID@,
    kind TEXT NOT NULL, -- merge, move, split, close
    state TEXT NOT NULL, -- planned, moving, done, failed, cancelled
    org BIGINT NOT NULL, -- the one that changes
    org_name TEXT NOT NULL,
    target BIGINT, -- merge: who takes over; move: the new superior; split: the new authority, once made
    target_name TEXT,
    parts TEXT, -- split: ids of the subordinates that go, joined by ','
    areas TEXT, -- split: codes of the areas that go, joined by ','
    place BIGINT NOT NULL, -- the lowest authority above both: who may see the plan
    day BIGINT NOT NULL, -- takes effect on
    doc_no TEXT,
    reason TEXT NOT NULL,
    preview TEXT NOT NULL, -- JSON: the numbers as they were shown
    result TEXT, -- JSON: what was moved
    message TEXT,
    job BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    done_at BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX org_change_state ON org_change (state, day);
CREATE INDEX org_change_org ON org_change (org);

-- Who stands for a closed authority. successor is always an authority that stands for itself: when
-- it closes in turn, the rows that name it are pointed on.
CREATE TABLE org_successor (
    org BIGINT NOT NULL PRIMARY KEY,
    successor BIGINT NOT NULL,
    from_day BIGINT NOT NULL,
    change BIGINT NOT NULL
) @WITHOUT_ROWID@;
CREATE INDEX org_successor_of ON org_successor (successor);

-- Paths that authorities had; never given to another, so that a path kept as a fact stays true.
CREATE TABLE org_past (
    path TEXT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL,
    parent BIGINT,
    name TEXT NOT NULL,
    to_day BIGINT NOT NULL,
    change BIGINT NOT NULL
) @WITHOUT_ROWID@;
CREATE INDEX org_past_org ON org_past (org);
CREATE INDEX org_past_parent ON org_past (parent);

-- Paths being moved: what still stands under from_path counts as standing under to_path
-- (core/moves.h). Empty unless a change is being carried out.
CREATE TABLE path_move (
    change BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    from_path TEXT NOT NULL,
    to_path TEXT NOT NULL,
    exact BIGINT NOT NULL, -- 1: the path itself, nothing below it
    PRIMARY KEY (change, seq)
) @WITHOUT_ROWID@;

-- A change of an area: 新设, 更名, 撤销, 改隶.
-- @record
CREATE TABLE area_change (
    id @ID@,
    kind TEXT NOT NULL, -- add, rename, close, move
    state TEXT NOT NULL, -- planned, moving, done, failed, cancelled
    code TEXT NOT NULL,
    name TEXT NOT NULL, -- after the change
    old_name TEXT,
    parent TEXT,
    old_parent TEXT,
    area_kind TEXT,
    successor TEXT, -- of a closed one
    day BIGINT NOT NULL,
    doc_no TEXT,
    reason TEXT NOT NULL,
    firms BIGINT, -- how many went to the successor
    message TEXT,
    job BIGINT,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    done_at BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX area_change_code ON area_change (code, day);
CREATE INDEX area_change_state ON area_change (state, day);
CREATE INDEX firm_town ON firm (town, id);

-- A leaving person's work handed to others. What goes to whom stands in handover_part.
-- @record
CREATE TABLE handover (
    id @ID@,
    giver BIGINT NOT NULL,
    giver_name TEXT NOT NULL,
    org BIGINT NOT NULL,
    org_name TEXT NOT NULL,
    state TEXT NOT NULL, -- open, done, cancelled
    day BIGINT NOT NULL, -- the takers answer from
    reason TEXT NOT NULL,
    disable BIGINT NOT NULL, -- 1: the account is disabled once everything is taken
    firms BIGINT NOT NULL,
    views BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    done_at BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX handover_org ON handover (org, id);
CREATE INDEX handover_giver ON handover (giver, id);

-- @record
CREATE TABLE handover_part (
    id @ID@,
    handover BIGINT NOT NULL,
    taker BIGINT NOT NULL,
    taker_name TEXT NOT NULL,
    state TEXT NOT NULL, -- open, taken, refused, cancelled
    firms TEXT NOT NULL, -- JSON: [{"id", "name", "hazards"}]
    views TEXT NOT NULL, -- JSON: [{"id", "name"}]
    firm_count BIGINT NOT NULL,
    view_count BIGINT NOT NULL,
    hazard_count BIGINT NOT NULL,
    note TEXT,
    answered_at BIGINT,
    version BIGINT NOT NULL,
    jseq BIGINT NOT NULL
);
CREATE INDEX handover_part_of ON handover_part (handover, id);
CREATE INDEX handover_part_taker ON handover_part (taker, state);
