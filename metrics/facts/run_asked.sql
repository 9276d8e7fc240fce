-- uses: run_attempts
-- A row is one attempt of which the jobs are asked for; a metric's header may put another fact here.
SELECT source, id FROM run_attempts
