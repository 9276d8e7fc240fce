-- uses: tree_attempts, tree_firsts
-- A row is one failed attempt of which the same workflow turned green later, on the same tree and within 14 days.
SELECT f.source, f.id, f.repository, f.workflow, f.tree, f.completed_at AS failed_at, MIN(s.completed_at) AS passed_at
FROM tree_firsts AS k
JOIN tree_attempts AS f ON f.repository = k.repository AND f.workflow = k.workflow AND f.tree = k.tree
JOIN tree_attempts AS s ON s.repository = k.repository AND s.workflow = k.workflow AND s.tree = k.tree
WHERE k.failures > 0 AND f.outcome = 'failure' AND s.outcome = 'success'
    AND s.completed_at > f.completed_at AND s.completed_at <= k.counts_until
GROUP BY f.source, f.id, f.repository, f.workflow, f.tree, f.completed_at
