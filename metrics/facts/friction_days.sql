-- uses: friction_spans, friction_dated = unit_calendar(friction_spans)
-- A row is one business day of one wait: how many seconds of that day it took, at most 8 hours, and how many the wait
-- had taken by its end (`so_far`).
WITH days AS (
    SELECT DISTINCT calendar, day, opens_at, closes_at FROM calendar_dates WHERE is_open
),
cut AS (
    SELECT w.kind, w.unit, w.source, w.id, w.subject, w.who, w.person, w.pipeline, w.service, w.team, w.template,
        w.island,
        w.span_from, w.span_to, d.day, GREATEST(w.span_from, d.opens_at) AS at,
        LEAST(
            seconds_between(GREATEST(w.span_from, d.opens_at), LEAST(w.span_to, d.closes_at)), CAST(28800 AS DOUBLE)
        ) AS waited
    FROM friction_dated AS w
    JOIN days AS d ON d.calendar = w.calendar AND d.opens_at < w.span_to AND d.closes_at > w.span_from
)
SELECT c.*,
    SUM(c.waited) OVER (
        PARTITION BY c.kind, c.subject, c.who, c.service, c.island ORDER BY c.day NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS so_far
FROM cut AS c
