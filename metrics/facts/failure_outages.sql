-- uses: blamed_deployments, failure_detections, service_incidents
-- A row is a failed deployment with incidents and its first run of overlapping ones (E23): open where one of those has
-- no end. `resolved_only`: an incident had no mitigation time.
WITH incidents_of AS (
    SELECT b.service, b.source, b.id, i.source AS incident_source, i.id AS incident_id, i.ended_at,
        i.impact_started_at AS measured_at, i.mitigated_at IS NULL AS resolved_only,
        COALESCE(
            i.impact_started_at,
            MIN(i.impact_started_at) OVER (PARTITION BY b.service, b.source, b.id),
            b.finished_at
        ) AS began_at
    FROM blamed_deployments AS b
    JOIN failure_detections AS f ON f.service = b.service AND f.source = b.source AND f.id = b.id AND f.timely
    JOIN service_incidents AS i ON i.source = f.incident_source AND i.id = f.incident_id
    WHERE b.outcome = 'failed'
),
joined AS (
    SELECT service, source, id, incident_source, incident_id, ended_at, measured_at, resolved_only, began_at,
        MAX(COALESCE(ended_at, TIMESTAMP '9999-12-31 00:00:00')) OVER (
            PARTITION BY service, source, id
            ORDER BY began_at NULLS LAST, incident_source NULLS LAST, incident_id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS open_until
    FROM incidents_of
),
runs AS (
    SELECT service, source, id, ended_at, measured_at, resolved_only,
        SUM(CASE WHEN began_at > open_until THEN 1 ELSE 0 END) OVER (
            PARTITION BY service, source, id
            ORDER BY began_at NULLS LAST, incident_source NULLS LAST, incident_id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM joined
)
SELECT service, source, id, COUNT(*) AS incidents,
    MIN(measured_at) AS measured_at,
    BOOL_OR(resolved_only) AS resolved_only,
    BOOL_OR(run = 0 AND ended_at IS NULL) AS is_open,
    MAX(CASE WHEN run = 0 THEN ended_at END) AS ended_at,
    BOOL_OR(ended_at IS NULL) AS any_open,
    MAX(ended_at) AS last_ended_at
FROM runs
GROUP BY service, source, id
