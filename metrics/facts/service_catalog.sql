-- uses: spoken_services
-- A row is one deployable service that any event names; with no catalog, each repository is one.
WITH catalog AS (
    SELECT name, kind, template, repository, paths, created_at, archived_at
    FROM services
    QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY source NULLS LAST, id NULLS LAST) = 1
),
home AS (
    SELECT name, created_at
    FROM repositories
    QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY source NULLS LAST, id NULLS LAST) = 1
),
named AS (
    SELECT name AS service FROM catalog
    UNION
    SELECT d.service FROM deployments AS d LEFT JOIN services AS c ON c.repository = d.service
    WHERE c.id IS NULL
    UNION
    SELECT service FROM production_deployments
    UNION
    SELECT COALESCE(a.service, o.service) AS service
    FROM (
        SELECT service FROM incidents WHERE service IS NOT NULL
        UNION
        SELECT service FROM slos
        UNION
        SELECT service FROM ownerships WHERE service IS NOT NULL
    ) AS o
    LEFT JOIN spoken_services AS a ON a.repository = o.service
    UNION
    SELECT name AS service FROM home WHERE NOT EXISTS (SELECT 1 AS found FROM services)
)
SELECT n.service, c.template, COALESCE(c.repository, n.service) AS repository,
    COALESCE(c.created_at, h.created_at) AS born_at, c.archived_at AS ended_at,
    COALESCE(CAST(c.paths AS STRING), '[]') <> '[]' AS has_paths
FROM named AS n
LEFT JOIN catalog AS c ON c.name = n.service
LEFT JOIN home AS h ON h.name = COALESCE(c.repository, n.service)
WHERE COALESCE(c.kind, 'deployable') <> 'library'
