-- uses: known_commits
-- A row is one commit that a deployment of a service was the first to bring to production (E5), merges included.
SELECT s.service, s.repository, s.sha, c.source, c.authored_at, c.is_bot, c.is_merge,
    d.source AS deployment_source, d.id AS deployment_id, d.finished_at, d.role, d.is_first
FROM shipped_commits AS s
JOIN production_deployments AS d
    ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
JOIN known_commits AS c ON c.repository = s.repository AND c.sha = s.sha
