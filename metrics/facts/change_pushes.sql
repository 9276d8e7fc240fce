-- A row is one commit of a change that entered its branch, and when: a push, as far as history tells one.
SELECT l.change_source, l.change_id, c.committed_at AS pushed_at
FROM change_commits AS l
JOIN commits AS c ON c.repository = l.repository AND c.sha = l.sha
WHERE l.role = 'commit'
