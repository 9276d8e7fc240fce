-- uses: blamed_deployments, failure_detections, deployment_order
-- A row is a failed deployment with the revert, hotfix or rollback of it that finished first. An attempt that users felt
-- and that no evidence follows, no incident either, is over once the next deployment runs.
WITH answered AS (
    SELECT b.service, b.source, b.id, d.finished_at, d.id AS remedy_id
    FROM blamed_deployments AS b
    JOIN failure_detections AS f ON f.service = b.service AND f.source = b.source AND f.id = b.id AND f.timely
    JOIN deployment_order AS d ON d.service = f.service AND d.source = f.remedy_source AND d.id = f.remedy_id
    WHERE b.outcome = 'failed'
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY b.service, b.source, b.id ORDER BY d.finished_at NULLS LAST, d.id NULLS LAST
    ) = 1
)
SELECT service, source, id, finished_at, remedy_id FROM answered
UNION ALL
SELECT b.service, b.source, b.id, n.finished_at, n.id AS remedy_id
FROM blamed_deployments AS b
JOIN deployment_order AS d ON d.service = b.service AND d.source = b.source AND d.id = b.id
JOIN deployment_order AS n
    ON n.service = d.service AND n.ran_until = d.ran_until + 1 AND n.role IN ('shipped', 'redeploy', 'rollback')
WHERE b.outcome = 'failed' AND d.role <> 'shipped'
    AND NOT EXISTS (
        SELECT 1 AS found FROM failure_detections AS f
        WHERE f.service = b.service AND f.source = b.source AND f.id = b.id AND f.timely
    )
