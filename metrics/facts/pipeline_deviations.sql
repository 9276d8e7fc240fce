-- uses: pipeline_standing
-- A row is a service at a moment with its declared deviations in words, those that are over among them.
SELECT s.service, s.ends_at,
    ARRAY_SORT(ARRAY_AGG(
        CASE WHEN d.until_at >= s.ends_at THEN 'approved: ' ELSE 'expired: ' END || d.step || ', ' || d.owner
            || ' until ' || CAST(CAST(d.until_at - INTERVAL '1' DAY AS DATE) AS STRING) || ': ' || d.why
    )) AS deviations
FROM pipeline_standing AS s
JOIN deviations AS d ON d.service = s.service
GROUP BY s.service, s.ends_at
