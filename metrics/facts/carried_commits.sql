-- uses: carried_shas, carried_known = known_commits(carried_shas)
-- A row is one commit that a deployment asked for was the first to bring to production (E5), merges included.
SELECT k.service, k.repository, k.sha, c.source, c.authored_at, c.is_bot, c.is_merge,
    k.deployment_source, k.deployment_id, k.finished_at, k.role, k.is_first
FROM carried_shas AS k
JOIN carried_known AS c ON c.repository = k.repository AND c.sha = k.sha
