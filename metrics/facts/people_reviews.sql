-- uses: bots
-- A row is one review of a change by a person other than its author, before it was merged (E14).
SELECT r.change_source, r.change_id, r.submitted_at, r.state
FROM reviews AS r
JOIN changes AS c ON c.source = r.change_source AND c.id = r.change_id
LEFT JOIN bots AS b ON b.author = r.reviewer
WHERE b.author IS NULL AND COALESCE(r.reviewer_kind, 'human') <> 'bot'
    AND (r.reviewer IS NULL OR c.author IS NULL OR r.reviewer <> c.author)
    AND (c.merged_at IS NULL OR r.submitted_at <= c.merged_at)
