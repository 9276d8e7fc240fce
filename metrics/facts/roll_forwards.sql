-- uses: failure_spans, failure_outages, deployment_order
-- A row is a failed deployment that has an incident and no other remedy, with the first shipped deployment after the
-- failure started, before the incident ended and at most 24 hours later (D5). Failed attempts have none.
WITH failures AS (
    SELECT s.service, s.source, s.id, s.started_at, d.shipped_until AS own,
        CASE WHEN NOT o.any_open THEN o.last_ended_at END AS ended_at
    FROM failure_spans AS s
    JOIN failure_outages AS o ON o.service = s.service AND o.source = s.source AND o.id = s.id
    JOIN deployment_order AS d ON d.service = s.service AND d.source = s.source AND d.id = s.id
    WHERE s.remedy_id IS NULL AND d.role = 'shipped'
),
timeline AS (
    SELECT FALSE AS is_failure, service, source, id, finished_at AS moment, shipped_until,
        CAST(NULL AS TIMESTAMP) AS ended_at
    FROM deployment_order
    WHERE role = 'shipped'
    UNION ALL
    SELECT TRUE AS is_failure, service, source, id, started_at AS moment, own AS shipped_until, ended_at
    FROM failures
),
followed AS (
    SELECT is_failure, service, source, id, moment, ended_at, shipped_until AS own,
        MAX(CASE WHEN NOT is_failure THEN shipped_until END) OVER (
            PARTITION BY service
            ORDER BY moment NULLS LAST, is_failure NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS before
    FROM timeline
)
SELECT d.service, d.source, d.id, f.source AS failed_source, f.id AS failed_id
FROM followed AS f
JOIN deployment_order AS d
    ON d.service = f.service AND d.role = 'shipped' AND d.shipped_until = GREATEST(f.own, COALESCE(f.before, 0)) + 1
WHERE f.is_failure
    AND d.finished_at <= f.moment + INTERVAL 24 HOUR
    AND (f.ended_at IS NULL OR d.finished_at <= f.ended_at)
