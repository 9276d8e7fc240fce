-- A row is one span in which an attempt of a run waited for a decided gate, its own or a deployment's that it made; spans
-- do not overlap (E20).
WITH gated AS (
    SELECT run_source AS source, run_id AS id, requested_at AS starts_at, decided_at AS ends_at
    FROM gates
    WHERE run_id IS NOT NULL AND decided_at > requested_at
    UNION ALL
    SELECT d.run_source AS source, d.run_id AS id, g.requested_at AS starts_at, g.decided_at AS ends_at
    FROM gates AS g
    JOIN deployments AS d ON d.source = g.deployment_source AND d.id = g.deployment_id
    WHERE d.run_id IS NOT NULL AND g.decided_at > g.requested_at
),
reached AS (
    SELECT source, id, starts_at, ends_at,
        MAX(ends_at) OVER (
            PARTITION BY source, id ORDER BY starts_at NULLS LAST, ends_at NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at
    FROM gated
),
islands AS (
    SELECT source, id, starts_at, ends_at,
        SUM(CASE WHEN reached_at >= starts_at THEN 0 ELSE 1 END) OVER (
            PARTITION BY source, id ORDER BY starts_at NULLS LAST, ends_at NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island
    FROM reached
)
SELECT source, id, MIN(starts_at) AS starts_at, MAX(ends_at) AS ends_at
FROM islands
GROUP BY source, id, island
