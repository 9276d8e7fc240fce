-- uses: request_outcomes
-- A row is one fulfilled request, in the period in which it was; 1 where nobody had to do anything for it.
SELECT 'request' AS unit, r.source, r.id, r.service, r.served_at AS at,
    CASE WHEN r.human_touches IS NOT NULL THEN CAST(CASE WHEN r.human_touches = 0 THEN 1 ELSE 0 END AS DOUBLE) END
        AS value,
    r.human_touches IS NOT NULL AS counted,
    CASE WHEN r.human_touches IS NULL THEN 'unknown_touches' END AS rule,
    CAST(NULL AS STRING) AS flag, r.team, r.template, r.kind, r.human_touches, r.requested_at
FROM request_outcomes AS r
WHERE r.rule IS NULL AND r.served_at IS NOT NULL
