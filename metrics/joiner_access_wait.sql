-- uses: person_starts, person_first_team
-- A row is one human, in the period in which they began, and how long in their first 30 days requests of their team for
-- access and tools were open, added up. Requests name a team and nobody in it, so all of its requests count.
WITH history AS (
    SELECT MIN(requested_at) AS known_from FROM requests
),
joined AS (
    SELECT s.person, s.started_at, s.started_at + INTERVAL '30' DAY AS settled_at, f.team, c.cohort, h.known_from, p.now
    FROM person_starts AS s
    CROSS JOIN params AS p
    CROSS JOIN history AS h
    JOIN hiring_cohorts AS c ON c.starts_at <= s.started_at AND s.started_at < c.ends_at
    LEFT JOIN person_first_team AS f ON f.person = s.person
    WHERE s.started_at <= p.now
),
asked AS (
    SELECT team, requested_at, COALESCE(usable_at, fulfilled_at) AS usable_at
    FROM requests
    WHERE matches(LOWER(kind), 'access|account|permission|licen[cs]e|laptop|workstation|tool|vpn|onboard')
        AND COALESCE(LOWER(status), 'open') NOT IN ('cancelled', 'canceled', 'rejected', 'withdrawn')
),
waited AS (
    SELECT j.person, COUNT(*) AS requests,
        SUM(seconds_between(
            GREATEST(a.requested_at, j.started_at), LEAST(COALESCE(a.usable_at, j.settled_at), j.settled_at))) AS seconds
    FROM joined AS j
    JOIN asked AS a
        ON a.team = j.team AND a.requested_at < j.settled_at
        AND (a.usable_at IS NULL OR a.usable_at > j.started_at)
    GROUP BY j.person
),
judged AS (
    SELECT j.person, j.cohort, j.team, j.started_at, w.requests, w.seconds,
        CASE
            WHEN j.known_from IS NULL OR j.started_at < j.known_from - INTERVAL '30' DAY THEN 'before_history'
            WHEN j.settled_at > j.now THEN 'too_new'
            WHEN j.team IS NULL THEN 'no_team'
            WHEN w.requests IS NULL THEN 'no_request'
        END AS rule
    FROM joined AS j
    LEFT JOIN waited AS w ON w.person = j.person
),
sized AS (
    SELECT j.*, COUNT(*) OVER (PARTITION BY j.cohort, j.rule) AS alike
    FROM judged AS j
)
SELECT 'person' AS unit, CAST(NULL AS STRING) AS source, s.cohort AS id, CAST(NULL AS STRING) AS service,
    s.started_at AS at, CASE WHEN s.rule IS NULL THEN s.seconds END AS value,
    s.rule IS NULL AND s.alike >= 5 AS counted,
    CASE WHEN s.alike < 5 THEN 'few_people' ELSE s.rule END AS rule,
    CAST(NULL AS STRING) AS flag, s.team, CAST(NULL AS STRING) AS template, s.person, s.cohort, s.requests
FROM sized AS s
