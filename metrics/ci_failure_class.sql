-- uses: run_ended = run_ended_trees, run_asked = run_failures, run_failures, run_jobs, tree_recoveries
-- A row is one failed attempt and why it failed: as a failed job of it says, a required one first, a wrong change before
-- machines before chance; else a flake where it turned green on the same tree. 1: not because of the change.
WITH told AS (
    SELECT run_source, run_id,
        MIN(CASE
            WHEN failure_class = 'change' THEN 1
            WHEN failure_class = 'infrastructure' THEN 2
            WHEN failure_class = 'flake' THEN 3
        END + CASE WHEN is_required THEN 0 ELSE 3 END) AS place
    FROM run_jobs
    WHERE has_failed
    GROUP BY run_source, run_id
),
judged AS (
    SELECT f.*, r.passed_at, t.place IS NOT NULL AS is_said,
        CASE
            WHEN t.place IN (1, 4) THEN 'change'
            WHEN t.place IN (2, 5) THEN 'infrastructure'
            WHEN t.place IN (3, 6) OR r.passed_at IS NOT NULL THEN 'flake'
            ELSE 'unknown'
        END AS class
    FROM run_failures AS f
    LEFT JOIN told AS t ON t.run_source = f.source AND t.run_id = f.id
    LEFT JOIN tree_recoveries AS r ON r.source = f.source AND r.id = f.id
)
SELECT 'attempt' AS unit, source, id, service, completed_at AS at,
    CAST(CASE WHEN class IN ('flake', 'infrastructure') THEN 1 ELSE 0 END AS DOUBLE) AS value, TRUE AS counted,
    CAST(NULL AS STRING) AS rule, CASE WHEN class = 'flake' AND NOT is_said THEN 'by_tree' END AS flag,
    team, template, workflow, CONCAT(repository, '/', workflow) AS pipeline, triggered_by, branch_kind, class,
    repository, completed_at, passed_at
FROM judged
