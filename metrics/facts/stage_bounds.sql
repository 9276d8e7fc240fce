-- uses: lead_units, human_reviews
-- A row is one unit of lead time with its boundaries in order: each stands after the one before it and within the whole
-- from started_at to ended_at; where nobody recorded one, it stands where the one before it does and its `has_` is
-- false. `was_moved` tells whether any had to move (E3).
WITH recorded AS (
    SELECT u.*, GREATEST(u.started_at, u.finished_at) AS ended_at,
        CASE WHEN u.unit = 'change' THEN COALESCE(u.ready_at, u.created_at) END AS known_ready_at,
        r.reviewed_at AS known_reviewed_at,
        r.approved_at AS known_approved_at,
        u.merged_at AS known_merged_at,
        COALESCE(d.started_at, d.created_at) AS known_deploying_at
    FROM lead_units AS u
    JOIN production_deployments AS d
        ON d.service = u.service AND d.source = u.deployment_source AND d.id = u.deployment_id
    LEFT JOIN human_reviews AS r ON r.change_source = u.source AND r.change_id = u.change_id
    WHERE u.reading <> 'commit'
),
-- an unknown boundary falls back to the start, and so onto the one before it
capped AS (
    SELECT r.*,
        LEAST(COALESCE(r.known_ready_at, r.started_at), r.ended_at) AS ready_cap,
        LEAST(COALESCE(r.known_reviewed_at, r.started_at), r.ended_at) AS reviewed_cap,
        LEAST(COALESCE(r.known_approved_at, r.started_at), r.ended_at) AS approved_cap,
        LEAST(COALESCE(r.known_merged_at, r.started_at), r.ended_at) AS merged_cap,
        LEAST(COALESCE(r.known_deploying_at, r.started_at), r.ended_at) AS deploying_cap
    FROM recorded AS r
),
bounded AS (
    SELECT c.*,
        GREATEST(c.started_at, c.ready_cap) AS ready_by,
        GREATEST(c.started_at, c.ready_cap, c.reviewed_cap) AS reviewed_by,
        GREATEST(c.started_at, c.ready_cap, c.reviewed_cap, c.approved_cap) AS approved_by,
        GREATEST(c.started_at, c.ready_cap, c.reviewed_cap, c.approved_cap, c.merged_cap) AS merged_by,
        GREATEST(
            c.started_at, c.ready_cap, c.reviewed_cap, c.approved_cap, c.merged_cap, c.deploying_cap
        ) AS deploying_by
    FROM capped AS c
)
SELECT d.service, d.unit, d.source, d.id, d.change_id, d.finished_at AS at, d.deployment_source, d.deployment_id,
    d.is_bot, d.rule, d.start_flag, d.started_at, d.ready_by, d.reviewed_by, d.approved_by, d.merged_by,
    d.deploying_by, d.ended_at, d.known_reviewed_at IS NOT NULL AS has_review,
    d.known_approved_at IS NOT NULL AS has_approval, d.known_merged_at IS NOT NULL AS has_merge,
    d.known_deploying_at IS NOT NULL AS has_deploying,
    d.finished_at < d.started_at OR COALESCE(d.known_ready_at <> d.ready_by, FALSE)
        OR COALESCE(d.known_reviewed_at <> d.reviewed_by, FALSE)
        OR COALESCE(d.known_approved_at <> d.approved_by, FALSE)
        OR COALESCE(d.known_merged_at <> d.merged_by, FALSE)
        OR COALESCE(d.known_deploying_at <> d.deploying_by, FALSE) AS was_moved
FROM bounded AS d
