-- uses: asked_changes = merged_changes, merged_changes, change_starts, changes_shipped, open_changes
-- A row is one merged change, and how long it took from its first commit to the merge; beside it, to production.
-- Or a change that lay open at the end, and since when: how long it will take nobody knows yet (E24).
WITH shipped AS (
    SELECT change_source, change_id, MAX(finished_at) AS finished_at
    FROM changes_shipped
    WHERE role = 'shipped'
    GROUP BY change_source, change_id
)
SELECT 'change' AS unit, m.source, m.id, m.service, m.merged_at AS at,
    CASE WHEN m.rule IS NULL THEN GREATEST(seconds_between(t.started_at, m.merged_at), CAST(0 AS DOUBLE)) END AS value,
    m.rule IS NULL AS counted, m.rule,
    CASE WHEN m.merged_at < t.started_at THEN 'negative' ELSE t.start_flag END AS flag,
    m.team, m.template,
    CASE
        WHEN m.rule IS NULL
            THEN GREATEST(seconds_between(t.started_at, COALESCE(s.finished_at, p.now)), CAST(0 AS DOUBLE))
    END AS to_production,
    s.finished_at IS NULL AS censored, CAST(NULL AS DOUBLE) AS open_for,
    t.started_at, m.merged_at, s.finished_at
FROM merged_changes AS m
CROSS JOIN params AS p
JOIN change_starts AS t ON t.source = m.source AND t.id = m.id
LEFT JOIN shipped AS s ON s.change_source = m.source AND s.change_id = m.id
UNION ALL
SELECT 'open_change' AS unit, u.source, u.id, u.service, u.at,
    CAST(NULL AS DOUBLE) AS value, FALSE AS counted, CAST(NULL AS STRING) AS rule, CAST(NULL AS STRING) AS flag, u.team, u.template,
    CAST(NULL AS DOUBLE) AS to_production, CAST(NULL AS BOOLEAN) AS censored,
    seconds_between(u.created_at, u.ends_at) AS open_for,
    u.created_at AS started_at, CAST(NULL AS TIMESTAMP) AS merged_at, CAST(NULL AS TIMESTAMP) AS finished_at
FROM open_changes AS u
