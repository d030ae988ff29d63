-- Years of records. Where the back end keeps tables in parts, daily and duty_count are divided by the
-- month of their day, journal by the month in which its rows were written; a store that is there
-- already is divided now, with its rows. Parts of months to come: core/months.c.
@BY_MONTH@;

-- A month whose records were given up after the time they had to be kept (R-069): the act, sealed
-- like any record, so that verification knows which are gone on purpose. id = kind * 100000 + year *
-- 12 + month - 1; records: how many there were, versions included.
-- @record
CREATE TABLE retired (
    id @ID@,
    kind BIGINT NOT NULL,
    month TEXT NOT NULL, -- 2026-11
    records BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    jseq BIGINT NOT NULL
);
