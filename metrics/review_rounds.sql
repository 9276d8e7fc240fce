-- uses: merged_changes, people_reviews, change_pushes
-- A row is one merged change and how often it went to review: reviews between two pushes, or between two requests for a
-- review, are one round.
WITH steps AS (
    SELECT change_source, change_id, submitted_at AS turn_at, 1 AS is_review FROM people_reviews
    UNION ALL
    SELECT change_source, change_id, pushed_at AS turn_at, 0 AS is_review FROM change_pushes
    UNION ALL
    SELECT change_source, change_id, requested_at AS turn_at, 0 AS is_review FROM review_requests
),
turns AS (
    SELECT change_source, change_id, is_review,
        LAG(is_review) OVER (
            PARTITION BY change_source, change_id ORDER BY turn_at NULLS LAST, is_review NULLS LAST
        ) AS came_before
    FROM steps
),
rounds AS (
    SELECT change_source, change_id,
        CAST(SUM(CASE WHEN is_review = 1 AND COALESCE(came_before, 0) = 0 THEN 1 ELSE 0 END) AS DOUBLE) AS rounds
    FROM turns
    GROUP BY change_source, change_id
),
judged AS (
    SELECT m.*, r.rounds,
        CASE WHEN m.rule IS NOT NULL THEN m.rule WHEN COALESCE(r.rounds, 0) = 0 THEN 'E17' END AS reason
    FROM merged_changes AS m
    LEFT JOIN rounds AS r ON r.change_source = m.source AND r.change_id = m.id
)
SELECT 'change' AS unit, source, id, service, merged_at AS at, CASE WHEN reason IS NULL THEN rounds END AS value,
    reason IS NULL AS counted, reason AS rule, CAST(NULL AS STRING) AS flag, team, template, merged_at
FROM judged
