-- uses: person_starts
-- A row is one handle of a human whose first day is known.
SELECT s.person, i.handle
FROM person_starts AS s
JOIN identities AS i ON i.person = s.person
UNION
SELECT person, person AS handle FROM person_starts
