-- uses: observation_changes, spoken_deployments
-- A row is one change of what was seen to run that a deployment record of its service and environment explains: one that
-- was under way since the look before, give or take an hour, and names the same commit or artifact, or neither of those
-- that were seen.
WITH recorded AS (
    SELECT d.id, COALESCE(a.service, d.service) AS service, d.environment, d.status, d.path, d.sha, d.artifact,
        d.created_at, d.started_at, d.finished_at
    FROM deployments AS d
    LEFT JOIN spoken_deployments AS a ON a.source = d.source AND a.id = d.id
)
SELECT c.source, c.id, MIN(d.id) AS deployment,
    MIN(CASE WHEN COALESCE(d.path, 'other') = 'manual' THEN 1 ELSE 0 END) = 1 AS by_hand
FROM observation_changes AS c
JOIN recorded AS d
    ON d.service = c.service AND d.environment = c.environment AND d.status <> 'queued'
    AND COALESCE(d.started_at, d.created_at, d.finished_at) <= c.observed_at + INTERVAL '1' HOUR
    AND COALESCE(d.finished_at, d.started_at, d.created_at) >= c.looked_before - INTERVAL '1' HOUR
WHERE d.sha = c.sha OR d.artifact = c.artifact
    OR ((d.sha IS NULL OR c.sha IS NULL) AND (d.artifact IS NULL OR c.artifact IS NULL))
GROUP BY c.source, c.id
