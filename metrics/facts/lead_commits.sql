-- uses: carried_commits, changes_shipped, change_contents
-- A row is one shipped commit of a change, where a query reads by commit, and from when its lead time runs. Where a
-- squash or rebase replaced a change's commits and none of them was shipped, they stand for it (E2).
WITH asked AS (
    SELECT s.service, s.change_source, s.change_id, s.deployment_source, s.deployment_id, s.finished_at, s.role,
        s.is_first, c.merge_sha
    FROM changes_shipped AS s
    JOIN params AS p ON p.unit = 'commit'
    JOIN changes AS c ON c.source = s.change_source AND c.id = s.change_id
),
originals AS (
    SELECT DISTINCT a.service, a.change_source, a.change_id, l.repository, l.sha, l.source, l.authored_at, l.is_bot,
        l.is_merge
    FROM asked AS a
    JOIN change_contents AS l ON l.change_source = a.change_source AND l.change_id = a.change_id
    WHERE a.merge_sha IS NULL OR l.sha <> a.merge_sha
),
squashed AS (
    SELECT o.service, o.change_source, o.change_id, o.repository
    FROM originals AS o
    LEFT JOIN shipped_commits AS k ON k.service = o.service AND k.repository = o.repository AND k.sha = o.sha
    GROUP BY o.service, o.change_source, o.change_id, o.repository
    HAVING COUNT(k.sha) = 0 AND BOOL_OR(NOT o.is_merge)
),
replaced AS (
    SELECT DISTINCT q.service, q.repository, a.merge_sha AS sha
    FROM squashed AS q
    JOIN asked AS a ON a.service = q.service AND a.change_source = q.change_source AND a.change_id = q.change_id
    WHERE a.merge_sha IS NOT NULL
),
opened AS (
    SELECT l.repository, l.sha, MIN(c.created_at) AS created_at
    FROM change_commits AS l
    JOIN params AS p ON p.unit = 'commit'
    JOIN changes AS c ON c.source = l.change_source AND c.id = l.change_id
    GROUP BY l.repository, l.sha
),
standing AS (
    SELECT a.service, o.repository, o.sha, o.source, o.authored_at, o.is_bot, o.is_merge, a.deployment_source,
        a.deployment_id, a.finished_at, a.role, a.is_first
    FROM squashed AS q
    JOIN asked AS a ON a.service = q.service AND a.change_source = q.change_source AND a.change_id = q.change_id
    JOIN originals AS o ON o.service = q.service AND o.change_source = q.change_source AND o.change_id = q.change_id
    WHERE NOT o.is_merge
    UNION ALL
    SELECT k.service, k.repository, k.sha, k.source, k.authored_at, k.is_bot, k.is_merge, k.deployment_source,
        k.deployment_id, k.finished_at, k.role, k.is_first
    FROM carried_commits AS k
    JOIN params AS p ON p.unit = 'commit'
    LEFT JOIN replaced AS r ON r.service = k.service AND r.repository = k.repository AND r.sha = k.sha
    WHERE r.sha IS NULL
)
SELECT t.service, t.deployment_source, t.deployment_id, t.finished_at, t.role, t.is_first, t.source, t.sha AS id,
    t.is_bot, t.is_merge,
    CASE
        WHEN t.authored_at < o.created_at - INTERVAL '180' DAY THEN o.created_at - INTERVAL '90' DAY
        ELSE t.authored_at
    END AS started_at,
    CASE WHEN t.authored_at < o.created_at - INTERVAL '180' DAY THEN 'E3' END AS start_flag
FROM standing AS t
JOIN opened AS o ON o.repository = t.repository AND o.sha = t.sha
