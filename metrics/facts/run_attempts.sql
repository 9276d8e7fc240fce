-- uses: run_ended, run_replaced, repository_owner
-- A row is one attempt of a CI run that is over, and whose it was when it ended. `outcome`: success, failure, superseded
-- (cancelled after a newer commit came) or undecided, which are left out by their `rule` (E19). `branch_kind`: whether it
-- checked a pull request, the default branch or another; a repository that names none has main or master.
WITH home AS (
    SELECT name, MAX(default_branch) AS default_branch FROM repositories GROUP BY name
),
judged AS (
    SELECT r.source, r.id, r.repository, r.workflow, r.run, r.attempt, r.sha, r.tree_sha, r.change_source, r.change_id,
        r.created_at, r.started_at, r.completed_at, r.conclusion,
        COALESCE(r.actor_kind, CASE WHEN r.event = 'schedule' THEN 'machine' ELSE 'human' END) AS triggered_by,
        CASE
            WHEN r.event LIKE 'pull_request%' OR r.event LIKE 'merge_request%' THEN 'pull_request'
            WHEN COALESCE(r.branch = h.default_branch, r.branch IN ('main', 'master')) THEN 'default'
            WHEN r.change_id IS NOT NULL THEN 'pull_request'
            ELSE 'other'
        END AS branch_kind,
        CASE
            WHEN r.conclusion = 'success' THEN 'success'
            WHEN r.conclusion IN ('failure', 'timed_out') THEN 'failure'
            WHEN r.conclusion = 'cancelled' AND n.replaced_at >= r.created_at AND n.replaced_at <= r.completed_at
                THEN 'superseded'
            ELSE 'undecided'
        END AS outcome
    FROM run_ended AS r
    LEFT JOIN home AS h ON h.name = r.repository
    LEFT JOIN run_replaced AS n
        ON n.repository = r.repository AND n.workflow = r.workflow AND n.line = COALESCE(r.change_id, r.branch)
        AND n.sha = r.sha
)
SELECT j.*, o.service, o.team, o.template,
    CASE WHEN j.outcome = 'superseded' THEN 'superseded' WHEN j.outcome = 'undecided' THEN 'E19' END AS rule
FROM judged AS j
LEFT JOIN repository_owner AS o
    ON o.repository = j.repository AND o.owned_from <= j.completed_at AND j.completed_at < o.owned_to
