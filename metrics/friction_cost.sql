-- uses: run_ended = run_ended_around, ci_default_runs = friction_default_runs, friction_lost
-- A row is one business day of one wait, and the seconds that people lost by it: of one person and day all kinds
-- together at most 8 hours, shared pro rata.
WITH together AS (
    SELECT l.*,
        CASE WHEN l.person IS NOT NULL THEN SUM(l.lost / NULLIF(l.people, 0.0)) OVER (PARTITION BY l.person, l.day) END
            AS of_the_day
    FROM friction_lost AS l
)
SELECT t.unit, t.source, t.id, t.service, t.at,
    t.lost * LEAST(CAST(1 AS DOUBLE), COALESCE(CAST(28800 AS DOUBLE) / NULLIF(t.of_the_day, 0.0), 1.0)) AS value,
    TRUE AS counted, CAST(NULL AS STRING) AS rule,
    CASE WHEN t.of_the_day > 28800 THEN 'day_is_full' END AS flag, t.team, t.template,
    t.kind, t.pipeline, t.subject, t.day, t.waited, t.people, t.attention, t.span_from, t.span_to
FROM together AS t
