-- A row is one shipped deployment, each service's first left out, and whether the commit graph could tell what it
-- brought: its sha and its predecessor's are known (E26), and no commit between them is missing, as in a shallow clone.
SELECT service, finished_at AS at, commits_known AND history_complete AS covered
FROM production_deployments
WHERE role = 'shipped' AND NOT is_first
