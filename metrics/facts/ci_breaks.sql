-- uses: ci_default_turns
-- A row is one break of a workflow on a default branch: until its next success, or until now. `fresh_from`: from when on
-- no earlier break of its repository lasted (the union counts once). By chance: it turned green on the same tree.
WITH broken AS (
    SELECT t.source, t.id, t.repository, t.workflow, t.tree, t.team, t.completed_at AS started_at, t.green_at,
        COALESCE(t.green_at, GREATEST(p.now, t.completed_at)) AS ended_at
    FROM ci_default_turns AS t
    CROSS JOIN params AS p
    WHERE t.is_break
),
reached AS (
    SELECT b.*,
        MAX(ended_at) OVER (
            PARTITION BY repository
            ORDER BY started_at NULLS LAST, workflow NULLS LAST
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_at
    FROM broken AS b
),
lucky AS (
    SELECT DISTINCT b.source, b.id
    FROM broken AS b
    JOIN ci_default_turns AS s ON s.repository = b.repository AND s.workflow = b.workflow AND s.tree = b.tree
    WHERE s.outcome = 'success' AND s.completed_at > b.started_at
        AND s.completed_at <= b.started_at + INTERVAL '14' DAY
)
SELECT r.source, r.id, r.team, r.started_at, r.green_at, r.ended_at,
    LEAST(GREATEST(COALESCE(r.reached_at, r.started_at), r.started_at), r.ended_at) AS fresh_from,
    r.reached_at IS NULL OR r.reached_at < r.started_at AS is_fresh, l.id IS NOT NULL AS is_flake
FROM reached AS r
LEFT JOIN lucky AS l ON l.source = r.source AND l.id = r.id
