-- uses: run_ended = run_ended_window, run_attempts, run_jobs, run_times, merged_changes, service_owner
-- A row is one attempt with the machine time of its jobs; or, to divide that by, a merged change or a shipped deployment,
-- which cost none of their own. `cost` is in money, where a runner's minute has a price.
WITH paid AS (
    SELECT j.run_source, j.run_id, SUM(j.seconds / 60.0 * r.price) AS cost, MAX(r.currency) AS currency
    FROM run_jobs AS j
    JOIN runner_prices AS r ON r.runner = COALESCE(j.runner, '')
    GROUP BY j.run_source, j.run_id
)
SELECT 'attempt' AS unit, a.source, a.id, a.service, a.completed_at AS at, t.machine_seconds AS value,
    t.run_id IS NOT NULL AS counted, CASE WHEN t.run_id IS NULL THEN 'no_jobs' END AS rule,
    CAST(NULL AS STRING) AS flag, a.team, a.template, a.workflow,
    CONCAT(a.repository, '/', a.workflow) AS pipeline, a.triggered_by, a.branch_kind, 'attempt' AS kind, y.cost,
    y.currency, a.repository
FROM run_attempts AS a
LEFT JOIN run_times AS t ON t.run_source = a.source AND t.run_id = a.id
LEFT JOIN paid AS y ON y.run_source = a.source AND y.run_id = a.id
UNION ALL
SELECT 'change' AS unit, m.source, m.id, m.service, m.merged_at AS at, CAST(0 AS DOUBLE) AS value,
    m.rule IS NULL AS counted, m.rule, CAST(NULL AS STRING) AS flag, m.team, m.template,
    CAST(NULL AS STRING) AS workflow, CAST(NULL AS STRING) AS pipeline, CAST(NULL AS STRING) AS triggered_by,
    CAST(NULL AS STRING) AS branch_kind, 'change' AS kind, CAST(NULL AS DOUBLE) AS cost,
    CAST(NULL AS STRING) AS currency, m.repository
FROM merged_changes AS m
UNION ALL
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.finished_at AS at, CAST(0 AS DOUBLE) AS value,
    TRUE AS counted, CAST(NULL AS STRING) AS rule, CAST(NULL AS STRING) AS flag, o.team, o.template,
    CAST(NULL AS STRING) AS workflow, CAST(NULL AS STRING) AS pipeline, CAST(NULL AS STRING) AS triggered_by,
    CAST(NULL AS STRING) AS branch_kind, 'deployment' AS kind, CAST(NULL AS DOUBLE) AS cost,
    CAST(NULL AS STRING) AS currency, o.repository
FROM production_deployments AS d
JOIN service_owner AS o
    ON o.service = d.service AND o.owned_from <= d.finished_at AND d.finished_at < o.owned_to
WHERE d.role = 'shipped'
