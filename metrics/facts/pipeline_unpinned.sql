-- uses: pipeline_standing
-- A row is something that a service's pipelines take by a tag, a branch or no version, all of which can move.
SELECT DISTINCT s.service, s.ends_at, p.taken, p.pinned
FROM pipeline_standing AS s
JOIN pipeline_steps AS p ON p.repository = s.repository AND p.state = s.state
WHERE p.pinned IN ('tag', 'branch', 'none')
