-- uses: run_attempts
-- A row is one attempt with the tree it looked at: its own, else its commit's, else the commit stands for it.
WITH untold AS (
    SELECT DISTINCT repository, sha FROM run_attempts WHERE tree_sha IS NULL
),
known AS (
    SELECT c.repository, c.sha, MAX(c.tree_sha) AS tree_sha
    FROM untold AS u
    JOIN commits AS c ON c.repository = u.repository AND c.sha = u.sha
    WHERE c.tree_sha IS NOT NULL
    GROUP BY c.repository, c.sha
)
SELECT a.source, a.id, a.repository, a.workflow, COALESCE(a.tree_sha, c.tree_sha, a.sha) AS tree, a.run, a.attempt,
    a.completed_at, a.outcome, a.triggered_by, a.branch_kind
FROM run_attempts AS a
LEFT JOIN known AS c ON a.tree_sha IS NULL AND c.repository = a.repository AND c.sha = a.sha
