-- uses: milestone_services, gate_decisions, request_outcomes
-- A row is one service that runs in production, and how many seconds between its creation and then it waited for people's
-- approvals, for what was asked of the platform for it, and for either; spans that overlap count once. NULL: no approval, or
-- no request, is known of anything.
WITH told AS (
    SELECT EXISTS (SELECT 1 AS found FROM gates WHERE kind = 'human') AS tells_gates,
        EXISTS (SELECT 1 AS found FROM requests) AS tells_requests
),
asked AS (
    SELECT service, 'approval' AS kind, requested_at AS starts_at, decided_at AS ends_at
    FROM gate_decisions
    WHERE kind = 'human' AND (decided_at IS NOT NULL OR (decision IS NULL AND NOT is_over))
        AND COALESCE(decision, 'open') NOT IN ('cancelled', 'canceled', 'skipped', 'withdrawn')
    UNION ALL
    SELECT service, 'request' AS kind, requested_at AS starts_at, served_at AS ends_at
    FROM request_outcomes
    WHERE rule IS NULL
),
closed AS (
    SELECT m.service, a.kind, GREATEST(a.starts_at, m.born_at) AS starts_at,
        LEAST(COALESCE(a.ends_at, m.first_live_at), m.first_live_at) AS ends_at
    FROM asked AS a
    JOIN milestone_services AS m ON m.service = a.service
    WHERE a.starts_at < m.first_live_at AND (a.ends_at IS NULL OR a.ends_at > m.born_at)
),
spans AS (
    SELECT service, kind, starts_at, ends_at FROM closed
    UNION ALL
    SELECT service, 'either' AS kind, starts_at, ends_at FROM closed
),
reached AS (
    SELECT service, kind, starts_at, ends_at,
        MAX(ends_at) OVER (
            PARTITION BY service, kind ORDER BY starts_at NULLS LAST, ends_at NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at
    FROM spans
    WHERE ends_at > starts_at
),
waited AS (
    SELECT service, kind,
        SUM(GREATEST(seconds_between(GREATEST(starts_at, COALESCE(reached_at, starts_at)), ends_at), 0.0)) AS seconds
    FROM reached
    GROUP BY service, kind
),
summed AS (
    SELECT service, SUM(CASE WHEN kind = 'approval' THEN seconds END) AS approvals,
        SUM(CASE WHEN kind = 'request' THEN seconds END) AS requests,
        SUM(CASE WHEN kind = 'either' THEN seconds END) AS waits
    FROM waited
    GROUP BY service
)
SELECT m.service,
    CASE WHEN t.tells_gates THEN COALESCE(s.approvals, 0.0) END AS approvals,
    CASE WHEN t.tells_requests THEN COALESCE(s.requests, 0.0) END AS requests,
    CASE WHEN t.tells_gates OR t.tells_requests THEN COALESCE(s.waits, 0.0) END AS waits
FROM milestone_services AS m
CROSS JOIN told AS t
LEFT JOIN summed AS s ON s.service = m.service
WHERE m.first_live_at IS NOT NULL
