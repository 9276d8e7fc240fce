-- uses: asked_deployments
-- A row is one commit, known or not, with the deployment asked for that was the first to bring it to production (E5).
SELECT s.service, s.repository, s.sha, d.source AS deployment_source, d.id AS deployment_id, d.finished_at, d.role,
    d.is_first
FROM shipped_commits AS s
JOIN asked_deployments AS d ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
