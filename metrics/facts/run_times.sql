-- uses: run_jobs
-- A row is one attempt asked for that ran any job: from when its first job ran, when its last required one was over and
-- when the first of them failed, and the machine time of all (E21).
SELECT run_source, run_id, MIN(started_at) AS first_started_at,
    MAX(CASE WHEN is_required THEN completed_at END) AS required_until,
    MIN(CASE WHEN is_required AND has_failed THEN completed_at END) AS failed_at,
    COALESCE(BOOL_OR(has_failed), FALSE) AS any_failed,
    COALESCE(SUM(seconds), CAST(0 AS DOUBLE)) AS machine_seconds
FROM run_jobs
GROUP BY run_source, run_id
