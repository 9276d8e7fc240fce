-- uses: deployment_order, remedy_changes, changes_shipped
-- A row is a deployment that shipped a revert with one that shipped what it undoes (E9); `original_id` is null where
-- that is not known to have been shipped. Both in one deployment is no failure and not here.
WITH by_change AS (
    SELECT r.service, r.deployment_source, r.deployment_id,
        o.deployment_source AS original_source, o.deployment_id AS original_id
    FROM remedy_changes AS m
    JOIN changes_shipped AS r ON r.change_source = m.source AND r.change_id = m.id
    LEFT JOIN changes AS c ON c.repository = m.repository AND c.number = m.reverted_number
    LEFT JOIN changes_shipped AS o ON o.service = r.service AND o.change_source = c.source AND o.change_id = c.id
    WHERE m.kind = 'revert'
),
-- a revert may name a commit that was squashed: its change tells which deployment brought it
by_commit AS (
    SELECT r.service, r.deployment_source, r.deployment_id,
        COALESCE(o.deployment_source, h.deployment_source) AS original_source,
        COALESCE(o.deployment_id, h.deployment_id) AS original_id
    FROM commits AS c
    JOIN shipped_commits AS r ON r.sha = c.sha AND r.repository = c.repository
    LEFT JOIN shipped_commits AS o ON o.service = r.service AND o.sha = c.reverts
    LEFT JOIN change_commits AS m ON m.repository = c.repository AND m.sha = c.reverts
    LEFT JOIN changes_shipped AS h
        ON h.service = r.service AND h.change_source = m.change_source AND h.change_id = m.change_id
    WHERE c.reverts IS NOT NULL
),
found AS (
    SELECT service, deployment_source, deployment_id, original_source, original_id FROM by_change
    UNION ALL
    SELECT service, deployment_source, deployment_id, original_source, original_id FROM by_commit
)
SELECT DISTINCT d.service, d.source, d.id, d.began_at, o.source AS original_source, o.id AS original_id
FROM found AS f
JOIN deployment_order AS d ON d.service = f.service AND d.source = f.deployment_source AND d.id = f.deployment_id
LEFT JOIN deployment_order AS o ON o.service = f.service AND o.source = f.original_source AND o.id = f.original_id
WHERE NOT d.is_first
    AND (o.id IS NULL OR o.finished_at < d.finished_at OR (o.finished_at = d.finished_at AND o.id < d.id))
