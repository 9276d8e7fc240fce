-- uses: service_catalog, spoken_deployments, spoken_services
-- A row is one deployable service whose first day is known, and when it reached each milestone. What happens in a
-- repository is told of a service only where it is the only one there.
WITH home AS (
    SELECT name, MIN(created_at) AS created_at, BOOL_OR(COALESCE(archived, FALSE)) AS is_archived,
        BOOL_OR(COALESCE(fork, FALSE)) AS is_fork
    FROM repositories
    GROUP BY name
),
placed AS (
    SELECT c.service, c.repository, c.template, c.born_at, c.ended_at,
        COUNT(*) OVER (PARTITION BY c.repository) AS sharing
    FROM service_catalog AS c
),
written AS (
    SELECT repository, MIN(authored_at) AS at FROM commits GROUP BY repository
),
green AS (
    SELECT repository, MIN(completed_at) AS at FROM runs WHERE conclusion = 'success' GROUP BY repository
),
tried AS (
    SELECT COALESCE(a.service, d.service) AS service, MIN(d.finished_at) AS at
    FROM deployments AS d
    LEFT JOIN spoken_deployments AS a ON a.source = d.source AND a.id = d.id
    LEFT JOIN production_deployment_steps AS s
        ON s.service = COALESCE(a.service, d.service) AND s.step_source = d.source AND s.step_id = d.id
    WHERE d.status = 'success' AND COALESCE(d.tier, 'unknown') <> 'production' AND s.service IS NULL
    GROUP BY COALESCE(a.service, d.service)
),
live AS (
    SELECT service, MIN(finished_at) AS at FROM production_deployments WHERE role = 'shipped' GROUP BY service
),
promised AS (
    SELECT COALESCE(a.service, s.service) AS service, MIN(s.window_from) AS at
    FROM slos AS s
    LEFT JOIN spoken_services AS a ON a.repository = s.service
    GROUP BY COALESCE(a.service, s.service)
),
history AS (
    SELECT MIN(finished_at) AS known_from FROM production_deployments
)
SELECT p.service, p.repository, p.template, p.born_at, p.ended_at, h.created_at AS repository_created_at,
    COALESCE(h.is_archived, FALSE) AS is_archived, COALESCE(h.is_fork, FALSE) AS is_fork, p.sharing = 1 AS is_alone,
    CASE WHEN p.sharing = 1 THEN w.at END AS first_commit_at,
    CASE WHEN p.sharing = 1 THEN g.at END AS first_green_at,
    t.at AS first_trial_at, l.at AS first_live_at, o.at AS first_objective_at, k.known_from
FROM placed AS p
CROSS JOIN history AS k
LEFT JOIN home AS h ON h.name = p.repository
LEFT JOIN written AS w ON w.repository = p.repository
LEFT JOIN green AS g ON g.repository = p.repository
LEFT JOIN tried AS t ON t.service = p.service
LEFT JOIN live AS l ON l.service = p.service
LEFT JOIN promised AS o ON o.service = p.service
WHERE p.born_at IS NOT NULL
