-- uses: run_ended = run_ended_window, run_finals
-- A row is one run that was decided. 1: its last attempt passed (E18).
SELECT 'run' AS unit, source, id, service, completed_at AS at,
    CAST(CASE WHEN rule IS NULL THEN CASE WHEN outcome = 'success' THEN 1 ELSE 0 END END AS DOUBLE) AS value,
    rule IS NULL AS counted, rule, CAST(NULL AS STRING) AS flag, team, template, workflow,
    CONCAT(repository, '/', workflow) AS pipeline, triggered_by, branch_kind,
    CAST(CASE WHEN rule IS NULL THEN passed_first END AS DOUBLE) AS passed_first, repository, run, attempts,
    conclusion, completed_at
FROM run_finals
