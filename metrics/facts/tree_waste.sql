-- uses: run_asked = tree_window, tree_window, run_jobs
-- A row is one tree that a workflow looked at, with the machine time of its jobs, and what of it was in vain: of jobs that
-- failed and passed later, of jobs that had passed in an earlier attempt of their run, and of superseded runs.
WITH spent AS (
    SELECT w.repository, w.workflow, w.tree, w.outcome, w.counts_until, j.name, j.seconds, j.has_failed, j.is_repeat,
        j.completed_at,
        MAX(CASE WHEN j.conclusion = 'success' AND j.completed_at <= w.counts_until THEN j.completed_at END) OVER (
            PARTITION BY w.repository, w.workflow, w.tree, j.name
        ) AS passed_at
    FROM tree_window AS w
    JOIN run_jobs AS j ON j.run_source = w.source AND j.run_id = w.id
),
judged AS (
    SELECT repository, workflow, tree, seconds,
        CASE
            WHEN outcome = 'superseded' THEN 'superseded'
            WHEN has_failed AND passed_at > completed_at THEN 'failed'
            WHEN is_repeat THEN 'repeated'
        END AS waste
    FROM spent
)
SELECT repository, workflow, tree, SUM(seconds) AS machine,
    SUM(CASE WHEN waste IS NOT NULL THEN seconds ELSE 0.0 END) AS wasted,
    SUM(CASE WHEN waste = 'failed' THEN seconds ELSE 0.0 END) AS failed,
    SUM(CASE WHEN waste = 'repeated' THEN seconds ELSE 0.0 END) AS repeated,
    SUM(CASE WHEN waste = 'superseded' THEN seconds ELSE 0.0 END) AS superseded
FROM judged
GROUP BY repository, workflow, tree
