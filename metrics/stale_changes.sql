-- uses: repository_owner, bots
-- A row is one change, in the period in which it had been ready for 14 days; 1 where it was still open then.
WITH due AS (
    SELECT c.source, c.id, c.repository, COALESCE(c.ready_at, c.created_at) AS ready_at,
        COALESCE(c.ready_at, c.created_at) + INTERVAL '14' DAY AS due_at,
        COALESCE(c.merged_at, c.closed_at) AS over_at,
        CASE
            WHEN p.bots = 'exclude' AND (c.author_kind = 'bot' OR b.author IS NOT NULL) THEN 'E14'
            WHEN COALESCE(c.ready_at, c.created_at) + INTERVAL '14' DAY > p.now THEN 'not_due'
        END AS rule
    FROM changes AS c
    CROSS JOIN params AS p
    LEFT JOIN bots AS b ON b.author = c.author
)
SELECT 'change' AS unit, d.source, d.id, o.service, d.due_at AS at,
    CASE WHEN d.rule IS NULL THEN CAST(CASE WHEN d.over_at <= d.due_at THEN 0 ELSE 1 END AS DOUBLE) END AS value,
    d.rule IS NULL AS counted, d.rule, CAST(NULL AS STRING) AS flag, o.team, o.template, d.ready_at, d.over_at
FROM due AS d
LEFT JOIN repository_owner AS o
    ON o.repository = d.repository AND o.owned_from <= d.due_at AND d.due_at < o.owned_to
