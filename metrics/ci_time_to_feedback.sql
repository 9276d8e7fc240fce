-- uses: run_ended = run_ended_window, run_attempts, run_times, run_gates
-- A row is one attempt of a run of a pull request, and how long its author waited for an answer: until the first required
-- job failed, else until all of them were over. Queues count, gates do not (E20). The first attempt is the answer (E18).
WITH answered AS (
    SELECT a.source, a.id, a.repository, a.workflow, a.attempt, a.triggered_by, a.created_at, a.completed_at, a.service,
        a.team, a.template, a.rule, t.run_id IS NULL AS has_no_jobs, t.required_until,
        CASE
            WHEN t.failed_at IS NOT NULL THEN t.failed_at
            WHEN a.rule IS NULL AND t.run_id IS NULL THEN a.completed_at
            WHEN a.rule IS NULL THEN t.required_until
        END AS answered_at
    FROM run_attempts AS a
    LEFT JOIN run_times AS t ON t.run_source = a.source AND t.run_id = a.id
    WHERE a.branch_kind = 'pull_request'
),
judged AS (
    SELECT n.*,
        CASE
            WHEN n.attempt > 1 THEN 'E18'
            WHEN n.triggered_by = 'machine' THEN 'machine'
            WHEN n.answered_at IS NOT NULL THEN NULL
            WHEN n.rule IS NOT NULL THEN n.rule
            ELSE 'optional'
        END AS reason
    FROM answered AS n
),
gated AS (
    SELECT n.source, n.id,
        SUM(GREATEST(seconds_between(GREATEST(g.starts_at, n.created_at), LEAST(g.ends_at, n.answered_at)), 0.0))
            AS seconds
    FROM judged AS n
    JOIN run_gates AS g ON g.source = n.source AND g.id = n.id
    WHERE n.reason IS NULL
    GROUP BY n.source, n.id
)
SELECT 'attempt' AS unit, n.source, n.id, n.service, n.completed_at AS at,
    CASE
        WHEN n.reason IS NULL
            THEN GREATEST(
                seconds_between(n.created_at, n.answered_at) - COALESCE(g.seconds, 0.0), CAST(0 AS DOUBLE)
            )
    END AS value,
    n.reason IS NULL AS counted, n.reason AS rule,
    CASE WHEN n.answered_at < n.created_at THEN 'negative' WHEN n.has_no_jobs THEN 'no_jobs' END AS flag,
    n.team, n.template, n.workflow, CONCAT(n.repository, '/', n.workflow) AS pipeline,
    n.repository, n.attempt, n.created_at, n.answered_at, g.seconds AS gate_seconds
FROM judged AS n
LEFT JOIN gated AS g ON g.source = n.source AND g.id = n.id
