-- uses: person_starts, person_accounts, person_teams
-- A row is one human with the first team they belonged to since they began.
SELECT s.person, t.team
FROM person_starts AS s
JOIN person_accounts AS a ON a.person = s.person
JOIN person_teams AS t ON t.person = a.handle AND t.member_to > s.started_at
QUALIFY ROW_NUMBER() OVER (PARTITION BY s.person ORDER BY t.member_from NULLS LAST, t.team NULLS LAST) = 1
