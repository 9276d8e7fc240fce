-- uses: run_ended = run_ended_window, run_attempts, run_jobs
-- A row is one job that ran, and how long it waited for a runner (E20), in the period in which its attempt ended. Beside
-- it `stalled`: how long required jobs of the attempt were queued while none of them ran; once for an attempt, with the
-- job for which it stood still longest.
WITH judged AS (
    SELECT j.*, a.repository, a.workflow, a.attempt, a.triggered_by, a.completed_at AS ended_at, a.service, a.team,
        a.template,
        CASE WHEN NOT j.is_required THEN 'optional' WHEN j.queued_at IS NULL THEN 'undated' END AS rule,
        MAX(GREATEST(COALESCE(j.completed_at, j.started_at), j.started_at)) OVER (
            PARTITION BY j.run_source, j.run_id, j.is_required ORDER BY j.started_at NULLS LAST, j.id NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at,
        MIN(j.queued_at) OVER (
            PARTITION BY j.run_source, j.run_id, j.is_required ORDER BY j.started_at NULLS LAST, j.id NULLS LAST
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS asked_at
    FROM run_jobs AS j
    JOIN run_attempts AS a ON a.source = j.run_source AND a.id = j.run_id
),
stood AS (
    SELECT q.*,
        CASE
            WHEN asked_at IS NULL THEN CAST(0 AS DOUBLE)
            ELSE GREATEST(seconds_between(GREATEST(asked_at, COALESCE(reached_at, asked_at)), started_at), 0.0)
        END AS stood_still
    FROM judged AS q
),
placed AS (
    SELECT s.*, SUM(stood_still) OVER (PARTITION BY run_source, run_id, is_required) AS stalled_seconds,
        ROW_NUMBER() OVER (
            PARTITION BY run_source, run_id
            ORDER BY CASE WHEN rule IS NULL THEN 0 ELSE 1 END, stood_still DESC NULLS LAST, started_at NULLS LAST,
                id NULLS LAST
        ) AS place
    FROM stood AS s
)
SELECT 'job' AS unit, source, id, service, ended_at AS at,
    CASE WHEN rule IS NULL THEN GREATEST(seconds_between(queued_at, started_at), CAST(0 AS DOUBLE)) END AS value,
    rule IS NULL AS counted, rule,
    CASE WHEN started_at < queued_at THEN 'negative' END AS flag,
    team, template, workflow, CONCAT(repository, '/', workflow) AS pipeline, triggered_by,
    COALESCE(runner, 'unknown') AS runner, LPAD(CAST(EXTRACT(HOUR FROM queued_at) AS STRING), 2, '0') AS hour_of_day,
    CASE WHEN rule IS NULL AND place = 1 THEN stalled_seconds END AS stalled,
    repository, run_id AS run, attempt, name, queued_at, started_at
FROM placed
