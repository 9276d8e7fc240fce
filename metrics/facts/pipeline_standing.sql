-- uses: pipeline_current
-- A row is a service at a moment, whatever spans end there.
SELECT DISTINCT service, repository, ends_at, state, template, newest, tie, tied FROM pipeline_current
