-- uses: person_first_team
-- A row is one human of `these` and how long it was until they reached a milestone; until now, or until they left, where
-- they have not. Who began more than 30 days before anything was collected may have reached it unseen. Those of a cohort
-- who can be judged, and those whom one rule leaves out, are told of where they are five or more.
WITH placed AS (
    SELECT t.person, t.started_at, c.cohort, f.team,
        GREATEST(t.started_at, LEAST(COALESCE(t.ended_at, p.now), p.now)) AS seen_until,
        CASE WHEN t.reached_at <= LEAST(COALESCE(t.ended_at, p.now), p.now) THEN t.reached_at END AS reached_at,
        CASE
            WHEN t.known_from IS NULL OR t.started_at < t.known_from - INTERVAL '30' DAY THEN 'before_history'
            WHEN t.reached_at < t.started_at THEN 'before_start'
        END AS rule
    FROM these AS t
    CROSS JOIN params AS p
    JOIN hiring_cohorts AS c ON c.starts_at <= t.started_at AND t.started_at < c.ends_at
    LEFT JOIN person_first_team AS f ON f.person = t.person
    WHERE t.started_at <= p.now
),
sized AS (
    SELECT w.*, COALESCE(w.reached_at, w.seen_until) AS waited_until,
        COUNT(*) OVER (PARTITION BY w.cohort, w.rule) AS alike
    FROM placed AS w
)
SELECT s.person, s.cohort, s.team, s.started_at, s.reached_at, s.waited_until,
    CASE WHEN s.alike < 5 THEN 'few_people' ELSE s.rule END AS rule,
    seconds_between(s.started_at, s.waited_until) AS lasted,
    s.started_at AS span_from, s.waited_until AS span_to, s.started_at AS whole_from, s.waited_until AS whole_to
FROM sized AS s
