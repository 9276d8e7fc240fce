-- uses: service_owner, ownership_claims
-- A row is a span in which a team, or none, owned a repository, and the service that stands for what happens in it: its
-- only deployable one. A monorepo of several (E12) stands for none of them: what happens there is its team's.
WITH shared AS (
    SELECT repository FROM service_catalog GROUP BY repository HAVING COUNT(*) > 1
),
claims AS (
    SELECT o.repository, o.team, o.claimed_at, o.valid_from, o.valid_to
    FROM ownership_claims AS o
    JOIN shared AS s ON s.repository = o.repository
    WHERE o.service IS NULL
),
edges AS (
    SELECT repository, TIMESTAMP '1000-01-01 00:00:00' AS edge FROM shared
    UNION
    SELECT repository, valid_from AS edge FROM claims
    UNION
    SELECT repository, valid_to AS edge FROM claims WHERE valid_to < TIMESTAMP '9999-12-31 00:00:00'
),
spans AS (
    SELECT repository, edge AS owned_from,
        LEAD(edge, 1, TIMESTAMP '9999-12-31 00:00:00') OVER (PARTITION BY repository ORDER BY edge NULLS LAST)
            AS owned_to
    FROM edges
)
SELECT o.repository, o.service, o.team, o.template, o.owned_from, o.owned_to
FROM service_owner AS o
WHERE NOT EXISTS (SELECT 1 AS found FROM shared AS s WHERE s.repository = o.repository)
UNION ALL
SELECT s.repository, CAST(NULL AS STRING) AS service, k.team, CAST(NULL AS STRING) AS template, s.owned_from, s.owned_to
FROM spans AS s
LEFT JOIN claims AS k ON k.repository = s.repository AND k.valid_from <= s.owned_from AND s.owned_from < k.valid_to
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY s.repository, s.owned_from ORDER BY k.claimed_at DESC NULLS LAST, k.team DESC NULLS LAST
) = 1
