-- uses: golden_deployments
-- A row is one production deployment that ran; 1 where it went by the golden path.
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.at,
    CASE WHEN d.path IS NOT NULL THEN CAST(CASE WHEN d.path = 'golden' THEN 1 ELSE 0 END AS DOUBLE) END AS value,
    d.path IS NOT NULL AS counted, CASE WHEN d.path IS NULL THEN 'unknown_path' END AS rule,
    CAST(NULL AS STRING) AS flag, d.path, d.told_by
FROM golden_deployments AS d
