-- uses: run_attempts
-- A row is one failed attempt that ended within the window.
SELECT a.source, a.id, a.repository, a.workflow, a.completed_at, a.triggered_by, a.branch_kind, a.service, a.team,
    a.template
FROM run_attempts AS a
CROSS JOIN params AS p
WHERE a.outcome = 'failure' AND a.completed_at >= p.window_from AND a.completed_at < p.window_to
