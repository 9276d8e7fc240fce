-- uses: friction_ci, friction_flaky, friction_red, friction_review, friction_release, friction_failures
-- uses: friction_requests
-- A row is one span in which somebody waited, of any kind, and by whose calendar: spans of one subject that overlap are
-- one, for nobody waits twice at a time for the same thing. `person` joins the accounts of one human.
WITH told AS (
    SELECT * FROM friction_ci
    UNION ALL
    SELECT * FROM friction_flaky
    UNION ALL
    SELECT * FROM friction_red
    UNION ALL
    SELECT * FROM friction_review
    UNION ALL
    SELECT * FROM friction_release
    UNION ALL
    SELECT * FROM friction_failures
    UNION ALL
    SELECT * FROM friction_requests
),
near AS (
    SELECT t.kind, t.unit, t.source, t.id, t.subject, t.pipeline, t.service, t.team, t.template,
        COALESCE(i.person, t.author) AS person, COALESCE(i.person, t.author, '') AS who, t.span_from, t.span_to
    FROM told AS t
    CROSS JOIN params AS p
    LEFT JOIN identities AS i ON i.handle = t.author
    -- of a wait at most forty business days count
    WHERE t.span_to > t.span_from AND t.span_from < p.window_to AND t.span_from >= p.window_from - INTERVAL '120' DAY
),
reached AS (
    SELECT n.*,
        MAX(n.span_to) OVER (
            PARTITION BY n.kind, n.subject, n.who, n.service
            ORDER BY n.span_from NULLS LAST, n.span_to NULLS LAST, n.source NULLS LAST, n.id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at
    FROM near AS n
),
islands AS (
    SELECT r.*,
        SUM(CASE WHEN r.reached_at >= r.span_from THEN 0 ELSE 1 END) OVER (
            PARTITION BY r.kind, r.subject, r.who, r.service
            ORDER BY r.span_from NULLS LAST, r.span_to NULLS LAST, r.source NULLS LAST, r.id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island
    FROM reached AS r
)
SELECT i.kind, MIN(i.unit) AS unit, i.subject, i.who, i.service, i.island, MIN(i.person) AS person,
    MIN(i.pipeline) AS pipeline,
    MIN(i.source) AS source, MIN(i.id) AS id, MIN(i.team) AS team, MIN(i.template) AS template,
    MIN(i.span_from) AS span_from, MAX(i.span_to) AS span_to
FROM islands AS i
CROSS JOIN params AS p
GROUP BY i.kind, i.subject, i.who, i.service, i.island, p.window_from
HAVING MAX(i.span_to) > p.window_from
