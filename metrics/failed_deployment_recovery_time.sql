-- uses: asked_changes = remedied_changes, recoveries, bot_deployments
-- A row is one failed deployment, in the period in which its failure started. While it goes on, its value is the time
-- so far.
WITH judged AS (
    SELECT r.source, r.id, r.service, r.started_at, r.restored_at, r.measured, r.by_resolution, r.detected_by,
        r.incidents, r.remedy_id, p.now,
        CASE WHEN r.covered THEN 'E23' WHEN p.bots = 'exclude' AND o.service IS NOT NULL THEN 'E14' END AS rule
    FROM recoveries AS r
    CROSS JOIN params AS p
    LEFT JOIN bot_deployments AS o
        ON o.service = r.service AND o.deployment_source = r.source AND o.deployment_id = r.id
)
SELECT 'deployment' AS unit, source, id, service, started_at AS at,
    CASE
        WHEN rule IS NULL
            THEN GREATEST(seconds_between(started_at, COALESCE(restored_at, now)), CAST(0 AS DOUBLE))
    END AS value,
    rule IS NULL AS counted, rule,
    CASE WHEN COALESCE(restored_at, now) < started_at THEN 'negative' WHEN by_resolution THEN 'resolved_at' END AS flag,
    restored_at IS NULL AS censored,
    started_at AS failed_at, restored_at, measured, detected_by, incidents, remedy_id AS remedy
FROM judged
