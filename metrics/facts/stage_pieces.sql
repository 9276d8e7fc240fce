-- uses: stage_bounds, deployment_gates
-- A row is one stage of one unit: from when to when, and the whole it is part of. The release wait contains the waits
-- for gates, which are rows of their own.
WITH staged AS (
    SELECT b.*, 'coding' AS stage, b.started_at AS span_from, b.ready_by AS span_to
    FROM stage_bounds AS b WHERE b.unit = 'change'
    UNION ALL
    SELECT b.*, 'pickup' AS stage, b.ready_by AS span_from, b.reviewed_by AS span_to
    FROM stage_bounds AS b WHERE b.has_review
    UNION ALL
    SELECT b.*, 'review' AS stage, b.reviewed_by AS span_from, b.approved_by AS span_to
    FROM stage_bounds AS b WHERE b.has_approval
    UNION ALL
    SELECT b.*, 'merge_wait' AS stage, b.approved_by AS span_from, b.merged_by AS span_to
    FROM stage_bounds AS b WHERE b.has_merge
    UNION ALL
    SELECT b.*, 'release_wait' AS stage, b.merged_by AS span_from,
        CASE WHEN b.has_deploying THEN b.deploying_by ELSE b.ended_at END AS span_to
    FROM stage_bounds AS b
    UNION ALL
    SELECT b.*, 'deploy' AS stage, b.deploying_by AS span_from, b.ended_at AS span_to
    FROM stage_bounds AS b WHERE b.has_deploying
    UNION ALL
    SELECT b.*, 'gate_wait' AS stage, GREATEST(g.starts_at, b.merged_by) AS span_from,
        LEAST(g.ends_at, CASE WHEN b.has_deploying THEN b.deploying_by ELSE b.ended_at END) AS span_to
    FROM stage_bounds AS b
    JOIN deployment_gates AS g
        ON g.service = b.service AND g.source = b.deployment_source AND g.id = b.deployment_id
)
SELECT s.service, s.unit, s.source, s.id, s.at, s.stage, s.span_from, s.span_to, s.started_at AS whole_from,
    s.ended_at AS whole_to
FROM staged AS s
