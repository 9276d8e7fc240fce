-- uses: spoken_services
-- A row is one change of what was seen to run of a service in production: another commit, or another artifact, than its
-- source saw there before. What is seen first is where the looking began, and no change.
WITH live AS (
    SELECT environment FROM production_environments
    UNION
    SELECT environment FROM production_deployments
),
placed AS (
    SELECT o.source, o.id, COALESCE(a.service, o.service) AS service, o.environment, o.observed_at, o.sha, o.artifact, o.via
    FROM observations AS o
    LEFT JOIN spoken_services AS a ON a.repository = o.service
),
seen AS (
    SELECT o.source, o.id, o.service, o.environment, o.observed_at, o.sha, o.artifact, o.via,
        LAG(o.observed_at) OVER (
            PARTITION BY o.source, o.service, o.environment ORDER BY o.observed_at NULLS LAST, o.id NULLS LAST
        ) AS looked_before,
        LAG(o.sha) OVER (
            PARTITION BY o.source, o.service, o.environment ORDER BY o.observed_at NULLS LAST, o.id NULLS LAST
        ) AS sha_before,
        LAG(o.artifact) OVER (
            PARTITION BY o.source, o.service, o.environment ORDER BY o.observed_at NULLS LAST, o.id NULLS LAST
        ) AS artifact_before
    FROM placed AS o
    JOIN live AS e ON e.environment = o.environment
)
SELECT s.source, s.id, s.service, s.environment, s.observed_at, s.sha, s.artifact, s.via, s.looked_before, s.sha_before,
    s.artifact_before
FROM seen AS s
WHERE s.sha <> s.sha_before OR s.artifact <> s.artifact_before
