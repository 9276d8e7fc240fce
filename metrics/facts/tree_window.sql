-- uses: tree_attempts, tree_firsts
-- A row is one attempt on a tree of which the first attempt ended within the window.
SELECT a.source, a.id, a.repository, a.workflow, a.tree, a.outcome, k.any_at, k.counts_until
FROM tree_firsts AS k
CROSS JOIN params AS p
JOIN tree_attempts AS a ON a.repository = k.repository AND a.workflow = k.workflow AND a.tree = k.tree
WHERE k.any_at >= p.window_from AND k.any_at < p.window_to
