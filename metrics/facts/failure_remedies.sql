-- uses: blamed_deployments, failure_detections, deployment_order
-- A row is a failed deployment with the revert, hotfix or rollback of it that finished first.
SELECT b.service, b.source, b.id, d.finished_at, d.id AS remedy_id
FROM blamed_deployments AS b
JOIN failure_detections AS f ON f.service = b.service AND f.source = b.source AND f.id = b.id AND f.timely
JOIN deployment_order AS d ON d.service = f.service AND d.source = f.remedy_source AND d.id = f.remedy_id
WHERE b.outcome = 'failed'
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY b.service, b.source, b.id ORDER BY d.finished_at NULLS LAST, d.id NULLS LAST
) = 1
