-- uses: request_outcomes
-- A row is one request to the platform and how long it was until what was asked for could be used; until now where it
-- cannot be used yet (E24).
SELECT 'request' AS unit, r.source, r.id, r.service, r.requested_at AS at,
    CASE
        WHEN r.rule IS NULL
            THEN GREATEST(seconds_between(r.requested_at, COALESCE(r.served_at, p.now)), CAST(0 AS DOUBLE))
    END AS value,
    r.rule IS NULL AS counted, r.rule,
    CASE
        WHEN r.served_at < r.requested_at THEN 'negative'
        WHEN r.usable_at IS NULL AND r.fulfilled_at IS NOT NULL THEN 'fulfilled_at'
    END AS flag, r.team, r.template,
    r.kind, r.served_at IS NULL AS censored,
    GREATEST(
        seconds_between(r.requested_at, COALESCE(LEAST(r.first_response_at, r.served_at), p.now)), CAST(0 AS DOUBLE)
    ) AS answered_in,
    r.first_response_at IS NULL AND r.served_at IS NULL AS unanswered,
    r.requested_at, COALESCE(r.served_at, p.now) AS waited_until, r.first_response_at, r.fulfilled_at, r.usable_at,
    r.human_touches
FROM request_outcomes AS r
CROSS JOIN params AS p
