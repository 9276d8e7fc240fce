-- uses: bot_deployments
-- A row is one finished production deployment; what did not bring a change to users is excluded by its rule.
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.finished_at AS at,
    CASE WHEN d.role = 'shipped' AND NOT (p.bots = 'exclude' AND b.service IS NOT NULL) THEN 1.0 END AS value,
    d.role = 'shipped' AND NOT (p.bots = 'exclude' AND b.service IS NOT NULL) AS counted,
    CASE
        WHEN d.role IN ('failed_attempt', 'cancelled') THEN 'E6'
        WHEN d.role IN ('redeploy', 'config') THEN 'E7'
        WHEN d.role = 'rollback' THEN 'E8'
        WHEN d.role = 'untouched' THEN 'E12'
        WHEN d.role = 'flag' THEN 'E13'
        WHEN p.bots = 'exclude' AND b.service IS NOT NULL THEN 'E14'
    END AS rule,
    CAST(NULL AS STRING) AS flag,
    d.role, d.environment, d.sha, d.artifact, d.started_at, d.finished_at, d.group_id, d.commit_count
FROM production_deployments AS d
CROSS JOIN params AS p
LEFT JOIN bot_deployments AS b
    ON b.service = d.service AND b.deployment_source = d.source AND b.deployment_id = d.id
WHERE d.finished_at IS NOT NULL AND d.role NOT IN ('unfinished', 'other_origin')
