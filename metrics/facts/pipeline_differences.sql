-- uses: pipeline_current, pipeline_required, pipeline_extra, pipeline_unpinned
-- A row is a service at a moment with every difference from the golden path, named.
WITH named AS (
    SELECT service, ends_at, 'missing step: ' || step AS difference FROM pipeline_required
    WHERE NOT is_supplied AND NOT is_approved
    UNION ALL
    SELECT service, ends_at, 'copied instead of referenced: ' || step AS difference FROM pipeline_required
    WHERE is_supplied AND NOT is_reference
    UNION ALL
    SELECT service, ends_at, CAST(variants AS STRING) || ' variants: ' || step AS difference FROM pipeline_required
    WHERE variants > 1
    UNION ALL
    SELECT service, ends_at, 'extra step: ' || step AS difference FROM pipeline_extra WHERE NOT is_approved
    UNION ALL
    SELECT service, ends_at, 'unpinned action: ' || taken || ' (' || pinned || ')' AS difference FROM pipeline_unpinned
    UNION ALL
    SELECT DISTINCT service, ends_at,
        CAST(behind AS STRING) || CASE WHEN behind = 1 THEN ' release' ELSE ' releases' END || ' behind: '
            || COALESCE(release, 'tied to none') || ', newest ' || newest_release AS difference
    FROM pipeline_current WHERE behind > 0
    UNION ALL
    SELECT DISTINCT service, ends_at, 'unreadable: ' || problems AS difference
    FROM pipeline_current WHERE problems IS NOT NULL
)
SELECT service, ends_at, ARRAY_SORT(ARRAY_AGG(difference)) AS differences FROM named GROUP BY service, ends_at
