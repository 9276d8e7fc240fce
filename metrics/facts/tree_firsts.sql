-- uses: tree_attempts
-- A row is one tree that a workflow looked at, and when its first attempt that was decided ended; of one that was never
-- decided, its first. `counts_until`: as long as a later success speaks of the same (14 days). Started by a
-- human where any of its attempts was.
WITH ended AS (
    SELECT repository, workflow, tree, MIN(source) AS source, MIN(triggered_by) AS triggered_by,
        MIN(completed_at) AS any_at,
        MIN(CASE WHEN outcome IN ('success', 'failure') THEN completed_at END) AS decided_at,
        SUM(CASE WHEN outcome = 'failure' THEN 1 ELSE 0 END) AS failures
    FROM tree_attempts
    GROUP BY repository, workflow, tree
)
SELECT source, repository, workflow, tree, triggered_by, any_at, decided_at, failures,
    COALESCE(decided_at, any_at) + INTERVAL '14' DAY AS counts_until
FROM ended
