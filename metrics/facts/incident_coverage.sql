-- uses: service_incidents, incident_causes
-- A row is an incident: covered where somebody said whether a change caused it (E26), unattributed where a change did
-- but no deployment answers for it.
SELECT i.service, i.started_at AS at, i.change_caused IN ('yes', 'no') AS covered,
    i.change_caused = 'yes' AND c.incident_id IS NULL AS unattributed
FROM service_incidents AS i
LEFT JOIN incident_causes AS c ON c.incident_source = i.source AND c.incident_id = i.id
