-- A row is one production deployment that finished within the window.
SELECT d.service, d.source, d.id, d.finished_at, d.role, d.is_first
FROM production_deployments AS d
CROSS JOIN params AS p
WHERE d.finished_at >= p.window_from AND d.finished_at < p.window_to
