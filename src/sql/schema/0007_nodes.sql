-- Several programs on one store: who is alive, who seals, who runs a job.

-- seen: the program's own clock in ms, written every few seconds while it runs.
CREATE TABLE node (
    id TEXT NOT NULL PRIMARY KEY,
    started BIGINT NOT NULL,
    seen BIGINT NOT NULL
) @WITHOUT_ROWID@;

-- A duty that one program has at a time, until it does not renew it.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    until BIGINT NOT NULL
) @WITHOUT_ROWID@;

-- The program that runs the job.
ALTER TABLE job ADD COLUMN node TEXT;
