-- uses: repository_owner, bots, people_reviews, person_teams
-- A row is one request for a review and how long it was until a person other than the author answered: the time of the
-- team that was asked. What is over without an answer got none (E17); what is a draft is not asked yet (E15).
WITH asked AS (
    SELECT q.source, q.id, q.requested_at, GREATEST(q.requested_at, COALESCE(c.ready_at, q.requested_at)) AS asked_at,
        c.source AS change_source, c.id AS change_id, c.repository, COALESCE(c.merged_at, c.closed_at) AS over_at,
        p.now, COALESCE(q.team, t.team) AS team,
        p.bots = 'exclude' AND (c.author_kind = 'bot' OR b.author IS NOT NULL
            OR q.reviewer_kind = 'bot' OR w.author IS NOT NULL) AS is_left_out
    FROM review_requests AS q
    CROSS JOIN params AS p
    JOIN changes AS c ON c.source = q.change_source AND c.id = q.change_id
    LEFT JOIN bots AS b ON b.author = c.author
    LEFT JOIN bots AS w ON w.author = q.reviewer
    LEFT JOIN person_teams AS t
        ON t.person = q.reviewer AND t.member_from <= q.requested_at AND q.requested_at < t.member_to
    -- of two teams at a time the newest claim stands (E25)
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY q.source, q.id ORDER BY t.member_from DESC NULLS LAST, t.team DESC NULLS LAST
    ) = 1
),
answered AS (
    SELECT a.source, a.id, MIN(r.submitted_at) AS answered_at
    FROM asked AS a
    JOIN people_reviews AS r ON r.change_source = a.change_source AND r.change_id = a.change_id
    WHERE r.submitted_at >= a.asked_at
    GROUP BY a.source, a.id
),
judged AS (
    SELECT a.*, r.answered_at,
        CASE
            WHEN a.is_left_out THEN 'E14'
            WHEN r.answered_at IS NULL AND a.over_at IS NOT NULL THEN 'E17'
        END AS rule
    FROM asked AS a
    LEFT JOIN answered AS r ON r.source = a.source AND r.id = a.id
)
SELECT 'review_request' AS unit, j.source, j.id, o.service, j.requested_at AS at,
    CASE
        WHEN j.rule IS NULL
            THEN GREATEST(seconds_between(j.asked_at, COALESCE(j.answered_at, j.now)), CAST(0 AS DOUBLE))
    END AS value,
    j.rule IS NULL AS counted, j.rule, CAST(NULL AS STRING) AS flag, j.team, o.template,
    j.answered_at IS NULL AS censored, j.asked_at, COALESCE(j.answered_at, j.now) AS waited_until,
    CONCAT(j.change_source, '/', j.change_id) AS change, j.answered_at
FROM judged AS j
LEFT JOIN repository_owner AS o
    ON o.repository = j.repository AND o.owned_from <= j.requested_at AND j.requested_at < o.owned_to
