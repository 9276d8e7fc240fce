"""A store of a generated delivery history, filled column-wise: what benchmarks of metrics and pages measure on.

Per deployment there are ten commits, 1.2 changes with a review and 0.29 incidents; one service has five hundred
deployments in two years, with failed attempts, rollbacks, redeployments, hotfixes, reverts and bots among them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from tribometer.store import EventStore
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEPLOYMENTS_PER_SERVICE = 500
FILL = """
CREATE TEMP TABLE made AS
SELECT n, n % {services} AS s, n // {services} AS k,
    TIMESTAMP '2024-03-01 09:00:00'
        + to_seconds(floor((n // {services}) * 62900000.0 / {each}) + (n * 7919) % 30000) AS ended
FROM range({deployments}) AS numbers(n);
CREATE TEMP TABLE work AS
SELECT s, k, ended, p, k * 10 + p AS i, (k * 13 + s + p // 5) % 200 AS a, 'acme/s' || s AS repository
FROM made, range(10) AS places(p);
INSERT INTO services BY NAME
SELECT 'catalog' AS source, 's' || s AS id, id AS name, 'deployable' AS kind, TIMESTAMP '2024-01-01' AS created_at,
    't' || (s % 3) AS template, 'acme/s' || s AS repository
FROM range({services}) AS numbers(s);
INSERT INTO ownerships BY NAME
SELECT 'catalog' AS source, 'o' || s AS id, 'team' || (s % 12) AS team, 's' || s AS service
FROM range({services}) AS numbers(s);
INSERT INTO people BY NAME
SELECT 'git' AS source, 'p' || a AS id, CASE WHEN a % 20 = 0 THEN 'bot' ELSE 'human' END AS kind
FROM range(200) AS numbers(a);
INSERT INTO commits BY NAME
SELECT 'git' AS source, md5(s || '.' || i) AS id, repository, id AS sha,
    CASE
        WHEN i = 0 THEN CAST([] AS VARCHAR[])
        WHEN p = 4 OR (p = 7 AND k % 5 = 0) THEN [md5(s || '.' || (i - 1)), md5(s || '.' || (i - 3))]
        ELSE [md5(s || '.' || (i - 1))]
    END AS parents,
    'p' || a AS author, CASE WHEN a % 20 = 0 THEN 'bot' ELSE 'human' END AS author_kind,
    ended - to_minutes((10 - p) * 90 + (i * 7919) % 3000) AS authored_at, authored_at AS committed_at,
    CASE WHEN p = 9 AND k % 60 = 20 THEN md5(s || '.' || (i - 14)) END AS reverts
FROM work;
INSERT INTO changes BY NAME
SELECT 'forge' AS source, repository || '#' || i AS id, repository, i AS number, 'p' || a AS author,
    CASE
        WHEN k % 17 = 3 THEN 'hotfix: ' || i
        WHEN k % 41 = 5 THEN 'Reverts #' || (i - 10)
        ELSE 'Add ' || i
    END AS title,
    'branch-' || i AS head, ['backend', 'reviewed'] AS labels, md5(s || '.' || i) AS merge_sha,
    ended - to_minutes(1000 + (i * 31) % 900) AS created_at, ended - to_minutes(300 + (i * 37) % 500) AS merged_at,
    CASE WHEN a % 20 = 0 THEN 'bot' ELSE 'human' END AS author_kind
FROM work WHERE p = 4 OR (p = 7 AND k % 5 = 0);
INSERT INTO change_commits BY NAME
SELECT 'forge' AS change_source, c.id AS change_id, c.repository,
    md5(substr(c.repository, 7) || '.' || (c.number - d)) AS sha, CASE d WHEN 0 THEN 'merge' ELSE 'commit' END AS role
FROM changes AS c, range(5) AS back(d) WHERE c.number % 10 = 4 OR d < 3;
INSERT INTO reviews BY NAME
SELECT 'forge' AS source, id || '/r' AS id, source AS change_source, c.id AS change_id, 'approved' AS state,
    'p' || (number % 199) AS reviewer, 'human' AS reviewer_kind, merged_at - INTERVAL 30 MINUTE AS submitted_at
FROM changes AS c;
INSERT INTO deployments BY NAME
SELECT 'ci' AS source, 'd' || n AS id, 's' || s AS service, 'production' AS environment,
    md5(s || '.' || (CASE WHEN k % 31 = 30 THEN 10 * (k - 1) ELSE 10 * (k + 1) END - 1)) AS sha,
    ended - INTERVAL 20 MINUTE AS created_at, ended - INTERVAL 10 MINUTE AS started_at, ended AS finished_at,
    CASE WHEN k % 23 = 7 THEN 'failure' ELSE 'success' END AS status
FROM made;
INSERT INTO incidents BY NAME
SELECT 'pager' AS source, 'i' || n AS id, 's' || s AS service, 'high' AS severity,
    ended + INTERVAL 1 HOUR AS impact_started_at, ended + INTERVAL 80 MINUTE AS detected_at,
    CASE WHEN n % 211 > 0 THEN ended + INTERVAL 3 HOUR END AS mitigated_at,
    CASE n % 4 WHEN 0 THEN 'no' WHEN 1 THEN 'unknown' ELSE 'yes' END AS change_caused,
    CASE WHEN n % 4 = 3 THEN 'ci' END AS deployment_source, CASE WHEN n % 4 = 3 THEN 'd' || n END AS deployment_id
FROM made WHERE (n * 29) % 100 < 29;
INSERT INTO source_states BY NAME
SELECT source, 'import' AS kind, [type] AS reads, TIMESTAMP '2026-03-01 10:00:00' AS last_success_at
FROM (
    VALUES ('ci', 'deployment'), ('pager', 'incident'), ('git', 'commit'), ('forge', 'change')
) AS given(source, type);
INSERT INTO stale_services BY NAME
SELECT 's' || s AS service, TRUE AS rebuild FROM range({services}) AS numbers(s);
"""
RUNS = """
INSERT INTO runs BY NAME
SELECT 'ci' AS source, n || '/1' AS id, 'acme/s' || (n % 200) AS repository, 'ci' AS workflow, n AS run, 1 AS attempt,
    md5(CAST(n AS VARCHAR)) AS sha, TIMESTAMP '2024-03-01' + to_seconds(n * 60) AS created_at,
    created_at + INTERVAL 1 MINUTE AS started_at, created_at + INTERVAL 11 MINUTE AS completed_at,
    'success' AS conclusion
FROM range({runs}) AS numbers(n)
"""


def add_runs(folder: Path, runs: int) -> None:
    """Fill a data folder with CI runs, which delivery metrics have to leave alone."""
    EventStore.open(folder, clock=lambda: NOW).close()
    with duckdb.connect(folder / FILE_NAME) as connection:
        connection.execute(RUNS.format(runs=runs))


def store_of(folder: Path, deployments: int) -> EventStore:
    """Fill a data folder and open its store, derived to date."""
    EventStore.open(folder, clock=lambda: NOW).close()
    services = max(1, deployments // DEPLOYMENTS_PER_SERVICE)
    with duckdb.connect(folder / FILE_NAME) as connection:
        connection.execute(FILL.format(services=services, deployments=deployments, each=deployments // services))
    return EventStore.open(folder, clock=lambda: NOW)
