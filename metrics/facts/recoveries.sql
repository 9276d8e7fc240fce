-- uses: failure_spans
-- A row is a failed deployment with the outage it stands for. Incidents of one service that overlap are one outage
-- (E23): it stands with the deployment that failed first and lasts until the last one ends; `covered` marks the others.
-- `restored_at` is null while it goes on.
WITH stretched AS (
    -- what nobody ever closed takes nothing in after it, or it would hide every later failure of its service
    SELECT f.*,
        COUNT(CASE WHEN f.ended_at = TIMESTAMP '9999-12-31 00:00:00' THEN 1 END) OVER (
            PARTITION BY f.service, f.lane
            ORDER BY f.started_at NULLS LAST, f.finished_at NULLS LAST, f.id NULLS LAST, f.source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS open_before
    FROM failure_spans AS f
),
joined AS (
    SELECT s.*,
        MAX(s.ended_at) OVER (
            PARTITION BY s.service, s.lane, s.open_before
            ORDER BY s.started_at NULLS LAST, s.finished_at NULLS LAST, s.id NULLS LAST, s.source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS lasts_until
    FROM stretched AS s
),
outages AS (
    SELECT j.*,
        SUM(CASE WHEN j.started_at <= j.lasts_until THEN 0 ELSE 1 END) OVER (
            PARTITION BY j.service, j.lane
            ORDER BY j.started_at NULLS LAST, j.finished_at NULLS LAST, j.id NULLS LAST, j.source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS outage
    FROM joined AS j
),
placed AS (
    SELECT o.*,
        MAX(o.ended_at) OVER (PARTITION BY o.service, o.lane, o.outage) AS over_at,
        ROW_NUMBER() OVER (
            PARTITION BY o.service, o.lane, o.outage
            ORDER BY o.started_at NULLS LAST, o.finished_at NULLS LAST, o.id NULLS LAST, o.source NULLS LAST
        ) AS place
    FROM outages AS o
)
SELECT service, source, id, detected_by, started_at, measured, incidents, remedy_id, by_resolution,
    place > 1 AS covered,
    CASE WHEN over_at < TIMESTAMP '9999-12-31 00:00:00' THEN over_at END AS restored_at
FROM placed
