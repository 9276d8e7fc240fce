-- A row is one production deployment whose commits are asked for; a metric's header may put another fact here.
SELECT service, source, id, finished_at, role, is_first
FROM production_deployments
