-- uses: gate_decisions
-- A row is one gate and how long it was closed. Counted are those a person opens; timers and policy checks stand beside
-- them. One that is still closed counts with the time so far (E24).
WITH judged AS (
    SELECT g.*, p.now,
        CASE
            WHEN g.decision IN ('cancelled', 'canceled', 'skipped', 'withdrawn') THEN 'withdrawn'
            WHEN g.decided_at IS NULL AND g.decision IS NOT NULL THEN 'no_time'
            WHEN g.decided_at IS NULL AND g.is_over THEN 'withdrawn'
            WHEN g.kind <> 'human' THEN g.kind
        END AS rule
    FROM gate_decisions AS g
    CROSS JOIN params AS p
)
SELECT 'gate' AS unit, j.source, j.id, j.service, j.requested_at AS at,
    GREATEST(seconds_between(j.requested_at, COALESCE(j.decided_at, j.now)), CAST(0 AS DOUBLE)) AS value,
    j.rule IS NULL AS counted, j.rule,
    CASE WHEN j.decided_at < j.requested_at THEN 'negative' END AS flag, j.team, j.template,
    j.kind, j.subject, j.decision, j.decided_at IS NULL AS censored,
    CASE WHEN j.decided_at IS NOT NULL THEN seconds_between(j.requested_at, j.decided_at) END AS decided_in,
    GREATEST(seconds_between(j.requested_at, COALESCE(j.decided_at, j.now)), CAST(0 AS DOUBLE)) AS lasted,
    j.requested_at, COALESCE(j.decided_at, j.now) AS waited_until, j.decided_at
FROM judged AS j
