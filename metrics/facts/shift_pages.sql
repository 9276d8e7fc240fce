-- uses: shift_holders, page_times
-- A row is one shift in which a page came, with how many came in all, out of hours and at night, and in
-- how many of its pieces of 12 hours more than two came.
WITH placed AS (
    SELECT s.source, s.id, g.out_of_hours, g.at_night,
        FLOOR(seconds_between(s.starts_at, g.paged_at) / 43200.0) AS piece
    FROM shift_holders AS s
    JOIN page_times AS g
        ON g.rotation = s.rotation AND g.paged_at >= s.starts_at AND g.paged_at < s.ends_at
),
pieces AS (
    SELECT source, id, piece, COUNT(*) AS pages, SUM(CASE WHEN out_of_hours THEN 1 ELSE 0 END) AS out_of_hours,
        SUM(CASE WHEN at_night THEN 1 ELSE 0 END) AS at_night
    FROM placed
    GROUP BY source, id, piece
)
SELECT source, id, SUM(pages) AS pages, SUM(out_of_hours) AS out_of_hours, SUM(at_night) AS at_night,
    SUM(CASE WHEN pages > 2 THEN 1 ELSE 0 END) AS busy
FROM pieces
GROUP BY source, id
