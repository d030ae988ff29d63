-- A search with very many hits walks the order of names: the code stands in the index too, so that
-- firms of other codes are passed over without being read.
DROP INDEX firm_name;
DROP INDEX firm_name_p2;
DROP INDEX firm_name_p3;
CREATE INDEX firm_name ON firm (py, name, id, uscc);
CREATE INDEX firm_name_p2 ON firm (p2, py, name, id, uscc);
CREATE INDEX firm_name_p3 ON firm (p3, py, name, id, uscc);
