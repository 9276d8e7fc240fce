-- uses: change_contents, change_written, service_catalog
-- A row is one change asked for that reached production with a service: by its merge commit, else by the last of its
-- commits.
WITH brought AS (
    SELECT d.service, l.change_source, l.change_id, l.is_merge_sha, d.source AS deployment_source,
        d.id AS deployment_id, d.finished_at, d.role, d.is_first
    FROM change_contents AS l
    JOIN shipped_commits AS s ON s.repository = l.repository AND s.sha = l.sha
    JOIN production_deployments AS d
        ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
),
merged AS (
    SELECT service, change_source, change_id, deployment_source, deployment_id, finished_at, role, is_first
    FROM brought
    WHERE is_merge_sha
),
in_pieces AS (
    SELECT b.*,
        COUNT(*) OVER (PARTITION BY b.service, b.change_source, b.change_id) AS commits,
        ROW_NUMBER() OVER (
            PARTITION BY b.service, b.change_source, b.change_id
            ORDER BY b.finished_at DESC NULLS LAST, b.deployment_id DESC NULLS LAST
        ) AS place
    FROM brought AS b
    LEFT JOIN merged AS m
        ON m.service = b.service AND m.change_source = b.change_source AND m.change_id = b.change_id
    WHERE m.service IS NULL
),
by_last AS (
    SELECT i.service, i.change_source, i.change_id, i.deployment_source, i.deployment_id, i.finished_at, i.role,
        i.is_first
    FROM in_pieces AS i
    JOIN change_written AS c ON c.change_source = i.change_source AND c.change_id = i.change_id
    JOIN service_catalog AS s ON s.service = i.service
    WHERE i.place = 1
        -- with paths a service is brought only its own files' commits, so the others cannot be asked for
        AND (s.has_paths OR (NOT c.merge_is_known AND i.commits = c.commits))
)
SELECT a.service, a.change_source, a.change_id, a.deployment_source, a.deployment_id, a.finished_at, a.role,
    a.is_first
FROM (SELECT * FROM merged UNION ALL SELECT * FROM by_last) AS a
