-- uses: request_outcomes
-- A row is one fulfilled request; covered: its source tells how many people had to do something for it.
SELECT r.service, r.served_at AS at, r.human_touches IS NOT NULL AS covered, r.team, r.template
FROM request_outcomes AS r
WHERE r.rule IS NULL AND r.served_at IS NOT NULL
