-- uses: service_owner
-- A row is a span in which a service lived and one team, or none, owned it; it ends now at the latest.
SELECT o.service, o.team, o.template, o.calendar,
    GREATEST(o.owned_from, COALESCE(o.born_at, o.owned_from)) AS starts_at,
    LEAST(o.owned_to, p.now, COALESCE(o.ended_at, p.now)) AS ends_at
FROM service_owner AS o
CROSS JOIN params AS p
WHERE GREATEST(o.owned_from, COALESCE(o.born_at, o.owned_from))
    < LEAST(o.owned_to, p.now, COALESCE(o.ended_at, p.now))
