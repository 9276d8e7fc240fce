-- uses: pipeline_standing, pipeline_matches
-- A row is a step that the newest release of the golden path requires of a service: supplied or not, by reference or
-- as a copy, in how many variants, and whether an approved deviation covers it.
WITH supplied AS (
    SELECT m.service, m.ends_at, m.step, m.nearness, p.is_reference AND NOT p.is_golden AS is_reference,
        p.path, p.job, p.digest
    FROM pipeline_matches AS m
    JOIN pipeline_steps AS p ON p.repository = m.repository AND p.state = m.state AND p.place = m.place
    WHERE NOT p.is_golden
),
nearest AS (
    SELECT service, ends_at, step, is_reference, path, job, digest
    FROM supplied
    QUALIFY RANK() OVER (PARTITION BY service, ends_at, step ORDER BY nearness NULLS LAST) = 1
),
variants AS (
    SELECT service, ends_at, step, path, job, MIN(CASE WHEN is_reference THEN 1 ELSE 0 END) AS is_reference,
        CAST(ARRAY_SORT(ARRAY_AGG(digest)) AS STRING) AS variant
    FROM nearest
    GROUP BY service, ends_at, step, path, job
),
own AS (
    SELECT service, ends_at, step, MIN(is_reference) AS is_reference, COUNT(DISTINCT variant) AS variants
    FROM variants
    GROUP BY service, ends_at, step
),
inherited AS (
    SELECT s.service, s.ends_at, g.step
    FROM pipeline_standing AS s
    JOIN golden_steps AS g ON g.template = s.template AND g.number = s.tied
    WHERE s.tie = 'reference'
),
approved AS (
    SELECT DISTINCT s.service, s.ends_at, g.step
    FROM pipeline_standing AS s
    JOIN golden_names AS g ON g.template = s.template AND g.number = s.newest
    JOIN deviations AS d ON d.service = s.service AND d.name = g.name AND d.until_at >= s.ends_at
)
SELECT s.service, s.ends_at, g.step, g.weight, i.step IS NOT NULL OR o.step IS NOT NULL AS is_supplied,
    i.step IS NOT NULL OR COALESCE(o.is_reference, 0) = 1 AS is_reference, COALESCE(o.variants, 0) AS variants,
    a.step IS NOT NULL AS is_approved
FROM pipeline_standing AS s
JOIN golden_steps AS g ON g.template = s.template AND g.number = s.newest
LEFT JOIN own AS o ON o.service = s.service AND o.ends_at = s.ends_at AND o.step = g.step
LEFT JOIN inherited AS i ON i.service = s.service AND i.ends_at = s.ends_at AND i.step = g.step
LEFT JOIN approved AS a ON a.service = s.service AND a.ends_at = s.ends_at AND a.step = g.step
