-- uses: merged_changes, human_reviews
-- A row is one merged change; 1 where nobody but its author or a bot looked at it before (E17).
SELECT 'change' AS unit, m.source, m.id, m.service, m.merged_at AS at,
    CASE WHEN m.rule IS NULL THEN CAST(CASE WHEN r.change_id IS NULL THEN 1 ELSE 0 END AS DOUBLE) END AS value,
    m.rule IS NULL AS counted, m.rule, CAST(NULL AS STRING) AS flag, m.team, m.template,
    m.merged_at, r.reviewed_at
FROM merged_changes AS m
LEFT JOIN human_reviews AS r ON r.change_source = m.source AND r.change_id = m.id
