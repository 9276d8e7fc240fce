-- uses: repository_owner, bots
-- A row is one change of the flow that lay open when the window ended, or lies open now, and whose it is then.
WITH home AS (
    SELECT name, MAX(default_branch) AS default_branch FROM repositories GROUP BY name
),
ends AS (
    SELECT CASE WHEN window_to < now THEN window_to ELSE now END AS ends_at,
        CASE WHEN window_to < now THEN window_to ELSE now END - INTERVAL '1' SECOND AS at, bots
    FROM params
)
SELECT c.source, c.id, c.created_at, e.ends_at, e.at, o.service, o.team, o.template
FROM changes AS c
CROSS JOIN ends AS e
LEFT JOIN home AS h ON h.name = c.repository
LEFT JOIN bots AS b ON b.author = c.author
LEFT JOIN repository_owner AS o
    ON o.repository = c.repository AND o.owned_from <= e.at AND e.at < o.owned_to
WHERE c.created_at < e.ends_at AND (c.merged_at IS NULL OR c.merged_at >= e.ends_at)
    AND (c.closed_at IS NULL OR c.closed_at >= e.ends_at) AND COALESCE(c.base = h.default_branch, TRUE)
    AND NOT (e.bots = 'exclude' AND (COALESCE(c.author_kind, '') = 'bot' OR b.author IS NOT NULL))
