-- uses: spoken_services
-- A row is one window of a service-level objective. 1: it met its objective. A window that ends at midnight belongs to
-- the day before it.
SELECT 'slo_window' AS unit, s.source, s.id, COALESCE(a.service, s.service) AS service,
    s.window_to - INTERVAL 1 MICROSECOND AS at,
    CAST(CASE WHEN total > 0 AND good >= objective * total THEN 1 WHEN total > 0 THEN 0 END AS DOUBLE) AS value,
    total > 0 AS counted,
    CASE WHEN total <= 0 THEN 'empty' END AS rule,
    CAST(NULL AS STRING) AS flag,
    name AS objective_name, window_from, window_to, objective, good, total,
    (1 - objective) * total AS bad_allowed, total - good AS bad
FROM slos AS s
LEFT JOIN spoken_services AS a ON a.repository = s.service
