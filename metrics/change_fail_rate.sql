-- uses: asked_changes = remedied_changes, deployment_order, blamed_deployments, bot_deployments
-- A row is one production deployment: shipped ones count, and failed attempts that users felt (E6). 1: it failed.
-- A blamed deployment outside the denominator has a second row, the failure that cannot count (E9).
WITH judged AS (
    SELECT d.source, d.id, d.service, d.finished_at AS ended_at, d.role, b.outcome, b.detected_by, b.known_at,
        b.detections, b.incident_id, b.remedy_id,
        CASE
            WHEN d.role <> 'shipped' AND COALESCE(b.outcome, 'misplaced') = 'misplaced' THEN d.rule
            WHEN p.bots = 'exclude' AND o.service IS NOT NULL THEN 'E14'
            WHEN seconds_between(d.finished_at, p.now) <= p.failure_window_seconds THEN 'immature'
        END AS rule
    FROM deployment_order AS d
    CROSS JOIN params AS p
    LEFT JOIN blamed_deployments AS b ON b.service = d.service AND b.source = d.source AND b.id = d.id
    LEFT JOIN bot_deployments AS o
        ON o.service = d.service AND o.deployment_source = d.source AND o.deployment_id = d.id
)
SELECT 'deployment' AS unit, source, id, service, ended_at AS at,
    CASE WHEN rule IS NULL THEN CAST(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END AS DOUBLE) END AS value,
    rule IS NULL AS counted, rule,
    CASE WHEN outcome = 'late' THEN 'late_failure' END AS flag,
    role, detected_by, known_at AS failure_known_at, detections, incident_id AS incident, remedy_id AS remedy
FROM judged
UNION ALL
SELECT 'failure' AS unit, source, id, service, ended_at AS at, CAST(NULL AS DOUBLE) AS value, FALSE AS counted,
    'E9' AS rule, CAST(NULL AS STRING) AS flag,
    role, detected_by, known_at AS failure_known_at, detections, incident_id AS incident, remedy_id AS remedy
FROM judged
WHERE outcome = 'misplaced'
