-- A row is one shift, with the key that joins all handles of the person who had it.
SELECT s.source, s.id, s.rotation, s.starts_at, s.ends_at, COALESCE(i.person, s.person) AS person
FROM shifts AS s
LEFT JOIN identities AS i ON i.handle = s.person
WHERE s.starts_at < s.ends_at
