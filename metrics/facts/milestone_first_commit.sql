-- uses: person_starts, person_accounts
-- A row is one human with the time of their first commit, and from when on commits were collected.
WITH history AS (
    SELECT MIN(committed_at) AS known_from FROM commits
),
reached AS (
    SELECT a.person, MIN(c.authored_at) AS reached_at
    FROM commits AS c
    JOIN person_accounts AS a ON a.handle = c.author
    GROUP BY a.person
)
SELECT s.person, s.started_at, s.ended_at, r.reached_at, h.known_from
FROM person_starts AS s
CROSS JOIN history AS h
LEFT JOIN reached AS r ON r.person = s.person
