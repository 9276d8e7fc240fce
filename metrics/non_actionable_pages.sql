-- uses: page_times
-- A row is one page, in the period in which it came; 1 where there was nothing to do about it. One of which nobody said
-- whether there was anything to do is left out.
SELECT 'page' AS unit, g.source, g.id, g.service, g.paged_at AS at,
    CASE g.actionable WHEN FALSE THEN CAST(1 AS DOUBLE) WHEN TRUE THEN CAST(0 AS DOUBLE) END AS value,
    g.actionable IS NOT NULL AS counted, CASE WHEN g.actionable IS NULL THEN 'unsaid' END AS rule,
    CAST(NULL AS STRING) AS flag, g.team, g.template, g.rotation
FROM page_times AS g
