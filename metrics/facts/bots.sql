-- A row is one author or reviewer known to be a bot, by its own key or by a handle declared for it (E14).
SELECT id AS author FROM people WHERE kind = 'bot'
UNION
SELECT h.handle AS author
FROM person_handles AS h
JOIN people AS p ON p.id = h.person AND p.kind = 'bot'
