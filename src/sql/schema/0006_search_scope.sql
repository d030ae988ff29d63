-- The walk in the order of names asks the whole tree's bound of each firm too: with the path in the
-- index it reads no firm that it passes over.
DROP INDEX firm_name;
CREATE INDEX firm_name ON firm (py, name, id, uscc, org_path);

@FIRM_SEARCH_STATISTICS@;
