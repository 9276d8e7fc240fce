-- uses: failure_spans
-- A row is a failed deployment with the outage it stands for. Incidents of one service that overlap are one outage
-- (E23): it stands with the deployment that failed first and lasts until the last one ends; `covered` marks the others.
-- `restored_at` is null while it goes on.
WITH stretched AS (
    -- what nobody ever closed takes nothing in after it, or it would hide every later failure of its service
    SELECT service, source, id, lane, detected_by, finished_at, started_at, measured, incidents, remedy_id,
        by_resolution, ended_at,
        COUNT(CASE WHEN ended_at = TIMESTAMP '9999-12-31 00:00:00' THEN 1 END) OVER (
            PARTITION BY service, lane
            ORDER BY started_at NULLS LAST, finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS open_before
    FROM failure_spans
),
joined AS (
    SELECT service, source, id, lane, detected_by, finished_at, started_at, measured, incidents, remedy_id,
        by_resolution, ended_at,
        MAX(ended_at) OVER (
            PARTITION BY service, lane, open_before
            ORDER BY started_at NULLS LAST, finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS lasts_until
    FROM stretched
),
outages AS (
    SELECT service, source, id, lane, detected_by, finished_at, started_at, measured, incidents, remedy_id,
        by_resolution, ended_at,
        SUM(CASE WHEN started_at <= lasts_until THEN 0 ELSE 1 END) OVER (
            PARTITION BY service, lane
            ORDER BY started_at NULLS LAST, finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS outage
    FROM joined
),
placed AS (
    SELECT service, source, id, detected_by, started_at, measured, incidents, remedy_id, by_resolution,
        MAX(ended_at) OVER (PARTITION BY service, lane, outage) AS ended_at,
        ROW_NUMBER() OVER (
            PARTITION BY service, lane, outage
            ORDER BY started_at NULLS LAST, finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
        ) AS place
    FROM outages
)
SELECT service, source, id, detected_by, started_at, measured, incidents, remedy_id, by_resolution,
    place > 1 AS covered,
    CASE WHEN ended_at < TIMESTAMP '9999-12-31 00:00:00' THEN ended_at END AS restored_at
FROM placed
