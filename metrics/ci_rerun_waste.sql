-- uses: run_ended = run_ended_trees, tree_firsts, tree_waste, tree_waits
-- uses: dated_waits = unit_calendar(tree_waits)
-- uses: timed_waits = business_seconds(dated_waits), repository_owner
-- A row is one tree that a workflow looked at, in the period in which its first attempt ended, with the machine time that
-- was spent in vain. `dev_wait`: from its first failure to the next success, at most 8 hours.
SELECT 'tree' AS unit, k.source, CONCAT(k.repository, '/', k.workflow, '@', k.tree) AS id, o.service, k.any_at AS at,
    s.wasted AS value, s.tree IS NOT NULL AS counted, CASE WHEN s.tree IS NULL THEN 'no_jobs' END AS rule,
    CAST(NULL AS STRING) AS flag, o.team, o.template, k.workflow,
    CONCAT(k.repository, '/', k.workflow) AS pipeline, k.triggered_by,
    CASE
        WHEN w.tree IS NULL THEN NULL
        WHEN p.clock = 'business' THEN LEAST(w.business_value, CAST(28800 AS DOUBLE))
        ELSE LEAST(seconds_between(w.span_from, w.span_to), CAST(28800 AS DOUBLE))
    END AS dev_wait,
    s.machine, s.failed, s.repeated, s.superseded, w.span_from AS failed_at, w.span_to AS passed_at
FROM tree_firsts AS k
CROSS JOIN params AS p
LEFT JOIN tree_waste AS s ON s.repository = k.repository AND s.workflow = k.workflow AND s.tree = k.tree
LEFT JOIN timed_waits AS w ON w.repository = k.repository AND w.workflow = k.workflow AND w.tree = k.tree
LEFT JOIN repository_owner AS o
    ON o.repository = k.repository AND o.owned_from <= k.any_at AND k.any_at < o.owned_to
WHERE k.any_at >= p.window_from AND k.any_at < p.window_to
