-- uses: merged_changes
-- A row is one merged change and its size: lines added and deleted, without those of generated and vendored files.
WITH judged AS (
    SELECT m.*, s.lines, s.by_files,
        CASE WHEN m.rule IS NOT NULL THEN m.rule WHEN s.lines IS NULL THEN 'unknown_size' END AS reason
    FROM merged_changes AS m
    LEFT JOIN change_sizes AS s ON s.source = m.source AND s.id = m.id
)
SELECT 'change' AS unit, source, id, service, merged_at AS at, CASE WHEN reason IS NULL THEN lines END AS value,
    reason IS NULL AS counted, reason AS rule, CASE WHEN reason IS NULL AND NOT by_files THEN 'whole' END AS flag,
    team, template, merged_at
FROM judged
