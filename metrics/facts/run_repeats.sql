-- A row is one run that was attempted again, how often, and how its first attempt ended (E18).
WITH again AS (
    SELECT source, repository, run, MAX(attempt) AS last_attempt
    FROM runs
    WHERE attempt > 1 AND completed_at IS NOT NULL AND conclusion IS NOT NULL
    GROUP BY source, repository, run
)
SELECT a.source, a.repository, a.run, a.last_attempt,
    MAX(CASE WHEN r.attempt = 1 THEN r.conclusion END) AS first_conclusion
FROM again AS a
JOIN runs AS r ON r.source = a.source AND r.repository = a.repository AND r.run = a.run
GROUP BY a.source, a.repository, a.run, a.last_attempt
