-- uses: recoveries, remedy_changes, failure_remedies, changes_shipped, service_owner, repository_owner, bots
-- A row is one failed deployment until users were served again, or one hotfix or revert that was not the
-- first to answer a failed deployment, from when it was opened until it was merged: work that was done twice.
WITH answering AS (
    SELECT DISTINCT s.change_source, s.change_id
    FROM failure_remedies AS f
    JOIN changes_shipped AS s ON s.service = f.service AND s.deployment_id = f.remedy_id
)
SELECT 'failed_deployments' AS kind, 'deployment' AS unit, r.source, r.id,
    CONCAT(r.service, ' ', r.source, ' ', r.id) AS subject,
    CAST(NULL AS STRING) AS pipeline, r.service, o.team, o.template, CAST(NULL AS STRING) AS author,
    r.started_at AS span_from,
    COALESCE(r.restored_at, p.now) AS span_to
FROM recoveries AS r
CROSS JOIN params AS p
LEFT JOIN service_owner AS o ON o.service = r.service AND o.owned_from <= r.started_at AND r.started_at < o.owned_to
WHERE NOT r.covered
UNION ALL
SELECT 'rework' AS kind, 'change' AS unit, c.source, c.id,
    CONCAT(c.repository, '#', CAST(c.number AS STRING)) AS subject,
    CAST(NULL AS STRING) AS pipeline, w.service, w.team, w.template, c.author, c.created_at AS span_from,
    c.merged_at AS span_to
FROM remedy_changes AS m
JOIN changes AS c ON c.source = m.source AND c.id = m.id
CROSS JOIN params AS p
LEFT JOIN answering AS a ON a.change_source = c.source AND a.change_id = c.id
LEFT JOIN bots AS b ON b.author = c.author
LEFT JOIN repository_owner AS w
    ON w.repository = c.repository AND w.owned_from <= c.created_at AND c.created_at < w.owned_to
WHERE c.merged_at IS NOT NULL AND a.change_id IS NULL
    AND (p.bots = 'include' OR (b.author IS NULL AND COALESCE(c.author_kind, 'human') <> 'bot'))
