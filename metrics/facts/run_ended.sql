-- A row is one attempt of a CI run that is over; a metric's header may put those of its window here.
SELECT source, id, repository, workflow, run, attempt, sha, tree_sha, branch, event, actor_kind, change_source, change_id,
    created_at, started_at, completed_at, conclusion
FROM runs
WHERE completed_at IS NOT NULL AND conclusion IS NOT NULL
