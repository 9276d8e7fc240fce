-- One table per event type (key: source, id), made from the event models; then what is derived on landing,
-- and the store's own bookkeeping. Times are naive UTC. `version` orders statements about one thing; `lagging` is a
-- JSON object {field: version} of the fields whose last statement is older than `version` (null: never stated), itself
-- null when there is none; `extra` holds the fields the contract does not know, as JSON.

CREATE TABLE teams (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    name VARCHAR,
    parent VARCHAR,
    timezone VARCHAR,
    holidays VARCHAR,
    headcount BIGINT,
    PRIMARY KEY (source, id)
);

CREATE TABLE services (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    name VARCHAR,
    kind VARCHAR,
    created_at TIMESTAMP,
    archived_at TIMESTAMP,
    template VARCHAR,
    tier VARCHAR,
    repository VARCHAR,
    paths VARCHAR[],
    PRIMARY KEY (source, id)
);

CREATE TABLE ownerships (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    team VARCHAR,
    service VARCHAR,
    repository VARCHAR,
    person VARCHAR,
    valid_from TIMESTAMP,
    valid_to TIMESTAMP,
    PRIMARY KEY (source, id)
);

CREATE TABLE repositories (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    name VARCHAR,
    url VARCHAR,
    default_branch VARCHAR,
    created_at TIMESTAMP,
    archived BOOLEAN,
    fork BOOLEAN,
    PRIMARY KEY (source, id)
);

CREATE TABLE people (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    kind VARCHAR,
    start_date TIMESTAMP,
    end_date TIMESTAMP,
    handles VARCHAR[],
    PRIMARY KEY (source, id)
);

CREATE TABLE commits (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    repository VARCHAR,
    sha VARCHAR,
    tree_sha VARCHAR,
    parents VARCHAR[],
    author VARCHAR,
    authored_at TIMESTAMP,
    committed_at TIMESTAMP,
    author_kind VARCHAR,
    additions BIGINT,
    deletions BIGINT,
    files BIGINT,
    file_changes STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[],
    reverts VARCHAR,
    trailers VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE changes (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    repository VARCHAR,
    number BIGINT,
    author VARCHAR,
    title VARCHAR,
    base VARCHAR,
    head VARCHAR,
    created_at TIMESTAMP,
    ready_at TIMESTAMP,
    first_commit_at TIMESTAMP,
    merged_at TIMESTAMP,
    closed_at TIMESTAMP,
    merge_sha VARCHAR,
    commits VARCHAR[],
    head_shas VARCHAR[],
    labels VARCHAR[],
    author_kind VARCHAR,
    additions BIGINT,
    deletions BIGINT,
    files BIGINT,
    file_changes STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[],
    reverts BIGINT,
    PRIMARY KEY (source, id)
);

CREATE TABLE reviews (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    change_source VARCHAR,
    change_id VARCHAR,
    reviewer VARCHAR,
    reviewer_kind VARCHAR,
    state VARCHAR,
    submitted_at TIMESTAMP,
    PRIMARY KEY (source, id)
);

CREATE TABLE review_requests (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    change_source VARCHAR,
    change_id VARCHAR,
    reviewer VARCHAR,
    team VARCHAR,
    requested_at TIMESTAMP,
    PRIMARY KEY (source, id)
);

CREATE TABLE runs (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    repository VARCHAR,
    workflow VARCHAR,
    run VARCHAR,
    attempt BIGINT,
    sha VARCHAR,
    tree_sha VARCHAR,
    branch VARCHAR,
    event VARCHAR,
    actor_kind VARCHAR,
    change_source VARCHAR,
    change_id VARCHAR,
    created_at TIMESTAMP,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    conclusion VARCHAR,
    url VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE jobs (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    run_source VARCHAR,
    run_id VARCHAR,
    attempt BIGINT,
    name VARCHAR,
    required BOOLEAN,
    runner VARCHAR,
    queued_at TIMESTAMP,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    conclusion VARCHAR,
    failure_class VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE gates (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    deployment_source VARCHAR,
    deployment_id VARCHAR,
    run_source VARCHAR,
    run_id VARCHAR,
    request_source VARCHAR,
    request_id VARCHAR,
    kind VARCHAR,
    requested_at TIMESTAMP,
    decided_at TIMESTAMP,
    decision VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE deployments (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    service VARCHAR,
    environment VARCHAR,
    tier VARCHAR,
    sha VARCHAR,
    artifact VARCHAR,
    created_at TIMESTAMP,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    status VARCHAR,
    kind VARCHAR,
    path VARCHAR,
    group_id VARCHAR,
    required BOOLEAN,
    users_affected BOOLEAN,
    run_source VARCHAR,
    run_id VARCHAR,
    url VARCHAR,
    inferred_from VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE observations (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    service VARCHAR,
    environment VARCHAR,
    observed_at TIMESTAMP,
    sha VARCHAR,
    artifact VARCHAR,
    via VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE incidents (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    service VARCHAR,
    severity VARCHAR,
    title VARCHAR,
    impact_started_at TIMESTAMP,
    detected_at TIMESTAMP,
    acknowledged_at TIMESTAMP,
    mitigated_at TIMESTAMP,
    resolved_at TIMESTAMP,
    change_caused VARCHAR,
    deployment_source VARCHAR,
    deployment_id VARCHAR,
    url VARCHAR,
    PRIMARY KEY (source, id)
);

CREATE TABLE pages (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    rotation VARCHAR,
    service VARCHAR,
    paged_at TIMESTAMP,
    acknowledged_at TIMESTAMP,
    actionable BOOLEAN,
    PRIMARY KEY (source, id)
);

CREATE TABLE shifts (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    rotation VARCHAR,
    person VARCHAR,
    starts_at TIMESTAMP,
    ends_at TIMESTAMP,
    PRIMARY KEY (source, id)
);

CREATE TABLE slos (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    service VARCHAR,
    name VARCHAR,
    window_from TIMESTAMP,
    window_to TIMESTAMP,
    objective DOUBLE,
    good DOUBLE,
    total DOUBLE,
    PRIMARY KEY (source, id)
);

CREATE TABLE template_releases (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    template VARCHAR,
    release VARCHAR,
    released_at TIMESTAMP,
    steps VARCHAR[],
    PRIMARY KEY (source, id)
);

CREATE TABLE requests (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    kind VARCHAR,
    team VARCHAR,
    service VARCHAR,
    template VARCHAR,
    requested_at TIMESTAMP,
    first_response_at TIMESTAMP,
    fulfilled_at TIMESTAMP,
    usable_at TIMESTAMP,
    status VARCHAR,
    human_touches BIGINT,
    PRIMARY KEY (source, id)
);

CREATE TABLE pipeline_definitions (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    version BIGINT,
    lagging VARCHAR,
    extra VARCHAR,
    repository VARCHAR,
    path VARCHAR,
    observed_at TIMESTAMP,
    sha VARCHAR,
    content VARCHAR,
    steps VARCHAR[],
    uses VARCHAR[],
    template VARCHAR,
    template_release VARCHAR,
    PRIMARY KEY (source, id)
);


-- Child rows of changes.commits and changes.merge_sha, so that no query unnests: role is 'commit' or 'merge'.
CREATE TABLE change_commits (
    change_source VARCHAR NOT NULL,
    change_id VARCHAR NOT NULL,
    repository VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    PRIMARY KEY (change_source, change_id, role, sha)
);

-- Which keyed handle was declared to be which keyed person (people.handles).
CREATE TABLE person_handles (
    handle VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (handle, source, person)
);

-- One row per roll-out of a service to production, classified (E5-E8, E10, E11).
CREATE TABLE production_deployments (
    service VARCHAR NOT NULL,
    source VARCHAR NOT NULL,          -- of the deployment event that stands for the group (its last required step)
    id VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,     -- of that event
    repository VARCHAR,               -- where its sha was found; null: sha unknown to the commit graph
    group_id VARCHAR,
    sha VARCHAR,
    artifact VARCHAR,
    created_at TIMESTAMP,
    started_at TIMESTAMP,             -- first step
    finished_at TIMESTAMP,            -- last required step, last environment
    first_finished_at TIMESTAMP,      -- first environment
    role VARCHAR NOT NULL,            -- shipped, redeploy, rollback, config, flag, failed_attempt, cancelled, unfinished, other_origin, untouched
    rule VARCHAR,                     -- the edge rule that decided the role, e.g. E7; null for shipped
    users_affected BOOLEAN,
    path VARCHAR,
    inferred_from VARCHAR,
    is_first BOOLEAN NOT NULL,        -- first shipped deployment of the service: no lead time (E5)
    previous_source VARCHAR,          -- the successful production deployment before it (any that ran)
    previous_id VARCHAR,
    previous_finished_at TIMESTAMP,
    commits_known BOOLEAN NOT NULL,   -- its sha and its predecessor's are in the commit graph (E26)
    history_complete BOOLEAN NOT NULL,-- the walk met no missing commit
    backfill BOOLEAN NOT NULL,        -- more than 60 d or 5,000 commits after its predecessor (E5)
    commit_count BIGINT,              -- commits it shipped, merges included; null: unknown
    restored_source VARCHAR,          -- rollback: the earlier deployment whose artifact runs again; null: before the first known
    restored_id VARCHAR,
    failed_first_source VARCHAR,      -- rollback: the deployment that failed, first after the restored one (E8)
    failed_first_id VARCHAR,
    failed_last_source VARCHAR,       -- rollback: the last before the rollback (blame last)
    failed_last_id VARCHAR,
    PRIMARY KEY (service, source, id)
);

-- The events that make up one row of production_deployments (steps of a group, environments).
CREATE TABLE production_deployment_steps (
    service VARCHAR NOT NULL,
    source VARCHAR NOT NULL,          -- of the production_deployments row
    id VARCHAR NOT NULL,
    step_source VARCHAR NOT NULL,
    step_id VARCHAR NOT NULL,
    PRIMARY KEY (service, step_source, step_id)
);

-- Each commit once per service: the deployment that shipped it first (E5), path-filtered in monorepos.
CREATE TABLE shipped_commits (
    service VARCHAR NOT NULL,
    deployment_source VARCHAR NOT NULL,
    deployment_id VARCHAR NOT NULL,
    repository VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    PRIMARY KEY (service, sha)
);

-- Shas that a walk needed and did not find; when one lands, the service is derived again.
CREATE TABLE missing_commits (
    service VARCHAR NOT NULL,
    sha VARCHAR NOT NULL,
    PRIMARY KEY (service, sha)
);

-- Services whose derived rows are older than their events.
CREATE TABLE stale_services (
    service VARCHAR PRIMARY KEY,
    rebuild BOOLEAN NOT NULL          -- false: only newer deployments were added, earlier rows stand
);

-- Events that could not land. `content` is the line or object as it came, personal fields keyed.
CREATE TABLE rejected_events (
    number BIGINT PRIMARY KEY,
    origin VARCHAR NOT NULL,          -- file name, "-" for standard input, "api", or the source collected
    line BIGINT,                      -- 1-based; null where there are no lines
    reason VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    content_bytes BIGINT NOT NULL,    -- of the original
    digest VARCHAR NOT NULL,          -- of the original, so that the same bad line is kept once
    rejected_at TIMESTAMP NOT NULL,
    UNIQUE (origin, digest)
);
CREATE SEQUENCE rejected_event_numbers;

-- Where each source stands: its cursor is written in one transaction with the page it belongs to.
CREATE TABLE source_states (
    source VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,            -- collector's kind, or import, api, hook
    cursor VARCHAR,                   -- JSON, the collector's own
    reads VARCHAR[],                  -- event types it can tell about
    last_started_at TIMESTAMP,
    last_success_at TIMESTAMP,
    last_error VARCHAR,
    last_error_at TIMESTAMP
);
