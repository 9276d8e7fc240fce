-- What the store knows about itself: which key its pseudonyms were made with, under which rules it was derived.
CREATE TABLE store_meta (
    name VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);

-- What differs from engine to engine, under one name: metric SQL calls these.
CREATE OR REPLACE MACRO seconds_between(a, b) AS
    (epoch_us(CAST(b AS TIMESTAMP)) - epoch_us(CAST(a AS TIMESTAMP))) / CAST(1000000 AS DOUBLE);
CREATE OR REPLACE MACRO matches(content, pattern) AS coalesce(regexp_matches(content, pattern, 'i'), false);
