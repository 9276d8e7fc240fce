-- A row is a change that is a revert or a hotfix (E9). A revert is judged as a revert even where it looks like a
-- hotfix. `reverted_number`: the change it undoes, by its field or its title; null for a hotfix.
WITH numbered AS (
    SELECT source, id, repository,
        COALESCE(
            reverts, TRY_CAST(REGEXP_EXTRACT(title, '(?i)(^|[^a-z0-9_])reverts #([0-9]+)', 2) AS BIGINT)
        ) AS reverted_number
    FROM changes
)
SELECT n.source, n.id, n.repository, n.reverted_number,
    CASE WHEN n.reverted_number IS NULL THEN 'hotfix' ELSE 'revert' END AS kind
FROM numbered AS n
LEFT JOIN hotfix_changes AS h ON h.source = n.source AND h.id = n.id
WHERE n.reverted_number IS NOT NULL OR h.id IS NOT NULL
