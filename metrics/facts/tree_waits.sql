-- uses: tree_firsts, tree_recoveries, repository_owner
-- A row is one tree that a workflow turned green on after a failure, and the span between: somebody waited, or came back.
WITH waited AS (
    SELECT repository, workflow, tree, MIN(failed_at) AS failed_at
    FROM tree_recoveries
    GROUP BY repository, workflow, tree
)
SELECT w.repository, w.workflow, w.tree, o.team, w.failed_at AS span_from, MIN(r.passed_at) AS span_to,
    w.failed_at AS whole_from, MIN(r.passed_at) AS whole_to
FROM waited AS w
CROSS JOIN params AS p
JOIN tree_firsts AS k ON k.repository = w.repository AND k.workflow = w.workflow AND k.tree = w.tree
JOIN tree_recoveries AS r
    ON r.repository = w.repository AND r.workflow = w.workflow AND r.tree = w.tree AND r.failed_at = w.failed_at
LEFT JOIN repository_owner AS o
    ON o.repository = w.repository AND o.owned_from <= k.any_at AND k.any_at < o.owned_to
WHERE k.any_at >= p.window_from AND k.any_at < p.window_to
GROUP BY w.repository, w.workflow, w.tree, o.team, w.failed_at
