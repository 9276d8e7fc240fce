-- uses: golden_turns, service_catalog
-- A row is one service, in the period of its first deployment by the golden path, and how long it stayed there: until the
-- first of two deployments in a row that took another one. It stays until now, or until the service ended (E24).
WITH began AS (
    SELECT t.service, MIN(t.at) AS began_at FROM golden_turns AS t WHERE t.is_golden GROUP BY t.service
),
gone AS (
    SELECT t.service, MIN(t.at) AS left_at
    FROM golden_turns AS t
    JOIN began AS b ON b.service = t.service
    WHERE NOT t.is_golden AND t.path_after <> 'golden' AND t.at >= b.began_at
    GROUP BY t.service
)
SELECT 'service' AS unit, CAST(NULL AS STRING) AS source, b.service AS id, b.service, b.began_at AS at,
    GREATEST(seconds_between(b.began_at, COALESCE(g.left_at, LEAST(c.ended_at, p.now))), CAST(0 AS DOUBLE)) AS value,
    TRUE AS counted, CAST(NULL AS STRING) AS rule, CAST(NULL AS STRING) AS flag,
    g.left_at IS NULL AS censored, b.began_at, g.left_at
FROM began AS b
CROSS JOIN params AS p
LEFT JOIN gone AS g ON g.service = b.service
LEFT JOIN service_catalog AS c ON c.service = b.service
