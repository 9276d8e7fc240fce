-- uses: run_attempts, bots
-- A row is one attempt of a CI run that a person waited for: of a change or a branch of theirs, started by a human.
-- Whose it was: the change's author, else that of the commit it looked at. What looks at the same change is one
-- subject.
WITH written AS (
    SELECT c.repository, c.sha, MIN(c.author) AS author, COALESCE(BOOL_OR(c.author_kind = 'bot'), FALSE) AS is_bot
    FROM commits AS c
    WHERE EXISTS (
        SELECT 1 AS found FROM run_attempts AS a WHERE a.repository = c.repository AND a.sha = c.sha
    )
    GROUP BY c.repository, c.sha
)
SELECT a.source, a.id, a.repository, a.workflow, a.sha, a.tree_sha, a.attempt, a.branch_kind, a.created_at,
    a.started_at, a.completed_at, a.outcome, a.rule, a.service, a.team, a.template,
    COALESCE(h.author, w.author) AS author, CONCAT(a.repository, '/', a.workflow) AS pipeline,
    CASE
        WHEN h.id IS NULL THEN CONCAT(a.repository, '@', a.sha)
        ELSE CONCAT(a.repository, '#', CAST(h.number AS STRING))
    END AS subject
FROM run_attempts AS a
CROSS JOIN params AS p
LEFT JOIN changes AS h ON h.source = a.change_source AND h.id = a.change_id
LEFT JOIN written AS w ON w.repository = a.repository AND w.sha = a.sha
LEFT JOIN bots AS b ON b.author = COALESCE(h.author, w.author)
WHERE a.triggered_by = 'human' AND (
    p.bots = 'include' OR (b.author IS NULL AND COALESCE(h.author_kind, 'human') <> 'bot'
        AND (h.author IS NOT NULL OR NOT COALESCE(w.is_bot, FALSE)))
)
