-- A row would be one item of work with its class; no event type has one, so there is none.
SELECT 'work' AS unit, CAST(NULL AS STRING) AS source, CAST(NULL AS STRING) AS id, CAST(NULL AS STRING) AS service,
    p.now AS at, CAST(NULL AS DOUBLE) AS value, FALSE AS counted, CAST(NULL AS STRING) AS rule,
    CAST(NULL AS STRING) AS flag, CAST(NULL AS STRING) AS team, CAST(NULL AS STRING) AS template
FROM params AS p
WHERE p.now IS NULL
