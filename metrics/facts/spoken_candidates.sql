-- A row is a repository that is itself no service of the catalog, a deployable service that events which name the
-- repository as their service may speak of (decision 11), and among how many. Archived services count only where none
-- lives.
WITH entries AS (
    SELECT name, kind, archived_at IS NULL AS lives
    FROM services
    QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY source NULLS LAST, id NULLS LAST) = 1
),
tied AS (
    SELECT name, repository
    FROM services
    WHERE repository IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY source NULLS LAST, id NULLS LAST) = 1
),
meant AS (
    SELECT t.repository, e.name AS service, e.lives,
        BOOL_OR(e.lives) OVER (PARTITION BY t.repository) AS any_lives
    FROM tied AS t
    JOIN entries AS e ON e.name = t.name
    LEFT JOIN entries AS own ON own.name = t.repository
    WHERE COALESCE(e.kind, 'deployable') <> 'library' AND own.name IS NULL
)
SELECT repository, service, COUNT(*) OVER (PARTITION BY repository) AS among
FROM meant
WHERE lives = any_lives
