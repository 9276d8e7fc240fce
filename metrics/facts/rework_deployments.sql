-- uses: deployment_order, hotfix_deployments, revert_deployments, roll_forwards
-- A row is a deployment that was made because something in production had failed, with the first evidence of it (D5).
WITH found AS (
    SELECT service, source, id, 1 AS precedence, 'hotfix' AS evidence FROM hotfix_deployments
    UNION ALL
    SELECT service, source, id, 2 AS precedence, 'revert' AS evidence FROM revert_deployments
    UNION ALL
    SELECT service, source, id, 3 AS precedence, 'rollback' AS evidence FROM deployment_order WHERE role = 'rollback'
    UNION ALL
    SELECT service, source, id, 4 AS precedence, 'roll_forward' AS evidence FROM roll_forwards
)
SELECT service, source, id, MIN_BY(evidence, precedence) AS evidence
FROM found
GROUP BY service, source, id
