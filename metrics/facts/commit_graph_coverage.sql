-- A row is one shipped deployment, each service's first left out, and whether the commit graph could tell what it
-- brought: its sha and its predecessor's are known, and no source's history is cut in between (E26).
SELECT service, finished_at AS at, commits_known AND NOT history_cut AS covered
FROM production_deployments
WHERE role = 'shipped' AND NOT is_first
