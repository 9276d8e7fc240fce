-- uses: deployment_order, service_incidents
-- A row is a change-caused incident with the one deployment it blames (E9, E23): the one it names, else the latest
-- shipped deployment of its service before it began. Incidents that no deployment answers for are not here.
WITH timeline AS (
    SELECT FALSE AS is_incident, service, source, id, finished_at AS moment, shipped_until
    FROM deployment_order
    WHERE role = 'shipped'
    UNION ALL
    SELECT TRUE AS is_incident, service, source, id, started_at AS moment, 0 AS shipped_until
    FROM service_incidents
    WHERE change_caused = 'yes' AND NOT names_deployment AND service IS NOT NULL AND started_at IS NOT NULL
),
preceded AS (
    SELECT is_incident, service, source, id, moment,
        MAX(shipped_until) OVER (
            PARTITION BY service
            ORDER BY moment NULLS LAST, is_incident NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS latest
    FROM timeline
)
SELECT 'incident_reference' AS detected_by, source AS incident_source, id AS incident_id, started_at,
    deployment_service AS service, deployment_source, deployment_id
FROM service_incidents
WHERE change_caused = 'yes' AND deployment_id IS NOT NULL
UNION ALL
SELECT 'incident_window' AS detected_by, p.source AS incident_source, p.id AS incident_id, p.moment AS started_at,
    d.service, d.source AS deployment_source, d.id AS deployment_id
FROM preceded AS p
CROSS JOIN params AS w
JOIN deployment_order AS d ON d.service = p.service AND d.shipped_until = p.latest AND d.role = 'shipped'
WHERE p.is_incident AND seconds_between(d.finished_at, p.moment) <= w.failure_window_seconds
