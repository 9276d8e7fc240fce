-- uses: request_outcomes
-- A row is one journey along the golden path: a request that names a template. 1 where it reached its end and nobody had
-- to do anything for it.
WITH judged AS (
    SELECT r.*,
        CASE
            WHEN r.rule = 'came_to_nothing' THEN NULL
            WHEN r.rule IS NULL AND r.served_at IS NULL THEN 'open'
            WHEN r.human_touches IS NULL THEN 'unknown_touches'
        END AS left_out
    FROM request_outcomes AS r
    JOIN golden_templates AS t ON t.template = r.journey
)
SELECT 'request' AS unit, j.source, j.id, j.service, j.requested_at AS at,
    CASE
        WHEN j.left_out IS NULL
            THEN CAST(CASE WHEN COALESCE(j.rule, 'no_time') = 'no_time' AND j.human_touches = 0 THEN 1 ELSE 0 END AS DOUBLE)
    END AS value,
    j.left_out IS NULL AS counted, j.left_out AS rule, CAST(NULL AS STRING) AS flag, j.team, j.template,
    j.kind, CAST(j.human_touches AS DOUBLE) AS touches,
    CAST(CASE WHEN j.rule = 'came_to_nothing' THEN 1 ELSE 0 END AS DOUBLE) AS came_to_nothing,
    j.journey, j.status, j.served_at
FROM judged AS j
