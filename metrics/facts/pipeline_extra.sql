-- uses: pipeline_standing, pipeline_matches
-- A row is a step of a service's pipelines that the golden path does not ask for, and whether that is approved.
WITH unmatched AS (
    SELECT s.service, s.ends_at, p.repository, p.state, p.place, p.step, p.weight
    FROM pipeline_standing AS s
    JOIN pipeline_steps AS p ON p.repository = s.repository AND p.state = s.state
    LEFT JOIN pipeline_matches AS m ON m.service = s.service AND m.ends_at = s.ends_at AND m.place = p.place
    WHERE NOT p.is_golden AND m.place IS NULL AND s.newest IS NOT NULL
),
approved AS (
    SELECT DISTINCT u.service, u.ends_at, u.step
    FROM unmatched AS u
    JOIN pipeline_names AS n ON n.repository = u.repository AND n.state = u.state AND n.place = u.place
    JOIN deviations AS d ON d.service = u.service AND d.name = n.name AND n.nearness = 1 AND d.until_at >= u.ends_at
)
SELECT u.service, u.ends_at, u.step, MAX(u.weight) AS weight, COUNT(a.step) > 0 AS is_approved
FROM unmatched AS u
LEFT JOIN approved AS a ON a.service = u.service AND a.ends_at = u.ends_at AND a.step = u.step
GROUP BY u.service, u.ends_at, u.step
