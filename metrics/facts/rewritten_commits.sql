-- uses: carried_commits
-- A row is one shipped commit that a rebase merge wrote anew from one of a change's own: a rebase keeps author and author
-- time, and writes all of them when it merges. The change stands for it (E2).
WITH candidates AS (
    SELECT DISTINCT k.repository, k.sha, k.authored_at
    FROM carried_commits AS k
    WHERE NOT EXISTS (SELECT 1 AS found FROM change_commits AS l WHERE l.repository = k.repository AND l.sha = k.sha)
),
twins AS (
    SELECT k.repository, k.sha, o.sha AS original, COALESCE(o.author, '') AS author
    FROM candidates AS k
    JOIN commits AS o ON o.repository = k.repository AND o.authored_at = k.authored_at
    WHERE o.sha <> k.sha
)
SELECT DISTINCT t.repository, t.sha
FROM twins AS t
JOIN change_commits AS l ON l.repository = t.repository AND l.sha = t.original AND l.role = 'commit'
JOIN changes AS c ON c.source = l.change_source AND c.id = l.change_id
JOIN commits AS n ON n.repository = t.repository AND n.sha = t.sha
WHERE c.merge_sha IS NOT NULL AND COALESCE(n.author, '') = t.author
    -- the server's clock and git's tell the same moment within a few minutes
    AND n.committed_at >= c.merged_at - INTERVAL '10' MINUTE
    AND n.committed_at <= c.merged_at + INTERVAL '10' MINUTE
