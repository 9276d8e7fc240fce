-- uses: person_starts, person_accounts, changes_shipped
-- A row is one human with the time when anything of theirs was first in production, a change or a commit, and from when
-- on deployments to production were collected.
WITH history AS (
    SELECT MIN(finished_at) AS known_from FROM production_deployments
),
brought AS (
    SELECT c.author, s.finished_at
    FROM changes_shipped AS s
    JOIN changes AS c ON c.source = s.change_source AND c.id = s.change_id
    WHERE s.role = 'shipped'
    UNION ALL
    SELECT c.author, d.finished_at
    FROM shipped_commits AS s
    JOIN commits AS c ON c.repository = s.repository AND c.sha = s.sha
    JOIN production_deployments AS d
        ON d.service = s.service AND d.source = s.deployment_source AND d.id = s.deployment_id
    WHERE d.role = 'shipped'
),
reached AS (
    SELECT a.person, MIN(b.finished_at) AS reached_at
    FROM brought AS b
    JOIN person_accounts AS a ON a.handle = b.author
    GROUP BY a.person
)
SELECT s.person, s.started_at, s.ended_at, r.reached_at, h.known_from
FROM person_starts AS s
CROSS JOIN history AS h
LEFT JOIN reached AS r ON r.person = s.person
