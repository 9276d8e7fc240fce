-- uses: lead_changes, lead_direct, lead_commits
-- A row is one unit of lead time whatever its author: in the reading by change a change or a direct commit, in the
-- reading by commit every commit. What the first deployment of a service brought has none (E5), nor what a deployment
-- brought of which a cut history leaves open what else it brought (E26).
WITH every_commit AS (
    SELECT 'both' AS reading, d.* FROM lead_direct AS d
    UNION ALL
    SELECT 'commit' AS reading, c.* FROM lead_commits AS c
)
SELECT 'change' AS reading, 'change' AS unit, source, name AS id, id AS change_id, service, deployment_source,
    deployment_id, finished_at, started_at, start_flag, is_bot, created_at, ready_at, merged_at,
    CASE role WHEN 'redeploy' THEN 'E7' WHEN 'rollback' THEN 'E8' END AS rule
FROM lead_changes AS u
WHERE NOT is_first AND NOT EXISTS (
    SELECT 1 AS found FROM production_deployments AS d
    WHERE d.service = u.service AND d.source = u.deployment_source AND d.id = u.deployment_id AND d.history_cut)
UNION ALL
SELECT reading, 'commit' AS unit, source, id, CAST(NULL AS STRING) AS change_id, service, deployment_source,
    deployment_id, finished_at, started_at, start_flag, is_bot, CAST(NULL AS TIMESTAMP) AS created_at,
    CAST(NULL AS TIMESTAMP) AS ready_at, CAST(NULL AS TIMESTAMP) AS merged_at,
    CASE WHEN is_merge THEN 'E4' WHEN role = 'redeploy' THEN 'E7' WHEN role = 'rollback' THEN 'E8' END AS rule
FROM every_commit AS u
WHERE NOT is_first AND NOT EXISTS (
    SELECT 1 AS found FROM production_deployments AS d
    WHERE d.service = u.service AND d.source = u.deployment_source AND d.id = u.deployment_id AND d.history_cut)
