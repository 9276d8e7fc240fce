-- A row is a span in which somebody belonged to a team, by each of their handles.
SELECT COALESCE(same.handle, o.person) AS person, o.team,
    COALESCE(o.valid_from, TIMESTAMP '1000-01-01 00:00:00') AS member_from,
    COALESCE(o.valid_to, TIMESTAMP '9999-12-31 00:00:00') AS member_to
FROM ownerships AS o
LEFT JOIN identities AS own ON own.handle = o.person
LEFT JOIN identities AS same ON same.person = own.person
WHERE o.person IS NOT NULL
