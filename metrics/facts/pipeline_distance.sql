-- uses: pipeline_required, pipeline_extra
-- A row is a service at a moment: how many required steps it has and how, and the weights that the steps in common and
-- all steps together have, approved deviations left out.
WITH golden AS (
    SELECT service, ends_at, COUNT(*) AS required, COUNT(CASE WHEN is_reference THEN 1 END) AS referenced,
        COUNT(CASE WHEN is_supplied AND NOT is_reference THEN 1 END) AS copied,
        COUNT(CASE WHEN NOT is_supplied THEN 1 END) AS missing,
        SUM(CASE WHEN is_supplied AND NOT is_approved THEN weight ELSE 0 END) AS common_weight,
        SUM(CASE WHEN is_approved THEN 0 ELSE weight END) AS required_weight
    FROM pipeline_required
    GROUP BY service, ends_at
),
other AS (
    SELECT service, ends_at, COUNT(*) AS extra, SUM(CASE WHEN is_approved THEN 0 ELSE weight END) AS extra_weight
    FROM pipeline_extra
    GROUP BY service, ends_at
)
SELECT g.service, g.ends_at, g.required, g.referenced, g.copied, g.missing, COALESCE(o.extra, 0) AS extra,
    g.common_weight, g.required_weight + COALESCE(o.extra_weight, 0) AS whole_weight
FROM golden AS g
LEFT JOIN other AS o ON o.service = g.service AND o.ends_at = g.ends_at
