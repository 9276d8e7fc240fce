-- A row is a service and a span: its production deployments that ran, and how many did not go by the golden path.
SELECT d.service, w.covers, w.ends_at, COUNT(*) AS deployments, COUNT(d.path) AS known,
    COUNT(CASE WHEN d.path <> 'golden' THEN 1 END) AS bypassing
FROM production_deployments AS d
JOIN drift_spans AS w ON d.finished_at >= w.starts_at AND d.finished_at < w.ends_at
CROSS JOIN params AS p
WHERE d.finished_at <= p.now AND d.role IN ('shipped', 'redeploy', 'rollback', 'config')
GROUP BY d.service, w.covers, w.ends_at
