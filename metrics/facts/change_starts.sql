-- uses: asked_changes, change_written
-- A row is one change asked for and from when its time runs (E1-E3).
WITH written AS (
    SELECT c.source, c.id, c.created_at,
        COALESCE(
            c.first_commit_at,
            w.authored_at,
            -- a squash is written when it is merged: only what is older than the change tells when work began (E1)
            CASE WHEN w.landed_authored_at < c.created_at THEN w.landed_authored_at END
        ) AS written_at
    FROM asked_changes AS a
    JOIN changes AS c ON c.source = a.source AND c.id = a.id
    LEFT JOIN change_written AS w ON w.change_source = a.source AND w.change_id = a.id
)
SELECT source, id,
    CASE
        WHEN written_at IS NULL THEN created_at
        WHEN written_at < created_at - INTERVAL '180' DAY THEN created_at - INTERVAL '90' DAY
        ELSE written_at
    END AS started_at,
    CASE
        WHEN written_at IS NULL THEN 'E1'
        WHEN written_at < created_at - INTERVAL '180' DAY THEN 'E3'
    END AS start_flag
FROM written
