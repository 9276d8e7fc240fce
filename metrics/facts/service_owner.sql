-- uses: service_catalog, spoken_services, ownership_claims
-- A row is a span in which one team, or none, owned a service; the spans of a service cover all time.
-- A claim on the service goes before one on its repository, and the newest before older ones (E25).
WITH claims AS (
    SELECT c.service, o.team, 1 AS precedence, o.claimed_at, o.valid_from, o.valid_to
    FROM ownership_claims AS o
    LEFT JOIN spoken_services AS a ON a.repository = o.service
    JOIN service_catalog AS c ON c.service = COALESCE(a.service, o.service)
    UNION ALL
    SELECT c.service, o.team, 2 AS precedence, o.claimed_at, o.valid_from, o.valid_to
    FROM ownership_claims AS o
    JOIN service_catalog AS c ON c.repository = o.repository
    WHERE o.service IS NULL
),
edges AS (
    SELECT service, TIMESTAMP '1000-01-01 00:00:00' AS edge FROM service_catalog
    UNION
    SELECT service, valid_from AS edge FROM claims
    UNION
    SELECT service, valid_to AS edge FROM claims WHERE valid_to < TIMESTAMP '9999-12-31 00:00:00'
),
spans AS (
    SELECT service, edge AS owned_from,
        LEAD(edge, 1, TIMESTAMP '9999-12-31 00:00:00') OVER (PARTITION BY service ORDER BY edge NULLS LAST) AS owned_to
    FROM edges
),
decided AS (
    SELECT s.service, s.owned_from, s.owned_to, k.team
    FROM spans AS s
    LEFT JOIN claims AS k
        ON k.service = s.service AND k.valid_from <= s.owned_from AND s.owned_from < k.valid_to
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY s.service, s.owned_from
        ORDER BY k.precedence NULLS LAST, k.claimed_at DESC NULLS LAST, k.team DESC NULLS LAST
    ) = 1
)
SELECT d.service, c.template, c.repository, c.born_at, c.ended_at, d.team,
    COALESCE(t.calendar, p.calendar) AS calendar, d.owned_from, d.owned_to
FROM decided AS d
JOIN service_catalog AS c ON c.service = d.service
LEFT JOIN team_calendars AS t ON t.team = d.team
CROSS JOIN params AS p
