-- uses: repository_owner, service_owner, spoken_deployments, spoken_services
-- A row is one gate of any kind with what it held up: a deployment, a run or a request, whose service and team that is, and
-- whether that was over or withdrawn before anybody decided.
WITH held AS (
    SELECT g.source, g.id, g.kind, g.requested_at, g.decided_at, LOWER(g.decision) AS decision,
        CASE
            WHEN g.deployment_id IS NOT NULL THEN 'deployment' WHEN g.run_id IS NOT NULL THEN 'run' ELSE 'request'
        END AS subject,
        COALESCE(a.service, d.service) AS deployed, u.repository,
        COALESCE(b.service, q.service) AS asked_for, q.team AS asking, q.template,
        CASE
            WHEN g.deployment_id IS NOT NULL THEN COALESCE(d.status IN ('success', 'failure', 'cancelled'), FALSE)
            WHEN g.run_id IS NOT NULL THEN u.conclusion IS NOT NULL OR u.completed_at IS NOT NULL
            ELSE COALESCE(q.usable_at, q.fulfilled_at) IS NOT NULL OR COALESCE(LOWER(q.status), 'open') IN (
                'cancelled', 'canceled', 'failed', 'rejected', 'withdrawn', 'fulfilled', 'closed')
        END AS is_over
    FROM gates AS g
    LEFT JOIN deployments AS d ON d.source = g.deployment_source AND d.id = g.deployment_id
    LEFT JOIN spoken_deployments AS a ON a.source = d.source AND a.id = d.id
    LEFT JOIN runs AS u ON u.source = g.run_source AND u.id = g.run_id
    LEFT JOIN requests AS q ON q.source = g.request_source AND q.id = g.request_id
    LEFT JOIN spoken_services AS b ON b.repository = q.service
),
placed AS (
    SELECT h.*, COALESCE(h.deployed, r.service, h.asked_for) AS service, r.team AS keeping
    FROM held AS h
    LEFT JOIN repository_owner AS r
        ON r.repository = h.repository AND r.owned_from <= h.requested_at AND h.requested_at < r.owned_to
)
SELECT h.source, h.id, h.kind, h.subject, h.requested_at, h.decided_at, h.decision, h.is_over, h.service,
    CASE
        WHEN h.deployed IS NOT NULL THEN o.team WHEN h.repository IS NOT NULL THEN h.keeping
        ELSE COALESCE(h.asking, o.team)
    END AS team,
    COALESCE(o.template, h.template) AS template
FROM placed AS h
LEFT JOIN service_owner AS o
    ON o.service = h.service AND o.owned_from <= h.requested_at AND h.requested_at < o.owned_to
