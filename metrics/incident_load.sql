-- uses: service_incidents
-- A row is one incident of any cause, in the period in which it began.
SELECT 'incident' AS unit, source, id, service, started_at AS at, CAST(1 AS DOUBLE) AS value, TRUE AS counted,
    CAST(NULL AS STRING) AS rule,
    CASE WHEN mitigated_at IS NULL AND resolved_at IS NOT NULL THEN 'resolved_at' END AS flag,
    COALESCE(severity, 'unknown') AS severity, change_caused, ended_at,
    CASE
        WHEN ended_at IS NOT NULL THEN GREATEST(seconds_between(started_at, ended_at), CAST(0 AS DOUBLE))
    END AS mitigated_in,
    title, url
FROM service_incidents
WHERE started_at IS NOT NULL
