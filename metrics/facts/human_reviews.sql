-- uses: people_reviews
-- A row is one change that a person other than its author reviewed before it was merged: when first, and when it was
-- approved for the last time; a dismissed approval is none (E14-E16).
SELECT change_source, change_id, MIN(submitted_at) AS reviewed_at,
    MAX(CASE WHEN state = 'approved' THEN submitted_at END) AS approved_at
FROM people_reviews
GROUP BY change_source, change_id
