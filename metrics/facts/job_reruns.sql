-- uses: run_asked
-- A row is one job of a run of which a later attempt is asked for than its first. Carried: it is the same job as in an earlier attempt, by its start.
-- Repeated: a job of its name had passed in an earlier attempt.
WITH again AS (
    SELECT DISTINCT r.source, r.repository, r.run
    FROM run_asked AS a
    JOIN runs AS r ON r.source = a.source AND r.id = a.id
    WHERE r.attempt > 1
),
placed AS (
    SELECT j.source, j.id, j.started_at, r.attempt,
        MIN(r.attempt) OVER (
            PARTITION BY r.source, r.repository, r.run, j.name, j.started_at
        ) AS first_attempt,
        MIN(CASE WHEN j.conclusion = 'success' THEN r.attempt END) OVER (
            PARTITION BY r.source, r.repository, r.run, j.name
        ) AS passed_attempt
    FROM again AS a
    JOIN runs AS r ON r.source = a.source AND r.repository = a.repository AND r.run = a.run
    JOIN jobs AS j ON j.run_source = r.source AND j.run_id = r.id
)
SELECT source, id, started_at IS NOT NULL AND first_attempt < attempt AS is_carried,
    COALESCE(passed_attempt < attempt, FALSE) AS is_repeat
FROM placed
