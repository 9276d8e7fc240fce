-- uses: asked_deployments = window_deployments, asked_changes = carried_changes
-- uses: stage_bounds, stage_pieces, owned_pieces = service_calendar(stage_pieces)
-- uses: stage_seconds = business_seconds(owned_pieces)
-- A row is one change or direct commit with the seconds of each stage that it went through; they add up to its value.
WITH timed AS (
    SELECT s.service, s.unit, s.source, s.id, s.stage,
        SUM(GREATEST(0.0, CASE WHEN p.clock = 'business' THEN s.business_value
            ELSE seconds_between(s.span_from, s.span_to) END)) AS seconds
    FROM stage_seconds AS s
    CROSS JOIN params AS p
    GROUP BY s.service, s.unit, s.source, s.id, s.stage
),
laid_out AS (
    SELECT service, unit, source, id,
        MAX(CASE WHEN stage = 'coding' THEN seconds END) AS coding,
        MAX(CASE WHEN stage = 'pickup' THEN seconds END) AS pickup,
        MAX(CASE WHEN stage = 'review' THEN seconds END) AS review,
        MAX(CASE WHEN stage = 'merge_wait' THEN seconds END) AS merge_wait,
        MAX(CASE WHEN stage = 'release_wait' THEN seconds END) AS release_and_gates,
        MAX(CASE WHEN stage = 'gate_wait' THEN seconds END) AS gate_wait,
        MAX(CASE WHEN stage = 'deploy' THEN seconds END) AS deploy
    FROM timed
    GROUP BY service, unit, source, id
)
SELECT b.unit, b.source, b.id, b.service, b.at,
    COALESCE(l.coding, 0.0) + COALESCE(l.pickup, 0.0) + COALESCE(l.review, 0.0) + COALESCE(l.merge_wait, 0.0)
        + l.release_and_gates + COALESCE(l.deploy, 0.0) AS value,
    b.rule IS NULL AND NOT (b.is_bot AND p.bots = 'exclude') AS counted,
    CASE WHEN b.rule IS NOT NULL THEN b.rule WHEN b.is_bot AND p.bots = 'exclude' THEN 'E14' END AS rule,
    CASE WHEN b.was_moved THEN 'negative' ELSE b.start_flag END AS flag,
    l.coding, l.pickup, l.review, l.merge_wait, l.release_and_gates - COALESCE(l.gate_wait, 0.0) AS release_wait,
    l.gate_wait, l.deploy, CONCAT(b.deployment_source, '/', b.deployment_id) AS deployment,
    b.started_at AS first_commit_at, b.ended_at AS finished_at
FROM stage_bounds AS b
CROSS JOIN params AS p
JOIN laid_out AS l ON l.service = b.service AND l.unit = b.unit AND l.source = b.source AND l.id = b.id
UNION ALL
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.finished_at AS at, CAST(NULL AS DOUBLE) AS value,
    FALSE AS counted, CASE WHEN d.is_first THEN 'E5' ELSE 'E26' END AS rule, CAST(NULL AS STRING) AS flag,
    CAST(NULL AS DOUBLE) AS coding, CAST(NULL AS DOUBLE) AS pickup, CAST(NULL AS DOUBLE) AS review,
    CAST(NULL AS DOUBLE) AS merge_wait, CAST(NULL AS DOUBLE) AS release_wait, CAST(NULL AS DOUBLE) AS gate_wait,
    CAST(NULL AS DOUBLE) AS deploy, CONCAT(d.source, '/', d.id) AS deployment,
    CAST(NULL AS TIMESTAMP) AS first_commit_at, d.finished_at
FROM production_deployments AS d
WHERE d.is_first OR (d.history_cut AND d.role = 'shipped')
