-- uses: asked_contents, contents_known = known_commits(asked_contents)
-- A row is one known commit in one role in one change asked for, its merge commit included, from the change's own
-- repository (E2).
SELECT l.change_source, l.change_id, l.repository, l.sha, l.role = 'merge' AS is_merge_sha, c.source, c.authored_at,
    c.is_bot, c.is_merge
FROM asked_contents AS l
JOIN contents_known AS c ON c.repository = l.repository AND c.sha = l.sha
