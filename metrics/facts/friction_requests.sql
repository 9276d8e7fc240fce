-- uses: request_outcomes, gate_decisions
-- A row is one request to the platform, for access and tools of those who join (`onboarding_access`) or for anything
-- else (`provisioning`), until what was asked for could be used; or one gate that a person opens, until it was decided.
SELECT
    CASE
        WHEN matches(LOWER(r.kind), 'access|account|permission|licen[cs]e|laptop|workstation|tool|vpn|onboard')
            THEN 'onboarding_access'
        ELSE 'provisioning'
    END AS kind,
    'request' AS unit, r.source, r.id, CONCAT(r.kind, ' ', r.source, ' ', r.id) AS subject,
    CAST(NULL AS STRING) AS pipeline, r.service, r.team, r.template,
    CAST(NULL AS STRING) AS author, r.requested_at AS span_from, COALESCE(r.served_at, p.now) AS span_to
FROM request_outcomes AS r
CROSS JOIN params AS p
WHERE r.rule IS NULL
UNION ALL
SELECT 'approval_wait' AS kind, 'gate' AS unit, g.source, g.id, CONCAT(g.subject, ' ', g.source, ' ', g.id) AS subject,
    CAST(NULL AS STRING) AS pipeline, g.service, g.team, g.template, CAST(NULL AS STRING) AS author,
    g.requested_at AS span_from, COALESCE(g.decided_at, p.now) AS span_to
FROM gate_decisions AS g
CROSS JOIN params AS p
WHERE g.kind = 'human' AND NOT (g.decided_at IS NULL AND (g.is_over OR g.decision IS NOT NULL))
    AND COALESCE(g.decision, '') NOT IN ('cancelled', 'canceled', 'skipped', 'withdrawn')
