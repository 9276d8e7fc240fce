-- A row is one author or reviewer known to be a bot, by its own key or by any handle joined with it (E14).
SELECT id AS author FROM people WHERE kind = 'bot'
UNION
SELECT same.handle AS author
FROM people AS p
JOIN identities AS own ON own.handle = p.id
JOIN identities AS same ON same.person = own.person
WHERE p.kind = 'bot'
