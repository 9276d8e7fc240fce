-- uses: service_catalog
-- A row is one deployable service, in the period in which it was created; 1 where it was made from a golden template.
WITH forks AS (
    SELECT name FROM repositories GROUP BY name HAVING BOOL_OR(fork)
)
SELECT 'service' AS unit, CAST(NULL AS STRING) AS source, c.service AS id, c.service, c.born_at AS at,
    CASE WHEN f.name IS NULL THEN CAST(CASE WHEN t.template IS NULL THEN 0 ELSE 1 END AS DOUBLE) END AS value,
    f.name IS NULL AS counted, CASE WHEN f.name IS NOT NULL THEN 'fork' END AS rule,
    CAST(NULL AS STRING) AS flag, c.template AS made_from
FROM service_catalog AS c
CROSS JOIN params AS p
LEFT JOIN golden_templates AS t ON t.template = c.template
LEFT JOIN forks AS f ON f.name = c.repository
WHERE c.born_at <= p.now
