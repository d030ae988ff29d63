-- Bulk operations.

-- name: bulk_item_add
INSERT INTO bulk_item (bulk, firm, result, version) VALUES (:bulk, :firm, 'todo', :version)
ON CONFLICT (bulk, firm) DO NOTHING;

-- name: bulk_item_add_20
-- The same twenty at a time; fewer ids are repeated to fill it up.
INSERT INTO bulk_item (bulk, firm, result) VALUES (:bulk, :f0, 'todo'),
    (:bulk, :f1, 'todo'),
    (:bulk, :f2, 'todo'),
    (:bulk, :f3, 'todo'),
    (:bulk, :f4, 'todo'),
    (:bulk, :f5, 'todo'),
    (:bulk, :f6, 'todo'),
    (:bulk, :f7, 'todo'),
    (:bulk, :f8, 'todo'),
    (:bulk, :f9, 'todo'),
    (:bulk, :f10, 'todo'),
    (:bulk, :f11, 'todo'),
    (:bulk, :f12, 'todo'),
    (:bulk, :f13, 'todo'),
    (:bulk, :f14, 'todo'),
    (:bulk, :f15, 'todo'),
    (:bulk, :f16, 'todo'),
    (:bulk, :f17, 'todo'),
    (:bulk, :f18, 'todo'),
    (:bulk, :f19, 'todo')
ON CONFLICT (bulk, firm) DO NOTHING;

-- name: bulk_item_undo
-- What an operation changed is what taking it back looks at.
INSERT INTO bulk_item (bulk, firm, result)
SELECT :bulk, firm, 'todo' FROM bulk_item WHERE bulk = :of AND result = 'changed'
ON CONFLICT (bulk, firm) DO NOTHING;

-- name: bulk_item_set
UPDATE bulk_item SET result = :result, why = :why, was = :was, now = :now,
    phone_was = :phone_was, phone_now = :phone_now WHERE bulk = :bulk AND firm = :firm;

-- name: bulk_items_between
SELECT bulk, firm, result, why, version, was, now, phone_was, phone_now FROM bulk_item
WHERE bulk = :bulk AND firm > :after AND firm <= :last AND result = 'changed' ORDER BY firm;

-- name: bulk_todo
SELECT firm, version FROM bulk_item WHERE bulk = :bulk AND firm > :after AND result = 'todo'
ORDER BY firm LIMIT :limit;

-- name: bulk_firms
-- fans out: the firms of one bulk operation, by their ids
SELECT f.* FROM bulk_item i @CROSS@ JOIN firm f ON f.id = i.firm WHERE i.bulk = :bulk
    AND i.firm > :after AND i.firm <= :last AND i.result = 'todo' ORDER BY i.firm;

-- name: bulk_counts
SELECT count(*), coalesce(sum(CASE WHEN result = 'changed' THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN result = 'same' THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN result IN ('refused', 'absent') THEN 1 ELSE 0 END), 0)
FROM bulk_item WHERE bulk = :bulk;
