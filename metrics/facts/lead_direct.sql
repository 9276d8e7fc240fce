-- uses: carried_commits, rewritten_commits
-- A row is one shipped commit that belongs to no change: a direct push, which is a change of its own.
SELECT k.service, k.deployment_source, k.deployment_id, k.finished_at, k.role, k.is_first, k.source, k.sha AS id,
    k.is_bot, k.is_merge, k.authored_at AS started_at, CAST(NULL AS STRING) AS start_flag
FROM carried_commits AS k
WHERE NOT EXISTS (SELECT 1 AS found FROM change_commits AS l WHERE l.repository = k.repository AND l.sha = k.sha)
    AND NOT EXISTS (SELECT 1 AS found FROM rewritten_commits AS w WHERE w.repository = k.repository AND w.sha = k.sha)
