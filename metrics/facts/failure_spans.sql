-- uses: blamed_deployments, failure_outages, failure_remedies
-- A row is a failed deployment, from the start of its failure to its remedy or its mitigation, whichever came first
-- (D4); the year 9999 while neither has. `lane` keeps failures without an incident apart: only incidents overlap.
SELECT b.service, b.source, b.id, b.detected_by, b.finished_at,
    COALESCE(o.measured_at, b.finished_at) AS started_at,
    o.measured_at IS NOT NULL AS measured,
    COALESCE(o.incidents, 0) AS incidents,
    CASE WHEN o.id IS NULL THEN b.id ELSE '' END AS lane,
    LEAST(
        COALESCE(r.finished_at, TIMESTAMP '9999-12-31 00:00:00'),
        CASE WHEN o.id IS NULL OR o.is_open THEN TIMESTAMP '9999-12-31 00:00:00' ELSE o.ended_at END
    ) AS ended_at,
    r.remedy_id,
    COALESCE(
        o.resolved_only AND NOT o.is_open AND (r.finished_at IS NULL OR o.ended_at <= r.finished_at), FALSE
    ) AS by_resolution
FROM blamed_deployments AS b
LEFT JOIN failure_outages AS o ON o.service = b.service AND o.source = b.source AND o.id = b.id
LEFT JOIN failure_remedies AS r ON r.service = b.service AND r.source = b.source AND r.id = b.id
WHERE b.outcome = 'failed'
