-- uses: merged_changes, person_accounts
-- A row is one merged change of a human, and the how manieth of theirs it is.
SELECT a.person, m.merged_at,
    ROW_NUMBER() OVER (PARTITION BY a.person ORDER BY m.merged_at NULLS LAST, m.source NULLS LAST, m.id NULLS LAST)
        AS place
FROM merged_changes AS m
JOIN person_accounts AS a ON a.handle = m.author
WHERE m.rule IS NULL
