-- A row is one human whose first day is known, by the key that joins all handles of one person; and the last day known.
WITH told AS (
    SELECT COALESCE(i.person, p.id) AS person, p.kind, p.start_date, p.end_date
    FROM people AS p
    LEFT JOIN identities AS i ON i.handle = p.id
)
SELECT person, MIN(start_date) AS started_at, MAX(end_date) AS ended_at
FROM told
GROUP BY person
HAVING MIN(start_date) IS NOT NULL AND SUM(CASE WHEN kind = 'bot' THEN 1 ELSE 0 END) = 0
