-- A row is one span in which a deployment waited for a decided gate of its own or of its run; spans do not overlap (E20).
WITH gated AS (
    SELECT s.service, s.source, s.id, g.requested_at AS starts_at, g.decided_at AS ends_at
    FROM gates AS g
    JOIN production_deployment_steps AS s ON s.step_source = g.deployment_source AND s.step_id = g.deployment_id
    WHERE g.decided_at > g.requested_at
    UNION ALL
    SELECT s.service, s.source, s.id, g.requested_at AS starts_at, g.decided_at AS ends_at
    FROM gates AS g
    JOIN deployments AS d ON d.run_source = g.run_source AND d.run_id = g.run_id
    JOIN production_deployment_steps AS s ON s.step_source = d.source AND s.step_id = d.id
    WHERE g.decided_at > g.requested_at
),
reached AS (
    SELECT service, source, id, starts_at, ends_at,
        MAX(ends_at) OVER (
            PARTITION BY service, source, id ORDER BY starts_at NULLS LAST, ends_at NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at
    FROM gated
),
islands AS (
    SELECT service, source, id, starts_at, ends_at,
        SUM(CASE WHEN reached_at >= starts_at THEN 0 ELSE 1 END) OVER (
            PARTITION BY service, source, id ORDER BY starts_at NULLS LAST, ends_at NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island
    FROM reached
)
SELECT service, source, id, MIN(starts_at) AS starts_at, MAX(ends_at) AS ends_at
FROM islands
GROUP BY service, source, id, island
