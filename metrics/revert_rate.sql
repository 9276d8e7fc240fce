-- uses: merged_changes, remedy_changes
-- A row is one merged change; 1 where it was undone within 30 days, by a change or by a commit.
WITH undone AS (
    SELECT u.source, u.id, r.merged_at AS undone_at
    FROM remedy_changes AS m
    JOIN changes AS r ON r.source = m.source AND r.id = m.id
    JOIN changes AS u ON u.repository = m.repository AND u.number = m.reverted_number
    WHERE m.kind = 'revert' AND r.merged_at IS NOT NULL
    UNION ALL
    SELECT l.change_source AS source, l.change_id AS id, c.committed_at AS undone_at
    FROM commits AS c
    JOIN change_commits AS l ON l.repository = c.repository AND l.sha = c.reverts
    WHERE c.reverts IS NOT NULL
),
soonest AS (
    SELECT m.source, m.id, MIN(u.undone_at) AS undone_at
    FROM merged_changes AS m
    JOIN undone AS u ON u.source = m.source AND u.id = m.id
    WHERE u.undone_at >= m.merged_at AND u.undone_at < m.merged_at + INTERVAL '30' DAY
    GROUP BY m.source, m.id
),
judged AS (
    SELECT m.*, s.undone_at,
        CASE
            WHEN m.rule IS NOT NULL THEN m.rule
            WHEN m.merged_at > p.now - INTERVAL '30' DAY THEN 'too_fresh'
        END AS reason
    FROM merged_changes AS m
    CROSS JOIN params AS p
    LEFT JOIN soonest AS s ON s.source = m.source AND s.id = m.id
)
SELECT 'change' AS unit, source, id, service, merged_at AS at,
    CASE WHEN reason IS NULL THEN CAST(CASE WHEN undone_at IS NULL THEN 0 ELSE 1 END AS DOUBLE) END AS value,
    reason IS NULL AS counted, reason AS rule, CAST(NULL AS STRING) AS flag, team, template, merged_at, undone_at
FROM judged
