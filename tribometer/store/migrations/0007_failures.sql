-- Since when a source fails alike, and whether that mends itself: a server that does not answer, a quota that is spent.
ALTER TABLE source_states ADD COLUMN failing_since TIMESTAMP;
ALTER TABLE source_states ADD COLUMN error_kind VARCHAR;        -- unreachable, limited, or null: somebody has to act
ALTER TABLE source_states ADD COLUMN limited_until TIMESTAMP;
