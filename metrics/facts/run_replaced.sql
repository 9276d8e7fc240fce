-- uses: run_ended
-- A row is one commit that a workflow checked for a change, else on a branch, and when the next one followed it there.
-- Only where an attempt asked for was cancelled (E19).
WITH stopped AS (
    SELECT DISTINCT repository, workflow, COALESCE(change_id, branch) AS line
    FROM run_ended
    WHERE conclusion = 'cancelled' AND COALESCE(change_id, branch) IS NOT NULL
),
pushes AS (
    SELECT s.repository, s.workflow, s.line, r.sha, MIN(r.created_at) AS pushed_at
    FROM stopped AS s
    JOIN runs AS r
        ON r.repository = s.repository AND r.workflow = s.workflow AND COALESCE(r.change_id, r.branch) = s.line
    GROUP BY s.repository, s.workflow, s.line, r.sha
)
SELECT repository, workflow, line, sha,
    LEAD(pushed_at) OVER (
        PARTITION BY repository, workflow, line ORDER BY pushed_at NULLS LAST, sha NULLS LAST
    ) AS replaced_at
FROM pushes
