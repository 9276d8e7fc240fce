-- A row is a span in which a pipeline file stood as it was seen, and whether it takes a golden one by reference.
WITH taken AS (
    SELECT d.source, d.id, MAX(CASE WHEN g.reference IS NULL THEN 0 ELSE 1 END) AS takes_golden
    FROM pipeline_definitions AS d
    LEFT JOIN golden_references AS g ON ARRAY_CONTAINS(d.uses, g.reference)
    WHERE d.uses IS NOT NULL
    GROUP BY d.source, d.id
)
SELECT d.repository, d.path, t.takes_golden = 1 AS is_golden, d.observed_at AS stood_from,
    LEAD(d.observed_at, 1, TIMESTAMP '9999-12-31 00:00:00') OVER (
        PARTITION BY d.repository, d.path ORDER BY d.observed_at NULLS LAST, d.source NULLS LAST, d.id NULLS LAST
    ) AS stood_to
FROM pipeline_definitions AS d
LEFT JOIN taken AS t ON t.source = d.source AND t.id = d.id
