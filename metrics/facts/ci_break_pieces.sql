-- uses: ci_breaks
-- A row is one break as a span of its own, and as what it adds to the time in which its repository was broken.
SELECT source, id, 'own' AS reading, team, started_at AS span_from, ended_at AS span_to, started_at AS whole_from,
    ended_at AS whole_to
FROM ci_breaks
UNION ALL
SELECT source, id, 'fresh' AS reading, team, fresh_from AS span_from, ended_at AS span_to, fresh_from AS whole_from,
    ended_at AS whole_to
FROM ci_breaks
