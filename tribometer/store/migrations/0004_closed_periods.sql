-- What is kept of periods that are over, so that it need not be computed again. None of it is the only copy of anything.
CREATE SCHEMA closed;

-- How often each table of the store was written to; raised in the transaction that writes.
CREATE TABLE closed.stamps (
    name VARCHAR PRIMARY KEY,
    stamp BIGINT NOT NULL
);

-- The units of a metric over all time, or the facts that they are made from, each in a table of this schema.
CREATE TABLE closed.tables (
    name VARCHAR PRIMARY KEY,
    basis VARCHAR NOT NULL            -- JSON: what it was made from
);

-- Results of whole weeks, months, quarters and years.
CREATE TABLE closed.results (
    slot VARCHAR PRIMARY KEY,         -- JSON: metric, scope, options, period
    seal VARCHAR NOT NULL,            -- digest of all that the result was made from
    result VARCHAR NOT NULL,          -- JSON
    computed_at TIMESTAMP NOT NULL
);
