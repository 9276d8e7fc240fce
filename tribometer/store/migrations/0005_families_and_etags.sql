-- A source with many parts (an owner of repositories): each part is a source with a cursor of its own.
ALTER TABLE source_states ADD COLUMN family VARCHAR;            -- the source whose collection found this one
ALTER TABLE source_states ADD COLUMN left_at TIMESTAMP;         -- since when its family has no such part any more
ALTER TABLE source_states ADD COLUMN begun_at TIMESTAMP;        -- of a collection that has not come to its end
ALTER TABLE source_states ADD COLUMN quota_left BIGINT;         -- requests the server still allowed
ALTER TABLE source_states ADD COLUMN quota_resets_at TIMESTAMP;

-- Validators of addresses that were read, written in one transaction with the rows they belong to.
CREATE TABLE etags (
    source VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    etag VARCHAR NOT NULL,
    PRIMARY KEY (source, address)
);
