-- uses: run_ended = run_ended_window, run_finals
-- A row is one run and how often it was attempted until it was decided, in the period in which its last attempt ended.
SELECT 'run' AS unit, f.source, f.id, f.service, f.completed_at AS at,
    CASE WHEN f.rule IS NULL THEN CAST(f.attempts AS DOUBLE) END AS value,
    f.rule IS NULL AS counted, f.rule, CAST(NULL AS STRING) AS flag, f.team, f.template, f.workflow,
    CONCAT(f.repository, '/', f.workflow) AS pipeline, f.triggered_by, f.branch_kind,
    CASE WHEN c.merged_at IS NOT NULL THEN CONCAT(c.source, '/', c.id) END AS merged_change,
    f.repository, f.run, f.conclusion, f.completed_at
FROM run_finals AS f
LEFT JOIN changes AS c ON c.source = f.change_source AND c.id = f.change_id
