-- uses: service_catalog
-- A row is a service at the end of a span that has begun, with the pipelines of its repository as they stand there.
SELECT c.service, c.repository, w.covers, w.starts_at, w.ends_at, s.state, s.digest, s.template, s.newest,
    s.newest_release, s.tie, s.tied, s.release, s.behind, s.files, s.problems
FROM pipeline_states AS s
JOIN service_catalog AS c ON c.repository = s.repository
JOIN drift_spans AS w ON w.ends_at = s.ends_at
CROSS JOIN params AS p
WHERE w.starts_at <= p.now
