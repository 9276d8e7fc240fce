-- uses: friction_days, page_times
-- A row is one business day of one wait, or one page out of business hours, within the window, and the seconds that
-- people lost by it: behind what costs nothing and up to what is still waited for, by the people it held up and how
-- much of their attention it took.
SELECT d.kind, d.unit, d.source, d.id, d.subject, d.person, d.pipeline, d.service, d.team, d.template, d.day, d.at,
    d.span_from,
    d.span_to, f.people, f.attention, d.waited,
    f.people * f.attention * (
        LEAST(GREATEST(d.so_far, f.nothing_until), f.nothing_after)
        - LEAST(GREATEST(d.so_far - d.waited, f.nothing_until), f.nothing_after)
    ) AS lost
FROM friction_days AS d
CROSS JOIN params AS p
JOIN friction_factors AS f ON f.kind = d.kind
WHERE d.at >= p.window_from AND d.at < p.window_to
UNION ALL
SELECT 'out_of_hours_pages' AS kind, 'page' AS unit, g.source, g.id, CONCAT(g.rotation, ' ', g.id) AS subject,
    CAST(NULL AS STRING) AS person, CAST(NULL AS STRING) AS pipeline, g.service, g.team, g.template,
    CAST(g.paged_at AS DATE) AS day, g.paged_at AS at,
    g.paged_at AS span_from, g.paged_at AS span_to, f.people, f.attention, f.each AS waited,
    f.people * f.attention * f.each AS lost
FROM page_times AS g
CROSS JOIN params AS p
JOIN friction_factors AS f ON f.kind = 'out_of_hours_pages'
WHERE g.out_of_hours AND g.paged_at >= p.window_from AND g.paged_at < p.window_to
