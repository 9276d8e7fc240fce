-- uses: asked_changes = remedied_changes, recoveries, bot_deployments
-- A row is a failure that is timed: covered where the start of its impact was measured (D4).
SELECT r.service, r.started_at AS at, r.measured AS covered
FROM recoveries AS r
CROSS JOIN params AS p
LEFT JOIN bot_deployments AS b
    ON b.service = r.service AND b.deployment_source = r.source AND b.deployment_id = r.id
WHERE NOT r.covered AND NOT (p.bots = 'exclude' AND b.service IS NOT NULL)
