-- uses: bots
-- A row is one of `these` commits that the collected graph knows, however many sources told of it.
SELECT c.repository, c.sha, MIN(c.source) AS source, MIN(c.authored_at) AS authored_at,
    COALESCE(BOOL_OR(c.author_kind = 'bot'), FALSE) OR BOOL_OR(b.author IS NOT NULL) AS is_bot,
    -- a list of two or more is the only one whose text holds a comma: shas hold none
    BOOL_OR(CAST(c.parents AS STRING) LIKE '%,%') AS is_merge
FROM commits AS c
LEFT JOIN bots AS b ON b.author = c.author
WHERE EXISTS (SELECT 1 AS found FROM these AS t WHERE t.repository = c.repository AND t.sha = c.sha)
GROUP BY c.repository, c.sha
