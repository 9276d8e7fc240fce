-- uses: carried_shas
-- A row is one change of which a deployment asked for brought any commit: it may have shipped the change.
SELECT DISTINCT l.change_source AS source, l.change_id AS id
FROM carried_shas AS k
JOIN change_commits AS l ON l.repository = k.repository AND l.sha = k.sha
