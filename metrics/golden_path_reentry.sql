-- uses: golden_deployments, golden_turns
-- A row is one production deployment that ran; 1 where it went by the golden path. The one before it tells by which path
-- its service went until then.
SELECT 'deployment' AS unit, d.source, d.id, d.service, d.at,
    CASE WHEN d.path IS NOT NULL THEN CAST(CASE WHEN t.is_golden THEN 1 ELSE 0 END AS DOUBLE) END AS value,
    d.path IS NOT NULL AS counted, CASE WHEN d.path IS NULL THEN 'unknown_path' END AS rule,
    CAST(NULL AS STRING) AS flag,
    COALESCE(t.path_before <> 'golden', FALSE) AS is_legacy, d.path, t.path_before
FROM golden_deployments AS d
LEFT JOIN golden_turns AS t ON t.service = d.service AND t.source = d.source AND t.id = d.id
