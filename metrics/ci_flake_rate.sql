-- uses: run_ended = run_ended_trees, tree_firsts, tree_recoveries, repository_owner
-- A row is one tree that a workflow looked at, in the period in which its first decided attempt ended. 1: an attempt
-- failed and a later one passed, within 14 days.
WITH flaky AS (
    SELECT repository, workflow, tree, COUNT(*) AS failures, MIN(failed_at) AS failed_at, MIN(passed_at) AS passed_at
    FROM tree_recoveries
    GROUP BY repository, workflow, tree
),
placed AS (
    SELECT k.*, COALESCE(k.decided_at, k.any_at) AS ended_at FROM tree_firsts AS k
)
SELECT 'tree' AS unit, k.source, CONCAT(k.repository, '/', k.workflow, '@', k.tree) AS id, o.service, k.ended_at AS at,
    CAST(CASE WHEN k.decided_at IS NOT NULL THEN CASE WHEN f.tree IS NULL THEN 0 ELSE 1 END END AS DOUBLE) AS value,
    k.decided_at IS NOT NULL AS counted, CASE WHEN k.decided_at IS NULL THEN 'E19' END AS rule,
    CAST(NULL AS STRING) AS flag, o.team, o.template, k.workflow,
    CONCAT(k.repository, '/', k.workflow) AS pipeline, k.triggered_by,
    k.failures, COALESCE(f.failures, 0) AS flaky_failures, f.failed_at, f.passed_at
FROM placed AS k
LEFT JOIN flaky AS f ON f.repository = k.repository AND f.workflow = k.workflow AND f.tree = k.tree
LEFT JOIN repository_owner AS o
    ON o.repository = k.repository AND o.owned_from <= k.ended_at AND k.ended_at < o.owned_to
