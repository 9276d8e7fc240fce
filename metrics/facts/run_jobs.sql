-- uses: run_asked, job_reruns
-- A row is one job that an attempt asked for really ran: not skipped, never started, or carried over from an earlier
-- attempt. Where no job of an attempt says whether it is required, all are.
WITH told AS (
    SELECT j.source, j.id, j.run_source, j.run_id, j.name, j.runner, j.queued_at, j.started_at, j.completed_at,
        j.conclusion, j.failure_class,
        COALESCE(j.required, FALSE)
        OR COUNT(j.required) OVER (PARTITION BY j.run_source, j.run_id) = 0 AS is_required
    FROM run_asked AS a
    JOIN jobs AS j ON j.run_source = a.source AND j.run_id = a.id
)
SELECT t.*, t.conclusion IN ('failure', 'timed_out') AS has_failed, COALESCE(r.is_repeat, FALSE) AS is_repeat,
    GREATEST(seconds_between(t.started_at, t.completed_at), CAST(0 AS DOUBLE)) AS seconds
FROM told AS t
LEFT JOIN job_reruns AS r ON r.source = t.source AND r.id = t.id
WHERE t.started_at IS NOT NULL AND COALESCE(t.conclusion, '') <> 'skipped' AND NOT COALESCE(r.is_carried, FALSE)
