-- What was answered, without a name: who was invited stands in the record store, and no key joins the two once a wave
-- is closed. A schema of its own, so that no query of a metric comes by it.
CREATE SCHEMA answers;

-- A row is one wave, with the thresholds under which it was opened: they stay what respondents were promised.
CREATE TABLE answers.waves (
    wave VARCHAR PRIMARY KEY,
    instrument VARCHAR NOT NULL,
    minimum INTEGER NOT NULL,
    comment_minimum INTEGER NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    keep_until TIMESTAMP
);

-- The teams as they stood when the wave was opened, each with the team above it.
CREATE TABLE answers.teams (
    wave VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    parent VARCHAR,
    PRIMARY KEY (wave, team)
);

-- How many were asked, written when the wave is closed; nothing where nobody knows, as after an import.
CREATE TABLE answers.invited (
    wave VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    tenure VARCHAR NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (wave, team, tenure)
);

-- A row is one form that was sent in; a respondent has one, or one for each event they were asked about. Both keys are
-- drawn anew when the wave is closed. An empty team or tenure is one that nobody told.
CREATE TABLE answers.responses (
    wave VARCHAR NOT NULL,
    response VARCHAR NOT NULL,
    respondent VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    tenure VARCHAR NOT NULL,
    event_class VARCHAR,
    late BOOLEAN NOT NULL,
    PRIMARY KEY (wave, response)
);

-- An answer to one item, or to one row of a grid (`Q22:review`): a number, or the choice that was made.
CREATE TABLE answers.answers (
    wave VARCHAR NOT NULL,
    response VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    number DOUBLE,
    choice VARCHAR,
    PRIMARY KEY (wave, response, item)
);

-- Free text, apart from the scores: under a key of its own, and with the team above the writer's only.
CREATE TABLE answers.comments (
    wave VARCHAR NOT NULL,
    comment VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY (wave, comment, item)
);
