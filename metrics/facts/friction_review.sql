-- uses: repository_owner, bots, people_reviews
-- A row is one change and how long it waited for a first review by a person other than its author: from when it was
-- ready, or was asked about after that, until now where nobody has looked. What was merged or closed without one waited
-- for none.
WITH asked AS (
    SELECT change_source, change_id, MIN(requested_at) AS asked_at FROM review_requests GROUP BY change_source,
        change_id
),
answered AS (
    SELECT change_source, change_id, MIN(submitted_at) AS reviewed_at FROM people_reviews GROUP BY change_source,
        change_id
),
waited AS (
    SELECT c.source, c.id, c.repository, c.author, CONCAT(c.repository, '#', CAST(c.number AS STRING)) AS subject,
        GREATEST(COALESCE(c.ready_at, c.created_at), COALESCE(q.asked_at, c.created_at)) AS span_from,
        COALESCE(r.reviewed_at, p.now) AS span_to
    FROM changes AS c
    CROSS JOIN params AS p
    LEFT JOIN asked AS q ON q.change_source = c.source AND q.change_id = c.id
    LEFT JOIN answered AS r ON r.change_source = c.source AND r.change_id = c.id
    LEFT JOIN bots AS b ON b.author = c.author
    WHERE (r.reviewed_at IS NOT NULL OR (c.merged_at IS NULL AND c.closed_at IS NULL))
        AND (p.bots = 'include' OR (b.author IS NULL AND COALESCE(c.author_kind, 'human') <> 'bot'))
        AND COALESCE(r.reviewed_at, p.now) > p.window_from
)
SELECT 'review_wait' AS kind, 'change' AS unit, w.source, w.id, w.subject, CAST(NULL AS STRING) AS pipeline, o.service,
    o.team, o.template, w.author,
    w.span_from, w.span_to
FROM waited AS w
LEFT JOIN repository_owner AS o
    ON o.repository = w.repository AND o.owned_from <= w.span_from AND w.span_from < o.owned_to
