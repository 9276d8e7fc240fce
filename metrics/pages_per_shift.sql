-- uses: shift_holders, shift_pages
-- A row is one shift and its pages by 12 hours. It counts with its stretch, the shifts in a row until five people had one,
-- in the period in which that ended; before that it counts in no answer.
WITH held AS (
    SELECT s.source, s.id, s.rotation, s.person, COALESCE(t.ends_at, s.ends_at) AS at, t.rotation IS NOT NULL AS counted,
        seconds_between(s.starts_at, s.ends_at) / 43200.0 AS lengths,
        CAST(COALESCE(g.pages, 0) AS DOUBLE) AS pages, CAST(COALESCE(g.out_of_hours, 0) AS DOUBLE) AS out_of_hours,
        CAST(COALESCE(g.at_night, 0) AS DOUBLE) AS at_night, CAST(COALESCE(g.busy, 0) AS DOUBLE) AS busy
    FROM shift_holders AS s
    CROSS JOIN params AS p
    LEFT JOIN rotation_stretches AS t
        ON t.rotation = s.rotation AND t.begins_at <= s.ends_at AND s.ends_at <= t.ends_at
    LEFT JOIN shift_pages AS g ON g.source = s.source AND g.id = s.id
    WHERE s.ends_at <= p.now
)
SELECT 'shift' AS unit, h.source, h.id, CAST(NULL AS STRING) AS service, h.at,
    CASE WHEN h.counted THEN h.pages / NULLIF(h.lengths, 0.0) END AS value, h.counted,
    CASE WHEN NOT h.counted THEN 'few_people' END AS rule, CAST(NULL AS STRING) AS flag,
    CAST(NULL AS STRING) AS team, CAST(NULL AS STRING) AS template,
    h.rotation, h.person, h.lengths, h.pages, h.out_of_hours, h.at_night, h.busy
FROM held AS h
