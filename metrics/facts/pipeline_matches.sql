-- uses: pipeline_standing
-- A row is a step of a service's pipelines that does what a required step asks for: by its own words before those of
-- the job around it.
SELECT s.service, s.ends_at, s.repository, s.state, n.place, g.step, n.nearness
FROM pipeline_standing AS s
JOIN pipeline_names AS n ON n.repository = s.repository AND n.state = s.state
JOIN golden_names AS g ON g.template = s.template AND g.number = s.newest AND g.name = n.name
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY s.service, s.ends_at, n.place ORDER BY n.nearness NULLS LAST, g.step NULLS LAST
) = 1
