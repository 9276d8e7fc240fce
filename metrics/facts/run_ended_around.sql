-- A row is one attempt of a CI run that ended within the window or in the thirty days before or after it: a branch that
-- was red when the window began is seen to be, and a failure within it finds the success that came later.
SELECT r.source, r.id, r.repository, r.workflow, r.run, r.attempt, r.sha, r.tree_sha, r.branch, r.event, r.actor_kind,
    r.change_source, r.change_id, r.created_at, r.started_at, r.completed_at, r.conclusion
FROM runs AS r
CROSS JOIN params AS p
WHERE r.completed_at >= p.window_from - INTERVAL '30' DAY AND r.completed_at < p.window_to + INTERVAL '30' DAY
    AND r.conclusion IS NOT NULL
