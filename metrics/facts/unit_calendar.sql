-- A row of `these` with the calendar of its own team; without one, the default.
SELECT s.*, COALESCE(t.calendar, p.calendar) AS calendar
FROM these AS s
CROSS JOIN params AS p
LEFT JOIN team_calendars AS t ON t.team = s.team
