-- uses: milestone_services, milestone_service_waits
-- A row is one service, in the period in which it was created, and how long until it was first deployed to production;
-- until now where it has not been. Archived ones, forks and what was only brought here from elsewhere are not new.
WITH judged AS (
    SELECT m.*, p.now,
        CASE
            WHEN m.is_fork THEN 'fork'
            WHEN m.is_archived OR m.ended_at <= p.now THEN 'archived'
            WHEN m.is_alone AND m.first_commit_at < COALESCE(m.repository_created_at, m.born_at) - INTERVAL '1' DAY
                THEN 'imported'
            WHEN m.known_from IS NULL OR m.born_at < m.known_from - INTERVAL '30' DAY THEN 'before_history'
            WHEN m.first_live_at < m.born_at THEN 'before_start'
        END AS rule
    FROM milestone_services AS m
    CROSS JOIN params AS p
    WHERE m.born_at <= p.now
)
SELECT 'service' AS unit, CAST(NULL AS STRING) AS source, j.service AS id, j.service, j.born_at AS at,
    CASE WHEN j.rule IS NULL THEN seconds_between(j.born_at, COALESCE(j.first_live_at, j.now)) END AS value,
    j.rule IS NULL AS counted, j.rule, CAST(NULL AS STRING) AS flag,
    j.first_live_at IS NULL AS censored, j.is_alone,
    seconds_between(j.born_at, j.now) AS existed,
    CASE WHEN j.first_commit_at > j.born_at THEN seconds_between(j.born_at, j.first_commit_at) WHEN j.first_commit_at IS NOT NULL THEN 0.0 END
        AS to_commit,
    CASE WHEN j.first_green_at > j.born_at THEN seconds_between(j.born_at, j.first_green_at) WHEN j.first_green_at IS NOT NULL THEN 0.0 END
        AS to_green,
    CASE WHEN j.first_trial_at > j.born_at THEN seconds_between(j.born_at, j.first_trial_at) WHEN j.first_trial_at IS NOT NULL THEN 0.0 END
        AS to_trial,
    CASE WHEN j.first_live_at > j.born_at THEN seconds_between(j.born_at, j.first_live_at) WHEN j.first_live_at IS NOT NULL THEN 0.0 END
        AS to_live,
    CASE WHEN j.first_objective_at > j.born_at THEN seconds_between(j.born_at, j.first_objective_at) WHEN j.first_objective_at IS NOT NULL THEN 0.0 END
        AS to_objective,
    CASE WHEN j.template IS NULL THEN 'none' ELSE 'template' END AS origin,
    CONCAT(CAST(EXTRACT(YEAR FROM j.born_at) AS STRING), '-Q', CAST(EXTRACT(QUARTER FROM j.born_at) AS STRING))
        AS cohort,
    w.waits, w.approvals, w.requests,
    j.born_at AS created_at, COALESCE(j.first_live_at, j.now) AS waited_until, j.first_commit_at, j.first_green_at,
    j.first_trial_at, j.first_live_at, j.first_objective_at
FROM judged AS j
LEFT JOIN milestone_service_waits AS w ON w.service = j.service
