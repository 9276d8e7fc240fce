-- A row is one attempt that was decided and may have been on a default branch: no timer and no
-- pull request started it.
SELECT source, id, repository, workflow, run, attempt, sha, tree_sha, branch, event, actor_kind, change_source, change_id,
    created_at, started_at, completed_at, conclusion
FROM runs
WHERE completed_at IS NOT NULL AND conclusion IN ('success', 'failure', 'timed_out') AND branch IS NOT NULL
    AND COALESCE(event, '') <> 'schedule' AND COALESCE(event, '') NOT LIKE 'pull_request%'
    AND COALESCE(event, '') NOT LIKE 'merge_request%'
