-- A row is one attempt of a CI run that is over and looked at a tree that its workflow looked at within the window: at any
-- time, for the first look and a later success decide. Some others are among them, which ended outside of it.
WITH looked AS (
    SELECT DISTINCT r.repository, r.workflow, r.sha, r.tree_sha
    FROM runs AS r
    CROSS JOIN params AS p
    WHERE r.completed_at >= p.window_from AND r.completed_at < p.window_to AND r.conclusion IS NOT NULL
),
told AS (
    SELECT l.repository, l.workflow, c.tree_sha AS tree
    FROM looked AS l
    JOIN commits AS c ON c.repository = l.repository AND c.sha = l.sha
    WHERE l.tree_sha IS NULL AND c.tree_sha IS NOT NULL
    UNION
    SELECT repository, workflow, tree_sha AS tree FROM looked WHERE tree_sha IS NOT NULL
    UNION
    -- where nothing tells the tree, the commit stands for it
    SELECT repository, workflow, sha AS tree FROM looked WHERE tree_sha IS NULL
),
committed AS (
    SELECT t.repository, t.workflow, c.sha
    FROM told AS t
    JOIN commits AS c ON c.repository = t.repository AND c.tree_sha = t.tree
    UNION
    SELECT repository, workflow, sha FROM looked WHERE tree_sha IS NULL
    UNION
    SELECT repository, workflow, tree AS sha FROM told
)
SELECT r.source, r.id, r.repository, r.workflow, r.run, r.attempt, r.sha, r.tree_sha, r.branch, r.event, r.actor_kind,
    r.change_source, r.change_id, r.created_at, r.started_at, r.completed_at, r.conclusion
FROM runs AS r
LEFT JOIN told AS t ON t.repository = r.repository AND t.workflow = r.workflow AND t.tree = r.tree_sha
LEFT JOIN committed AS c
    ON r.tree_sha IS NULL AND c.repository = r.repository AND c.workflow = r.workflow AND c.sha = r.sha
WHERE r.completed_at IS NOT NULL AND r.conclusion IS NOT NULL AND (t.tree IS NOT NULL OR c.sha IS NOT NULL)
