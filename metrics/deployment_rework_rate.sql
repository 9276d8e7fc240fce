-- uses: asked_changes = remedied_changes, deployment_order, rework_deployments, bot_deployments
-- A row is one production deployment: shipped ones and rollbacks count. 1: it was made because something had failed.
WITH judged AS (
    SELECT d.source, d.id, d.service, d.finished_at AS ended_at, d.role, r.evidence,
        CASE
            WHEN d.role NOT IN ('shipped', 'rollback') THEN d.rule
            WHEN p.bots = 'exclude' AND o.service IS NOT NULL THEN 'E14'
        END AS rule
    FROM deployment_order AS d
    CROSS JOIN params AS p
    LEFT JOIN rework_deployments AS r ON r.service = d.service AND r.source = d.source AND r.id = d.id
    LEFT JOIN bot_deployments AS o
        ON o.service = d.service AND o.deployment_source = d.source AND o.deployment_id = d.id
)
SELECT 'deployment' AS unit, source, id, service, ended_at AS at,
    CASE WHEN rule IS NULL THEN CAST(CASE WHEN evidence IS NULL THEN 0 ELSE 1 END AS DOUBLE) END AS value,
    rule IS NULL AS counted, rule,
    CAST(NULL AS STRING) AS flag,
    role, evidence
FROM judged
