-- uses: friction_attempts, run_times, run_jobs
-- A row is one span in which somebody waited for the first answer of CI about a change: `ci_queue` while required jobs
-- stood still for want of a runner, `ci_execution` from the first job to the first failure of a required one, else to
-- the end of all of them. Later attempts are flaky re-runs, or were asked for again after a failure that was none.
WITH first_attempts AS (
    SELECT a.*, t.first_started_at,
        CASE
            WHEN t.failed_at IS NOT NULL THEN t.failed_at
            WHEN t.required_until IS NOT NULL THEN t.required_until
            ELSE a.completed_at
        END AS answered_at
    FROM friction_attempts AS a
    LEFT JOIN run_times AS t ON t.run_source = a.source AND t.run_id = a.id
    WHERE a.attempt = 1 AND a.branch_kind = 'pull_request' AND (a.rule IS NULL OR t.failed_at IS NOT NULL)
),
queued AS (
    SELECT a.source, j.id, a.subject, a.pipeline, a.service, a.team, a.template, a.author, j.started_at, a.answered_at,
        MAX(GREATEST(COALESCE(j.completed_at, j.started_at), j.started_at)) OVER (
            PARTITION BY j.run_source, j.run_id ORDER BY j.started_at NULLS LAST, j.id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at,
        MIN(j.queued_at) OVER (
            PARTITION BY j.run_source, j.run_id ORDER BY j.started_at NULLS LAST, j.id NULLS LAST
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS asked_at
    FROM first_attempts AS a
    JOIN run_jobs AS j ON j.run_source = a.source AND j.run_id = a.id
    WHERE j.is_required
)
SELECT 'ci_queue' AS kind, 'job' AS unit, source, id, subject, pipeline, service, team, template, author,
    GREATEST(asked_at, COALESCE(reached_at, asked_at)) AS span_from, LEAST(started_at, answered_at) AS span_to
FROM queued
WHERE asked_at IS NOT NULL
UNION ALL
SELECT 'ci_execution' AS kind, 'attempt' AS unit, source, id, subject, pipeline, service, team, template, author,
    COALESCE(first_started_at, started_at, created_at) AS span_from, answered_at AS span_to
FROM first_attempts
