-- uses: ci_breaks, ci_default_turns, bots
-- A row is one break of a default branch for one of those who had committed there in the 28 days before: everybody who
-- works on it is held up, and where two workflows broke it at a time, once.
WITH broken AS (
    SELECT b.source, b.id, b.fresh_from, b.ended_at, t.repository, t.workflow, t.service, t.team, t.template
    FROM ci_breaks AS b
    JOIN ci_default_turns AS t ON t.source = b.source AND t.id = b.id
    WHERE b.ended_at > b.fresh_from
),
working AS (
    SELECT DISTINCT r.source, r.id, c.author
    FROM broken AS r
    JOIN commits AS c
        ON c.repository = r.repository AND c.committed_at <= r.fresh_from
        AND c.committed_at > r.fresh_from - INTERVAL '28' DAY
    LEFT JOIN bots AS b ON b.author = c.author
    WHERE c.author IS NOT NULL AND b.author IS NULL AND COALESCE(c.author_kind, 'human') <> 'bot'
)
SELECT 'red_default_branch' AS kind, 'attempt' AS unit, r.source, r.id, r.repository AS subject,
    CONCAT(r.repository, '/', r.workflow) AS pipeline, r.service, r.team, r.template, w.author,
    r.fresh_from AS span_from, r.ended_at AS span_to
FROM broken AS r
JOIN working AS w ON w.source = r.source AND w.id = r.id
