-- uses: service_owner, spoken_services
-- A row is one page, with the team that owned its service then, and whether it came out of that team's business hours or
-- in sleeping hours, from 23:00 to 07:00 of its local time.
WITH placed AS (
    SELECT g.source, g.id, g.rotation, COALESCE(a.service, g.service) AS service, g.paged_at, g.actionable
    FROM pages AS g
    LEFT JOIN spoken_services AS a ON a.repository = g.service
),
owned AS (
    SELECT g.source, g.id, g.rotation, g.service, g.paged_at, g.actionable, o.team, o.template,
        COALESCE(o.calendar, p.calendar) AS calendar
    FROM placed AS g
    CROSS JOIN params AS p
    LEFT JOIN service_owner AS o
        ON o.service = g.service AND o.owned_from <= g.paged_at AND g.paged_at < o.owned_to
)
SELECT w.source, w.id, w.rotation, w.service, w.team, w.template, w.paged_at, w.actionable,
    NOT d.is_open OR w.paged_at < d.opens_at OR w.paged_at >= d.closes_at AS out_of_hours,
    w.paged_at < d.opens_at OR w.paged_at >= d.closes_at + INTERVAL '4' HOUR AS at_night
FROM owned AS w
LEFT JOIN calendar_dates AS d
    ON d.calendar = w.calendar AND d.utc_date = CAST(w.paged_at AS DATE)
    AND d.starts_at <= w.paged_at AND w.paged_at < d.ends_at
