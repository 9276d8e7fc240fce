-- uses: run_attempts, tree_attempts
-- A row is one decided attempt on a default branch that no timer started: nobody waits for a nightly run (C8).
SELECT a.source, a.id, a.repository, a.workflow, t.tree, a.completed_at, a.outcome, a.triggered_by, a.service, a.team,
    a.template
FROM run_attempts AS a
JOIN tree_attempts AS t ON t.source = a.source AND t.id = a.id
JOIN runs AS r ON r.source = a.source AND r.id = a.id
WHERE a.branch_kind = 'default' AND a.outcome IN ('success', 'failure') AND COALESCE(r.event, '') <> 'schedule'
