-- uses: run_ended = run_ended_window, run_attempts, run_times, run_gates
-- A row is one attempt of a run and how long it ran: from the start of its first job to its end, without gates (E20).
-- `dev_wait` ends with the last required job, `machine` is the sum of all jobs (E21).
WITH timed AS (
    SELECT a.source, a.id, a.repository, a.workflow, a.attempt, a.triggered_by, a.completed_at, a.service, a.team,
        a.template, t.first_started_at, t.required_until, t.machine_seconds,
        COALESCE(t.first_started_at, a.started_at) AS ran_from,
        CASE WHEN a.rule IS NOT NULL THEN a.rule
            WHEN COALESCE(t.first_started_at, a.started_at) IS NULL THEN 'undated' END AS rule
    FROM run_attempts AS a
    LEFT JOIN run_times AS t ON t.run_source = a.source AND t.run_id = a.id
),
gated AS (
    SELECT t.source, t.id,
        SUM(GREATEST(seconds_between(GREATEST(g.starts_at, t.ran_from), LEAST(g.ends_at, t.completed_at)), 0.0))
            AS whole,
        SUM(GREATEST(seconds_between(GREATEST(g.starts_at, t.ran_from), LEAST(g.ends_at, t.required_until)), 0.0))
            AS required
    FROM timed AS t
    JOIN run_gates AS g ON g.source = t.source AND g.id = t.id
    GROUP BY t.source, t.id
)
SELECT 'attempt' AS unit, t.source, t.id, t.service, t.completed_at AS at,
    CASE
        WHEN t.rule IS NULL
            THEN GREATEST(seconds_between(t.ran_from, t.completed_at) - COALESCE(g.whole, 0.0), CAST(0 AS DOUBLE))
    END AS value,
    t.rule IS NULL AS counted, t.rule,
    CASE WHEN t.completed_at < t.ran_from THEN 'negative' WHEN t.first_started_at IS NULL THEN 'no_jobs' END AS flag,
    t.team, t.template, t.workflow, CONCAT(t.repository, '/', t.workflow) AS pipeline, t.triggered_by,
    CASE
        WHEN t.first_started_at IS NOT NULL AND t.required_until IS NOT NULL
            THEN GREATEST(
                seconds_between(t.first_started_at, t.required_until) - COALESCE(g.required, 0.0), CAST(0 AS DOUBLE)
            )
    END AS dev_wait,
    t.machine_seconds AS machine,
    t.repository, t.attempt, t.ran_from, t.required_until, t.completed_at, g.whole AS gate_seconds
FROM timed AS t
LEFT JOIN gated AS g ON g.source = t.source AND g.id = t.id
