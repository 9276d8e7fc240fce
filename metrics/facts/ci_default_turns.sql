-- uses: run_asked = ci_default_failures, ci_default_runs, run_times
-- A row is one attempt on a default branch in the order in which a workflow's ended, with how the one before it ended and
-- when the next success did. One that failed by optional jobs only breaks nothing.
WITH required AS (
    SELECT r.*
    FROM ci_default_runs AS r
    LEFT JOIN run_times AS t ON t.run_source = r.source AND t.run_id = r.id
    WHERE r.outcome = 'success' OR t.run_id IS NULL OR t.failed_at IS NOT NULL OR NOT t.any_failed
)
SELECT source, id, repository, workflow, tree, completed_at, outcome, triggered_by, service, team, template,
    outcome = 'failure' AND COALESCE(LAG(outcome) OVER (
        PARTITION BY repository, workflow
        ORDER BY completed_at NULLS LAST, outcome NULLS LAST, source NULLS LAST, id NULLS LAST
    ), 'success') = 'success' AS is_break,
    MIN(CASE WHEN outcome = 'success' THEN completed_at END) OVER (
        PARTITION BY repository, workflow
        ORDER BY completed_at NULLS LAST, outcome NULLS LAST, source NULLS LAST, id NULLS LAST
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS green_at
FROM required
