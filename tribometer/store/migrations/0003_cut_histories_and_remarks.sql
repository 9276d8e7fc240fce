-- Where a source's history ends though the commit has parents, as in a shallow clone; null: it was not asked.
ALTER TABLE commits ADD COLUMN history_cut BOOLEAN;

-- Of the git sources collected before, the cursor says where they end.
UPDATE commits SET history_cut = true WHERE (source, sha) IN (
    SELECT source, unnest(json_extract_string(cursor, '$.ends[*]')) FROM source_states WHERE kind = 'git'
);

-- What a deployment shipped is uncertain: its walk came to an end of a cut history, or may lie behind one (E26).
ALTER TABLE production_deployments RENAME COLUMN history_complete TO history_cut;

-- Everything is derived anew under this rule, when the store is opened.
DELETE FROM store_meta WHERE name = 'derivation rules';

-- What a source last said about itself that an operator should know: a JSON list of {what, do}.
ALTER TABLE source_states ADD COLUMN remarks VARCHAR;
