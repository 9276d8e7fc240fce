-- Whose handle it is, where several were declared to be one person's: the smallest id that declares one of them, by which
-- all of them, that id too, are found. A handle that stands alone has no row.
CREATE TABLE identities (
    handle VARCHAR PRIMARY KEY,
    person VARCHAR NOT NULL
);

-- Handles whose person may be another since what was declared of them has changed.
CREATE TABLE stale_handles (
    handle VARCHAR PRIMARY KEY
);
INSERT INTO stale_handles SELECT handle FROM person_handles UNION SELECT person FROM person_handles;

-- What handles look like: a keyed digest, under a label of its own, of a login or of an address's local part.
CREATE TABLE likenesses (
    handle VARCHAR PRIMARY KEY,
    likeness VARCHAR NOT NULL,
    form VARCHAR NOT NULL             -- address or login
);

-- Handles that look alike and that an operator said are two people's.
CREATE TABLE kept_apart (
    one VARCHAR NOT NULL,             -- the smaller of the two
    other VARCHAR NOT NULL,
    PRIMARY KEY (one, other)
);

-- A no-reply address of a forge is its login from now on: each clone is read anew once, so that stored authors follow.
UPDATE source_states SET cursor = NULL WHERE kind = 'git';
