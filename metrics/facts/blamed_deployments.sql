-- uses: deployment_order, failure_detections
-- A row is a deployment that anything blames, however many detections there are (E23). `outcome`: 'failed'; 'late', with
-- late evidence only; 'misplaced', outside the denominator (redeploy, rollback, config). A failed or cancelled attempt
-- is inside, and failed, once users were affected or an incident names it (E6).
WITH blamed AS (
    SELECT d.service, d.source, d.id, d.role, d.finished_at,
        d.role IN ('failed_attempt', 'cancelled')
        AND (d.users_affected OR COALESCE(BOOL_OR(f.detected_by = 'incident_reference'), FALSE)) AS felt,
        COALESCE(BOOL_OR(f.timely), FALSE) AS timely,
        COUNT(f.id) AS detections,
        MAX(CASE WHEN f.place = 1 THEN f.detected_by END) AS detected_by,
        MAX(CASE WHEN f.place = 1 THEN f.began_at END) AS known_at,
        MAX(CASE WHEN f.place = 1 THEN f.incident_id END) AS incident_id,
        MAX(CASE WHEN f.place = 1 THEN f.remedy_id END) AS remedy_id
    FROM deployment_order AS d
    LEFT JOIN failure_detections AS f ON f.service = d.service AND f.source = d.source AND f.id = d.id
    GROUP BY d.service, d.source, d.id, d.role, d.finished_at, d.users_affected
)
SELECT service, source, id, finished_at, detections, incident_id, remedy_id,
    CASE
        WHEN role <> 'shipped' AND NOT felt THEN 'misplaced'
        WHEN felt OR timely THEN 'failed'
        ELSE 'late'
    END AS outcome,
    COALESCE(detected_by, 'failed_attempt') AS detected_by,
    COALESCE(known_at, finished_at) AS known_at
FROM blamed
WHERE detections > 0 OR felt
