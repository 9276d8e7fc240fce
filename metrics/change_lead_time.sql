-- uses: asked_deployments = window_deployments, asked_changes = carried_changes
-- uses: lead_units
-- A row is one change or commit and the deployment that first brought it to production; or a deployment whose changes
-- have no lead time, a service's first (E5) or one that a cut history leaves open (E26).
SELECT u.unit, u.source, u.id, u.service, u.finished_at AS at,
    GREATEST(0.0, seconds_between(u.started_at, u.finished_at)) AS value,
    u.rule IS NULL AND NOT (u.is_bot AND p.bots = 'exclude') AS counted,
    CASE WHEN u.rule IS NOT NULL THEN u.rule WHEN u.is_bot AND p.bots = 'exclude' THEN 'E14' END AS rule,
    CASE WHEN u.finished_at < u.started_at THEN 'negative' ELSE u.start_flag END AS flag,
    CONCAT(u.deployment_source, '/', u.deployment_id) AS deployment, u.started_at AS first_commit_at, u.created_at,
    u.merged_at, u.finished_at
FROM lead_units AS u
CROSS JOIN params AS p
WHERE u.reading = 'both' OR u.reading = p.unit
UNION ALL
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.finished_at AS at, CAST(NULL AS DOUBLE) AS value,
    FALSE AS counted, CASE WHEN d.is_first THEN 'E5' ELSE 'E26' END AS rule, CAST(NULL AS STRING) AS flag,
    CONCAT(d.source, '/', d.id) AS deployment, CAST(NULL AS TIMESTAMP) AS first_commit_at,
    CAST(NULL AS TIMESTAMP) AS created_at, CAST(NULL AS TIMESTAMP) AS merged_at, d.finished_at
FROM production_deployments AS d
WHERE d.is_first OR (d.history_cut AND d.role = 'shipped')
