-- uses: observation_changes, observation_records
-- A row is one change of what was seen to run in production; 1 where no deployment record explains it.
SELECT 'observation' AS unit, c.source, c.id, c.service, c.observed_at AS at,
    CAST(CASE WHEN r.id IS NULL THEN 1 ELSE 0 END AS DOUBLE) AS value, TRUE AS counted,
    CAST(NULL AS STRING) AS rule, CAST(NULL AS STRING) AS flag,
    CAST(CASE WHEN r.by_hand THEN 1 ELSE 0 END AS DOUBLE) AS by_hand,
    c.environment, c.via, c.looked_before, c.sha_before, c.sha, c.artifact_before, c.artifact, r.deployment
FROM observation_changes AS c
LEFT JOIN observation_records AS r ON r.source = c.source AND r.id = c.id
