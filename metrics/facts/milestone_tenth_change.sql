-- uses: person_starts, milestone_merges
-- A row is one human with the time of their tenth merged change, and from when on changes were collected.
WITH history AS (
    SELECT MIN(created_at) AS known_from FROM changes
)
SELECT s.person, s.started_at, s.ended_at, m.merged_at AS reached_at, h.known_from
FROM person_starts AS s
CROSS JOIN history AS h
LEFT JOIN milestone_merges AS m ON m.person = s.person AND m.place = 10
