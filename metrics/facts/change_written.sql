-- uses: change_contents
-- A row is one change asked for of which any commit is known, and when its oldest code was written: `authored_at` by its
-- own commits, `landed_authored_at` by what it became on the base branch too.
SELECT change_source, change_id, COUNT(*) AS commits, BOOL_OR(is_merge_sha) AS merge_is_known,
    MIN(CASE WHEN is_merge OR is_merge_sha THEN NULL ELSE authored_at END) AS authored_at,
    MIN(CASE WHEN is_merge THEN NULL ELSE authored_at END) AS landed_authored_at
FROM change_contents
GROUP BY change_source, change_id
