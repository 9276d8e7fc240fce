-- uses: service_catalog, pipeline_current, pipeline_distance, pipeline_deployments, pipeline_differences, pipeline_deviations
-- A row is a service as its pipelines stand at the end of the window, or of a period of it, scored over that span.
WITH measured AS (
    SELECT c.service, c.repository, c.covers, c.starts_at, c.ends_at, c.state, c.digest, c.template, c.newest_release,
        c.release, c.tie, c.behind, c.files, d.required, d.referenced, d.copied, d.missing, d.extra, d.common_weight,
        d.whole_weight, y.bypassing, COALESCE(y.deployments, 0) AS deployments,
        COALESCE(y.known, 0) AS deployments_known,
        f.differences, a.deviations,
        CAST(d.referenced AS DOUBLE) / NULLIF(d.required, 0) AS by_reference,
        CASE
            WHEN c.behind IS NOT NULL THEN LEAST(CAST(1 AS DOUBLE), CAST(c.behind AS DOUBLE) / NULLIF(w.releases, 0))
        END AS version_lag,
        CASE WHEN d.required > 0 THEN 1 - COALESCE(d.common_weight / NULLIF(d.whole_weight, 0), 1) END AS step_distance,
        CAST(y.bypassing AS DOUBLE) / NULLIF(y.known, 0) AS bypassed,
        w.reference, w.version, w.steps, w.bypass
    FROM pipeline_current AS c
    JOIN service_catalog AS h ON h.service = c.service
    CROSS JOIN drift_weights AS w
    LEFT JOIN pipeline_distance AS d ON d.service = c.service AND d.ends_at = c.ends_at
    LEFT JOIN pipeline_deployments AS y ON y.service = c.service AND y.covers = c.covers AND y.ends_at = c.ends_at
    LEFT JOIN pipeline_differences AS f ON f.service = c.service AND f.ends_at = c.ends_at
    LEFT JOIN pipeline_deviations AS a ON a.service = c.service AND a.ends_at = c.ends_at
    WHERE h.ended_at IS NULL OR h.ended_at >= c.ends_at
),
judged AS (
    SELECT m.*,
        100 * (reference * (1 - by_reference) + version * version_lag + steps * step_distance + bypass * bypassed)
            AS score,
        CASE
            WHEN required IS NULL THEN 'no_golden_path'
            WHEN behind IS NULL THEN 'unknown_release'
            WHEN deployments = 0 THEN 'no_deployments'
            WHEN deployments_known = 0 THEN 'unknown_path'
        END AS reason
    FROM measured AS m
)
SELECT 'pipeline' AS unit, repository AS source, state AS id, service, ends_at - INTERVAL '1' SECOND AS at,
    score AS value,
    reason IS NULL OR covers = 'period' AS counted,
    CASE WHEN covers = 'window' THEN reason END AS rule,
    CASE WHEN covers = 'period' THEN reason END AS flag,
    covers, digest, by_reference, version_lag, step_distance, bypassed, required, referenced, missing AS missing_steps,
    copied AS copied_steps, extra AS extra_steps, behind AS releases_behind,
    CASE
        WHEN required IS NULL THEN 'no golden path'
        WHEN missing = required THEN 'nothing shared'
        WHEN referenced = 0 THEN 'copy and paste'
        WHEN tie <> 'reference' THEN 'shared steps'
        WHEN referenced < required THEN 'extended template'
        WHEN behind > 0 OR behind IS NULL THEN 'pinned template'
        ELSE 'managed inheritance'
    END AS reuse,
    template, release, newest_release, tie, files, common_weight, whole_weight, deployments, deployments_known,
    bypassing,
    reference AS weight_reference, version AS weight_version, steps AS weight_steps, bypass AS weight_bypass,
    differences, deviations
FROM judged
