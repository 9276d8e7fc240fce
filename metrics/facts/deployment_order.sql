-- A row is a finished production deployment of a service, numbered in the order of E5 (finish, ties by id):
-- `shipped_until` counts the shipped ones up to and including it, `ran_until` all after which a version ran. `began_at`:
-- when it began to act as a remedy.
SELECT service, source, id, role, rule, is_first, finished_at,
    LEAST(COALESCE(started_at, created_at, finished_at), finished_at) AS began_at,
    COALESCE(users_affected, FALSE) AS users_affected,
    failed_first_source, failed_first_id, failed_last_source, failed_last_id,
    SUM(CASE WHEN role = 'shipped' THEN 1 ELSE 0 END) OVER (
        PARTITION BY service
        ORDER BY finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS shipped_until,
    SUM(CASE WHEN role IN ('shipped', 'redeploy', 'rollback') THEN 1 ELSE 0 END) OVER (
        PARTITION BY service
        ORDER BY finished_at NULLS LAST, id NULLS LAST, source NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS ran_until
FROM production_deployments
WHERE finished_at IS NOT NULL AND role NOT IN ('unfinished', 'other_origin')
