-- uses: bots
-- A row is one change that a person other than its author reviewed before it was merged: when first, and when it was
-- approved for the last time; a dismissed approval is none (E14-E16).
SELECT r.change_source, r.change_id, MIN(r.submitted_at) AS reviewed_at,
    MAX(CASE WHEN r.state = 'approved' THEN r.submitted_at END) AS approved_at
FROM reviews AS r
JOIN changes AS c ON c.source = r.change_source AND c.id = r.change_id
LEFT JOIN bots AS b ON b.author = r.reviewer
WHERE b.author IS NULL AND COALESCE(r.reviewer_kind, 'human') <> 'bot'
    AND (r.reviewer IS NULL OR c.author IS NULL OR r.reviewer <> c.author)
    AND (c.merged_at IS NULL OR r.submitted_at <= c.merged_at)
GROUP BY r.change_source, r.change_id
