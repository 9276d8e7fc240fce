-- uses: changes_shipped, bots
-- A row is one shipped change and from when its lead time runs (E1-E3).
WITH started AS (
    SELECT s.service, s.deployment_source, s.deployment_id, s.finished_at, s.role, s.is_first, c.source, c.id,
        c.repository, c.number, c.author, c.created_at, c.ready_at, c.merged_at,
        c.author_kind = 'bot' OR b.author IS NOT NULL AS is_bot,
        COALESCE(
            c.first_commit_at,
            s.authored_at,
            -- a squash is written when it is merged: only what is older than the change tells when work began (E1)
            CASE WHEN s.landed_authored_at < c.created_at THEN s.landed_authored_at END
        ) AS written_at
    FROM changes_shipped AS s
    JOIN changes AS c ON c.source = s.change_source AND c.id = s.change_id
    LEFT JOIN bots AS b ON b.author = c.author
)
SELECT service, deployment_source, deployment_id, finished_at, role, is_first, source, id, repository,
    CONCAT(repository, '#', CAST(number AS STRING)) AS name, author, created_at, ready_at, merged_at,
    COALESCE(is_bot, FALSE) AS is_bot,
    CASE
        WHEN written_at IS NULL THEN created_at
        WHEN written_at < created_at - INTERVAL '180' DAY THEN created_at - INTERVAL '90' DAY
        ELSE written_at
    END AS started_at,
    CASE
        WHEN written_at IS NULL THEN 'E1'
        WHEN written_at < created_at - INTERVAL '180' DAY THEN 'E3'
    END AS start_flag
FROM started
