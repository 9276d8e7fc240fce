-- uses: deployment_order, spoken_services
-- A row is an incident: the service it belongs to (its own, else that of the deployment it names), when it began and
-- ended, and the production deployment it names (null: none, or not known here).
SELECT i.source, i.id, COALESCE(a.service, i.service, d.service) AS service, i.severity, i.title, i.url,
    COALESCE(i.change_caused, 'unknown') AS change_caused,
    i.impact_started_at, i.mitigated_at, i.resolved_at,
    COALESCE(i.impact_started_at, i.detected_at) AS started_at,
    COALESCE(i.mitigated_at, i.resolved_at) AS ended_at,
    i.deployment_id IS NOT NULL AS names_deployment,
    d.service AS deployment_service, d.source AS deployment_source, d.id AS deployment_id
FROM incidents AS i
LEFT JOIN spoken_services AS a ON a.repository = i.service
LEFT JOIN production_deployment_steps AS s ON s.step_source = i.deployment_source AND s.step_id = i.deployment_id
LEFT JOIN deployment_order AS d ON d.service = s.service AND d.source = s.source AND d.id = s.id
-- E23: several services may share the step of a tag, the incident blames one of them
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY i.source, i.id
    ORDER BY
        CASE WHEN d.service IS NULL THEN 2 WHEN d.service = a.service OR d.service = i.service THEN 0 ELSE 1 END,
        CASE WHEN d.role = 'shipped' THEN 0 ELSE 1 END,
        d.service NULLS LAST, d.id NULLS LAST
) = 1
