-- uses: service_catalog, golden_pipelines
-- A row is one production deployment that ran, and by which path: as its source says, else by the workflow that made it or
-- the pipelines that takes, else by the template of its service. NULL: nothing tells.
WITH made AS (
    SELECT p.service, p.source, p.id, u.repository, u.workflow, p.finished_at
    FROM production_deployments AS p
    JOIN deployments AS d ON d.source = p.source AND d.id = p.id
    JOIN runs AS u ON u.source = d.run_source AND u.id = d.run_id
    WHERE p.path IS NULL
),
by_run AS (
    SELECT m.service, m.source, m.id,
        CASE WHEN w.workflow IS NOT NULL OR g.is_golden THEN 'golden' WHEN NOT g.is_golden THEN 'other' END AS path
    FROM made AS m
    CROSS JOIN golden_declared AS s
    LEFT JOIN golden_workflows AS w ON w.workflow = m.workflow
    LEFT JOIN golden_pipelines AS g
        ON g.repository = m.repository AND g.path = m.workflow
        AND g.stood_from <= m.finished_at AND m.finished_at < g.stood_to
    WHERE s.workflows
),
judged AS (
    SELECT p.service, p.source, p.id, p.finished_at, p.path AS told, r.path AS by_run,
        CASE WHEN t.template IS NOT NULL THEN 'golden' WHEN s.templates AND c.template IS NOT NULL THEN 'other' END
            AS by_template
    FROM production_deployments AS p
    CROSS JOIN golden_declared AS s
    LEFT JOIN by_run AS r ON r.service = p.service AND r.source = p.source AND r.id = p.id
    LEFT JOIN service_catalog AS c ON c.service = p.service
    LEFT JOIN golden_templates AS t ON t.template = c.template
    WHERE p.role IN ('shipped', 'redeploy', 'rollback', 'config') AND p.finished_at IS NOT NULL
)
SELECT j.service, j.source, j.id, j.finished_at AS at, COALESCE(j.told, j.by_run, j.by_template) AS path,
    CASE
        WHEN j.told IS NOT NULL THEN 'source' WHEN j.by_run IS NOT NULL THEN 'workflow'
        WHEN j.by_template IS NOT NULL THEN 'template'
    END AS told_by
FROM judged AS j
