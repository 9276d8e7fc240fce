-- uses: run_ended = ci_default_ended, ci_default_turns, ci_breaks, ci_break_pieces
-- uses: dated_breaks = unit_calendar(ci_break_pieces), timed_breaks = business_seconds(dated_breaks)
-- A row is one attempt on a default branch, in the period in which it ended. Where it broke the branch, its value is how
-- long the branch was then broken that was not broken already; else 0.
WITH lasted AS (
    SELECT t.source, t.id,
        SUM(CASE WHEN t.reading = 'own' THEN
            CASE WHEN p.clock = 'business' THEN t.business_value ELSE seconds_between(t.span_from, t.span_to) END
        END) AS own_seconds,
        SUM(CASE WHEN t.reading = 'fresh' THEN
            CASE WHEN p.clock = 'business' THEN t.business_value ELSE seconds_between(t.span_from, t.span_to) END
        END) AS fresh_seconds
    FROM timed_breaks AS t
    CROSS JOIN params AS p
    GROUP BY t.source, t.id
)
SELECT 'attempt' AS unit, r.source, r.id, r.service, r.completed_at AS at,
    COALESCE(l.fresh_seconds, CAST(0 AS DOUBLE)) AS value,
    TRUE AS counted, CAST(NULL AS STRING) AS rule, CASE WHEN b.is_flake THEN 'flake' END AS flag, r.team, r.template,
    r.workflow, CONCAT(r.repository, '/', r.workflow) AS pipeline, r.triggered_by, r.repository,
    COALESCE(r.is_break, FALSE) AS is_break,
    COALESCE(b.is_fresh, FALSE) AS is_fresh, COALESCE(b.is_flake, FALSE) AS is_flake, l.own_seconds,
    r.is_break AND b.green_at IS NULL AS censored, r.outcome, b.started_at, b.green_at, b.fresh_from
FROM ci_default_turns AS r
LEFT JOIN ci_breaks AS b ON b.source = r.source AND b.id = r.id
LEFT JOIN lasted AS l ON l.source = r.source AND l.id = r.id
