-- uses: changes_shipped, change_starts, bots
-- A row is one shipped change and from when its lead time runs (E1-E3).
SELECT s.service, s.deployment_source, s.deployment_id, s.finished_at, s.role, s.is_first, c.source, c.id,
    c.repository, CONCAT(c.repository, '#', CAST(c.number AS STRING)) AS name, c.author, c.created_at, c.ready_at,
    c.merged_at, COALESCE(c.author_kind = 'bot' OR b.author IS NOT NULL, FALSE) AS is_bot, t.started_at, t.start_flag
FROM changes_shipped AS s
JOIN changes AS c ON c.source = s.change_source AND c.id = s.change_id
JOIN change_starts AS t ON t.source = c.source AND t.id = c.id
LEFT JOIN bots AS b ON b.author = c.author
