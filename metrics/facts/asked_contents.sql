-- uses: asked_changes
-- A row is one commit, known or not, in one role in one change asked for, its merge commit included.
SELECT l.change_source, l.change_id, l.repository, l.sha, l.role
FROM change_commits AS l
JOIN asked_changes AS a ON a.source = l.change_source AND a.id = l.change_id
