-- A row of `these` with its seconds on the business clock of its `calendar`. Of a day at most 8 hours count for the whole
-- that a span is part of, shared pro rata over that day; so days between count 8 hours, and of the first and the last
-- day what lies inside business hours, scaled down where the whole has more than 8 hours there.
WITH bounds AS (
    SELECT MIN(starts_at) AS first_at, MAX(starts_at) AS last_at FROM calendar_dates
),
placed AS (
    SELECT s.*,
        LEAST(GREATEST(s.span_from, b.first_at), b.last_at) AS from_at,
        LEAST(GREATEST(s.span_to, b.first_at), b.last_at) AS to_at
    FROM these AS s
    CROSS JOIN bounds AS b
),
worked AS (
    SELECT p.*, t.open_days_before - f.open_days_before - CASE WHEN f.is_open THEN 1 ELSE 0 END AS days_between,
        f.day = t.day AS is_one_day,
        CASE WHEN f.is_open THEN GREATEST(0.0, seconds_between(
            GREATEST(p.from_at, f.opens_at), LEAST(p.to_at, f.closes_at))) ELSE 0.0 END AS first_seconds,
        CASE WHEN f.is_open THEN GREATEST(0.0, seconds_between(
            GREATEST(p.whole_from, f.opens_at), LEAST(p.whole_to, f.closes_at))) ELSE 0.0 END AS first_whole,
        CASE WHEN t.is_open THEN GREATEST(0.0, seconds_between(
            GREATEST(p.from_at, t.opens_at), LEAST(p.to_at, t.closes_at))) ELSE 0.0 END AS last_seconds,
        CASE WHEN t.is_open THEN GREATEST(0.0, seconds_between(
            GREATEST(p.whole_from, t.opens_at), LEAST(p.whole_to, t.closes_at))) ELSE 0.0 END AS last_whole
    FROM placed AS p
    LEFT JOIN calendar_dates AS f
        ON f.calendar = p.calendar AND f.utc_date = CAST(p.from_at AS DATE)
        AND f.starts_at <= p.from_at AND p.from_at < f.ends_at
    LEFT JOIN calendar_dates AS t
        ON t.calendar = p.calendar AND t.utc_date = CAST(p.to_at AS DATE)
        AND t.starts_at <= p.to_at AND p.to_at < t.ends_at
)
SELECT w.*,
    CASE
        WHEN w.span_from IS NULL OR w.span_to IS NULL THEN NULL
        WHEN w.to_at <= w.from_at THEN 0.0
        ELSE
            COALESCE(w.first_seconds * LEAST(28800.0, w.first_whole) / NULLIF(w.first_whole, 0.0), 0.0)
            + CASE WHEN w.is_one_day THEN 0.0 ELSE
                COALESCE(w.last_seconds * LEAST(28800.0, w.last_whole) / NULLIF(w.last_whole, 0.0), 0.0)
                + 28800.0 * w.days_between END
    END AS business_value
FROM worked AS w
