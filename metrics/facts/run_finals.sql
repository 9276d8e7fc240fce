-- uses: run_attempts, run_repeats
-- A row is one run by its last attempt, which says whether it is green (E18), with how often it was attempted and whether
-- its first attempt was green.
SELECT a.*, COALESCE(n.last_attempt, a.attempt) AS attempts,
    CASE
        WHEN COALESCE(n.first_conclusion, a.conclusion) = 'success' THEN 1.0
        WHEN COALESCE(n.first_conclusion, a.conclusion) IN ('failure', 'timed_out') THEN 0.0
    END AS passed_first
FROM run_attempts AS a
LEFT JOIN run_repeats AS n ON n.source = a.source AND n.repository = a.repository AND n.run = a.run
WHERE n.last_attempt IS NULL OR n.last_attempt = a.attempt
