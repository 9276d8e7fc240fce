-- uses: changes_shipped, bots, service_owner
-- A row is one change that was shipped and how long it lay merged before the deployment that shipped it began.
SELECT 'release_wait' AS kind, 'change' AS unit, c.source, c.id,
    CONCAT(c.repository, '#', CAST(c.number AS STRING)) AS subject,
    CAST(NULL AS STRING) AS pipeline, s.service, o.team, o.template, c.author, c.merged_at AS span_from,
    COALESCE(d.started_at, d.created_at, s.finished_at) AS span_to
FROM changes_shipped AS s
CROSS JOIN params AS p
JOIN changes AS c ON c.source = s.change_source AND c.id = s.change_id
JOIN production_deployments AS d
    ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
LEFT JOIN service_owner AS o ON o.service = s.service AND o.owned_from <= c.merged_at AND c.merged_at < o.owned_to
LEFT JOIN bots AS b ON b.author = c.author
WHERE s.role = 'shipped' AND NOT s.is_first
    AND (p.bots = 'include' OR (b.author IS NULL AND COALESCE(c.author_kind, 'human') <> 'bot'))
