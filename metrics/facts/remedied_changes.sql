-- uses: remedy_changes
-- A row is one change that is a remedy or that a remedy undoes; every one where bots are told apart (E14).
SELECT source, id FROM remedy_changes
UNION
SELECT c.source, c.id
FROM remedy_changes AS m
JOIN changes AS c ON c.repository = m.repository AND c.number = m.reverted_number
UNION
SELECT l.change_source AS source, l.change_id AS id
FROM commits AS c
JOIN change_commits AS l ON l.repository = c.repository AND l.sha = c.reverts
WHERE c.reverts IS NOT NULL
UNION
SELECT c.source, c.id
FROM changes AS c
JOIN params AS p ON p.bots = 'exclude'
