-- A row is one human of `these` as the unit of a milestone, in the period in which they began.
SELECT 'person' AS unit, CAST(NULL AS STRING) AS source, w.cohort AS id, CAST(NULL AS STRING) AS service,
    w.started_at AS at, CASE WHEN w.rule IS NULL THEN w.lasted END AS value, w.rule IS NULL AS counted, w.rule,
    CAST(NULL AS STRING) AS flag, w.team, CAST(NULL AS STRING) AS template, w.person, w.cohort,
    w.reached_at IS NULL AS censored, w.lasted, w.business_value / 28800.0 AS worked,
    w.started_at, w.waited_until
FROM these AS w
