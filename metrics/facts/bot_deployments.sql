-- uses: lead_units
-- A row is one deployment of which everything it brought was written by bots (E14).
SELECT service, deployment_source, deployment_id
FROM lead_units
WHERE reading <> 'commit' AND rule IS NULL
GROUP BY service, deployment_source, deployment_id
HAVING BOOL_AND(is_bot)
