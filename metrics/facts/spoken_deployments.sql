-- uses: spoken_candidates
-- A row is a deployment that names a repository as its service, and the service it speaks of (decision 11): the only one
-- there, or the one whose name stands in its environment in words of its own, and not within another's that does. A tag
-- is the repository's.
WITH said AS (
    SELECT d.source, d.id, c.service, c.among,
        CONCAT(' ', TRANSLATE(LOWER(COALESCE(d.environment, '')), '-_/.:@#+()[]', '            '), ' ') AS place,
        CONCAT(' ', TRANSLATE(LOWER(c.service), '-_/.:@#+()[]', '            '), ' ') AS name
    FROM deployments AS d
    JOIN spoken_candidates AS c ON c.repository = d.service
    WHERE d.inferred_from IS NULL
),
named AS (
    SELECT s.source, s.id, s.service, s.name
    FROM said AS s
    WHERE s.among = 1 OR INSTR(s.place, s.name) > 0
),
whole AS (
    SELECT n.source, n.id, n.service
    FROM named AS n
    WHERE NOT EXISTS (
        SELECT 1 AS longer
        FROM named AS o
        WHERE o.source = n.source AND o.id = n.id AND o.service <> n.service AND INSTR(LOWER(o.service), LOWER(n.service)) > 0
    )
)
SELECT source, id, MIN(service) AS service
FROM whole
GROUP BY source, id
HAVING COUNT(*) = 1
