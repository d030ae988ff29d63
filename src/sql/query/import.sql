-- What an import asks the store, and its areas.

-- name: import_areas
-- Provinces, cities, counties and the whole of one county.
SELECT code, name FROM area WHERE length(code) = 6 OR code LIKE :county || '%' ORDER BY code;

-- name: import_sites
-- fans out: a code stands once in the whole store, whichever county asks
SELECT id, name, site_address FROM firm WHERE uscc = :uscc ORDER BY id;

-- name: import_codeless
-- fans out: the township is known by its code, not by a path
SELECT id, name, site_address FROM firm WHERE name = :name AND town = :town AND uscc IS NULL
ORDER BY id;

-- name: import_named
-- fans out: another firm of that name may be anywhere
SELECT count(*) FROM firm WHERE name = :name AND coalesce(uscc, '') <> coalesce(:uscc, '');

-- name: import_products
SELECT product, model, brand, lic_no, ccc_no FROM product WHERE firm = :firm;

-- name: import_mine
SELECT id, kind, state, account, org_path, firm, title, input, result, message, done, total, cancel,
    created, started, finished FROM job WHERE account = :account AND kind = 'import'
ORDER BY id DESC LIMIT 30;
