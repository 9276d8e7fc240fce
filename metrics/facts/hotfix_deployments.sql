-- uses: deployment_order, remedy_changes, changes_shipped
-- A row is a deployment that shipped a hotfix; `latest` is the number of the last shipped deployment before it (E9).
-- What the first deployment of a service brought is all the history before it, not a remedy (E5).
SELECT DISTINCT d.service, d.source, d.id, d.began_at,
    d.shipped_until - CASE WHEN d.role = 'shipped' THEN 1 ELSE 0 END AS latest
FROM remedy_changes AS r
JOIN changes_shipped AS s ON s.change_source = r.source AND s.change_id = r.id
JOIN deployment_order AS d ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
WHERE r.kind = 'hotfix' AND NOT d.is_first
