-- uses: service_owner, spoken_services
-- A row is one request to the platform, whose it was, and what became of it: `rule` where it came to nothing or nobody
-- knows when it was over.
SELECT r.source, r.id, r.kind, COALESCE(a.service, r.service) AS service, COALESCE(r.team, o.team) AS team,
    COALESCE(r.template, o.template) AS template, r.template AS journey, r.requested_at, r.first_response_at, r.fulfilled_at, r.usable_at,
    COALESCE(r.usable_at, r.fulfilled_at) AS served_at, r.status, r.human_touches,
    CASE
        WHEN LOWER(r.status) IN ('cancelled', 'canceled', 'failed', 'failure', 'error', 'rejected', 'declined', 'withdrawn')
            THEN 'came_to_nothing'
        WHEN COALESCE(r.usable_at, r.fulfilled_at) IS NULL
            AND LOWER(r.status) IN ('fulfilled', 'completed', 'done', 'closed', 'resolved', 'success', 'succeeded')
            THEN 'no_time'
    END AS rule
FROM requests AS r
LEFT JOIN spoken_services AS a ON a.repository = r.service
LEFT JOIN service_owner AS o
    ON o.service = COALESCE(a.service, r.service) AND o.owned_from <= r.requested_at AND r.requested_at < o.owned_to
