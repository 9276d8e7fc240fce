-- uses: golden_deployments
-- A row is one production deployment that ran by a path that is known, with those right before and after it: golden or not.
SELECT d.service, d.source, d.id, d.at, d.path, d.told_by, d.path = 'golden' AS is_golden,
    LAG(d.path) OVER (
        PARTITION BY d.service ORDER BY d.at NULLS LAST, d.source NULLS LAST, d.id NULLS LAST
    ) AS path_before,
    LEAD(d.path) OVER (
        PARTITION BY d.service ORDER BY d.at NULLS LAST, d.source NULLS LAST, d.id NULLS LAST
    ) AS path_after
FROM golden_deployments AS d
WHERE d.path IS NOT NULL
