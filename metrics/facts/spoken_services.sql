-- A row is a repository with the one deployable service that events which name the repository as their service speak of
-- (decision 11). Archived services count only where none lives.
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
)
SELECT t.repository, COALESCE(MIN(CASE WHEN e.lives THEN e.name END), MIN(e.name)) AS service
FROM tied AS t
JOIN entries AS e ON e.name = t.name
LEFT JOIN entries AS own ON own.name = t.repository
WHERE COALESCE(e.kind, 'deployable') <> 'library' AND own.name IS NULL
GROUP BY t.repository
HAVING COUNT(CASE WHEN e.lives THEN 1 END) = 1 OR COUNT(*) = 1
