-- uses: ci_default_runs
-- A row is one failed attempt on a default branch.
SELECT source, id FROM ci_default_runs WHERE outcome = 'failure'
