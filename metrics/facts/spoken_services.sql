-- uses: spoken_candidates
-- A row is a repository with the one deployable service that events which name the repository as their service speak of
-- (decision 11).
SELECT repository, service
FROM spoken_candidates
WHERE among = 1
