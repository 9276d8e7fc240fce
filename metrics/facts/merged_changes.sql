-- uses: repository_owner, bots
-- A row is one merged change, and whose it was when it was merged. `rule` keeps it out of the flow: a bot's where bots are
-- left out (E14), or one that was merged into another branch than its repository's default.
WITH home AS (
    SELECT name, MAX(default_branch) AS default_branch FROM repositories GROUP BY name
)
SELECT c.source, c.id, c.repository, c.number, c.author, c.created_at, c.ready_at, c.merged_at, o.service, o.team,
    o.template,
    CASE
        WHEN p.bots = 'exclude' AND (c.author_kind = 'bot' OR b.author IS NOT NULL) THEN 'E14'
        WHEN c.base <> h.default_branch THEN 'other_branch'
    END AS rule
FROM changes AS c
CROSS JOIN params AS p
LEFT JOIN home AS h ON h.name = c.repository
LEFT JOIN bots AS b ON b.author = c.author
LEFT JOIN repository_owner AS o
    ON o.repository = c.repository AND o.owned_from <= c.merged_at AND c.merged_at < o.owned_to
WHERE c.merged_at IS NOT NULL
