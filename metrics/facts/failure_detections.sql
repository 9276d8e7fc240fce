-- uses: deployment_order, incident_causes, revert_deployments, hotfix_deployments
-- A row is a deployment with one piece of evidence that it failed and the rule that fired (E8, E9). Timely: the incident
-- or remedy began within the failure window after the deployment finished; a remedy that is a deployment begins when
-- that deployment does. `place` 1 is the detection that speaks for the deployment: a timely one, by the first rule.
WITH rollbacks AS (
    SELECT b.service, b.source AS remedy_source, b.id AS remedy_id, b.began_at,
        CASE WHEN p.blame = 'last' THEN b.failed_last_source ELSE b.failed_first_source END AS source,
        CASE WHEN p.blame = 'last' THEN b.failed_last_id ELSE b.failed_first_id END AS id
    FROM deployment_order AS b
    CROSS JOIN params AS p
    WHERE b.role = 'rollback'
),
hotfixes AS (
    SELECT h.service, h.source AS remedy_source, h.id AS remedy_id, h.began_at, d.source, d.id
    FROM hotfix_deployments AS h
    CROSS JOIN params AS p
    JOIN deployment_order AS d ON d.service = h.service AND d.shipped_until = h.latest AND d.role = 'shipped'
    WHERE seconds_between(d.finished_at, h.began_at) <= p.failure_window_seconds
),
found AS (
    SELECT detected_by, CASE WHEN detected_by = 'incident_reference' THEN 1 ELSE 3 END AS precedence, service,
        deployment_source AS source, deployment_id AS id, started_at AS began_at, incident_source, incident_id,
        CAST(NULL AS STRING) AS remedy_source, CAST(NULL AS STRING) AS remedy_id
    FROM incident_causes
    UNION ALL
    SELECT 'revert' AS detected_by, 2 AS precedence, service, original_source AS source, original_id AS id, began_at,
        CAST(NULL AS STRING) AS incident_source, CAST(NULL AS STRING) AS incident_id,
        source AS remedy_source, id AS remedy_id
    FROM revert_deployments
    UNION ALL
    SELECT 'hotfix' AS detected_by, 4 AS precedence, service, source, id, began_at,
        CAST(NULL AS STRING) AS incident_source, CAST(NULL AS STRING) AS incident_id, remedy_source, remedy_id
    FROM hotfixes
    UNION ALL
    SELECT 'rollback' AS detected_by, 5 AS precedence, service, source, id, began_at,
        CAST(NULL AS STRING) AS incident_source, CAST(NULL AS STRING) AS incident_id, remedy_source, remedy_id
    FROM rollbacks
),
judged AS (
    SELECT d.service, d.source, d.id, f.detected_by, f.precedence, f.began_at, f.incident_source, f.incident_id,
        f.remedy_source, f.remedy_id,
        COALESCE(seconds_between(d.finished_at, f.began_at) <= p.failure_window_seconds, TRUE) AS timely
    FROM found AS f
    CROSS JOIN params AS p
    JOIN deployment_order AS d ON d.service = f.service AND d.source = f.source AND d.id = f.id
)
SELECT service, source, id, detected_by, began_at, incident_source, incident_id, remedy_source, remedy_id, timely,
    ROW_NUMBER() OVER (
        PARTITION BY service, source, id
        ORDER BY timely DESC NULLS LAST, precedence NULLS LAST, began_at NULLS LAST,
            remedy_id NULLS LAST, incident_id NULLS LAST
    ) AS place
FROM judged
