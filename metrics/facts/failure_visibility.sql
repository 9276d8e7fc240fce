-- uses: remedy_changes
-- One row: whether any source tells of incidents, and whether a rollback, hotfix or revert was ever seen (D3). Both are
-- said of the store, never of a window.
SELECT
    (SELECT COUNT(*) FROM incidents) > 0
    OR (SELECT COUNT(*) FROM source_states WHERE ARRAY_CONTAINS(reads, 'incident')) > 0 AS incidents_told,
    (SELECT COUNT(*) FROM production_deployments WHERE role = 'rollback') > 0
    OR (SELECT COUNT(*) FROM remedy_changes) > 0
    OR (SELECT COUNT(*) FROM commits WHERE reverts IS NOT NULL) > 0 AS remedies_seen
