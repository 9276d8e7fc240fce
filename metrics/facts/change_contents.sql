-- uses: known_commits
-- A row is one known commit in one role in one change, its merge commit included, from the change's own repository (E2).
SELECT l.change_source, l.change_id, l.repository, l.sha, l.role = 'merge' AS is_merge_sha, c.authored_at, c.is_merge
FROM change_commits AS l
JOIN known_commits AS c ON c.repository = l.repository AND c.sha = l.sha
