-- uses: service_owner
-- A row of `these` with the calendar of the team that owned its service then; without one, the default.
SELECT s.*, COALESCE(o.calendar, p.calendar) AS calendar
FROM these AS s
CROSS JOIN params AS p
LEFT JOIN service_owner AS o ON o.service = s.service AND o.owned_from <= s.at AND s.at < o.owned_to
