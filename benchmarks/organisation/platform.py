"""What a generated delivery history lacks for the rest of the catalogue: flow, platform, joiners, pages, objectives.

It goes on top of `delivery_history.FILL`, column-wise; changes get sizes and bases, deployments a path and a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

STATEMENTS = (
    """
UPDATE commits SET tree_sha = md5('tree' || sha)
""",
    """
UPDATE changes SET base = CASE WHEN number % 70 = 4 THEN 'release' ELSE 'main' END, additions = 5 + dice(number, 300),
    deletions = dice(number, 'gone', 100), ready_at = created_at + INTERVAL 20 MINUTE,
    file_changes = CASE WHEN number % 30 = 14 THEN [
        {{'path': 'src/main.py', 'additions': CAST(additions // 2 AS BIGINT), 'deletions': CAST(1 AS BIGINT)}},
        {{'path': 'ui/package-lock.json', 'additions': CAST(4000 AS BIGINT), 'deletions': CAST(2000 AS BIGINT)}}
    ] END
""",
    """
INSERT INTO repositories BY NAME
SELECT 'forge' AS source, repository AS id, repository AS name, 'main' AS default_branch, created_at FROM services
""",
    """
INSERT INTO changes BY NAME
SELECT 'forge' AS source, repository || '#' || (number + 1) AS id, repository, number + 1 AS number,
    'p' || n % 200 AS author,
    'Try ' || n AS title, 'main' AS base, 'try-' || n AS head, created_at, created_at AS ready_at,
    CASE WHEN n % 3 > 0 THEN created_at + to_days(3 * (n % 11)) END AS closed_at, 'human' AS author_kind,
    20 AS additions, 3 AS deletions
FROM (SELECT *, number // 10 AS n FROM changes WHERE number % 200 = 14) AS chosen
""",
    """
INSERT INTO review_requests BY NAME
SELECT 'forge' AS source, id || '/q' || q AS id, source AS change_source, c.id AS change_id,
    'p' || (number + q * 7) % 199 AS reviewer, 'human' AS reviewer_kind,
    created_at + to_minutes(10 + dice(number, q, 200)) AS requested_at
FROM changes AS c, range(2) AS places(q) WHERE q = 0 OR number % 3 = 0
""",
    """
UPDATE deployments SET path = [NULL, 'golden', 'golden', 'other', 'manual'][dice(id, 5) + 1],
    run_source = 'ci', run_id = dice(id, 'run', {runs}) || '/1'
""",
    """
INSERT INTO gates BY NAME
SELECT 'ci' AS source, 'gate-' || id AS id, source AS deployment_source, d.id AS deployment_id, 'human' AS kind,
    created_at - INTERVAL 30 MINUTE AS requested_at, created_at AS decided_at, 'approved' AS decision
FROM deployments AS d WHERE dice(id, 'gate', 3) = 0
""",
    """
INSERT INTO services BY NAME
SELECT 'catalog' AS source, 'n' || x AS id, id AS name, 'deployable' AS kind,
    TIMESTAMP '2025-03-02' + to_days(7 * CAST(x AS INTEGER)) AS created_at,
    CASE WHEN x % 4 > 0 THEN 't' || x % 3 END AS template, 'acme/n' || x AS repository
FROM range(50) AS numbers(x)
""",
    """
INSERT INTO commits BY NAME
SELECT 'git' AS source, md5('n' || x) AS id, 'acme/n' || x AS repository, id AS sha, CAST([] AS VARCHAR[]) AS parents,
    'p1' AS author, 'human' AS author_kind,
    TIMESTAMP '2025-03-03' + to_days(7 * CAST(x AS INTEGER)) AS authored_at, authored_at AS committed_at
FROM range(50) AS numbers(x)
""",
    """
INSERT INTO deployments BY NAME
SELECT 'ci' AS source, 'n' || x || '/' || k AS id, 'n' || x AS service, 'production' AS environment,
    md5('n' || x) AS sha,
    TIMESTAMP '2025-03-04' + to_days(CAST(7 * x + x % 9 + 3 * k AS INTEGER)) AS created_at,
    created_at + INTERVAL 5 MINUTE AS finished_at, 'success' AS status,
    CASE WHEN k < x % 5 THEN 'golden' ELSE 'other' END AS path
FROM range(50) AS numbers(x), range(4) AS places(k) WHERE finished_at < TIMESTAMP '2026-03-01' AND x % 10 > 0
""",
    """
INSERT INTO stale_services BY NAME SELECT 'n' || x AS service, TRUE AS rebuild FROM range(50) AS numbers(x)
""",
    """
INSERT INTO observations BY NAME
SELECT 'cluster' AS source, 'o' || id AS id, service, environment, finished_at + INTERVAL 10 MINUTE AS observed_at,
    CASE WHEN dice(id, 'shadow', 20) = 0 THEN md5('by hand' || id) ELSE sha END AS sha, 'argocd' AS via
FROM deployments WHERE status = 'success' AND environment = 'production' AND dice(id, 'seen', 4) = 0
""",
    """
INSERT INTO teams BY NAME
SELECT 'catalog' AS source, 'team' || t AS id, id AS name, CASE WHEN t % 3 = 0 THEN 'Europe/Berlin' END AS timezone
FROM range(12) AS numbers(t)
""",
    """
INSERT INTO people BY NAME
SELECT 'hr' AS source, 'j' || x AS id, 'human' AS kind,
    TIMESTAMP '2025-03-01' + to_days(CAST(3 * x AS INTEGER)) AS start_date
FROM range(120) AS numbers(x)
""",
    """
INSERT INTO ownerships BY NAME
SELECT 'hr' AS source, 'm' || x AS id, 'team' || x % 12 AS team, 'j' || x AS person,
    TIMESTAMP '2025-03-01' + to_days(CAST(3 * x AS INTEGER)) AS valid_from
FROM range(120) AS numbers(x)
""",
    """
UPDATE changes SET author = 'j' || GREATEST(date_diff('day', DATE '2025-03-01', created_at) // 3 - dice(id, 40), 0)
WHERE created_at >= TIMESTAMP '2025-03-05' AND author_kind = 'human' AND dice(id, 'joiner', 5) = 0
""",
    """
UPDATE commits SET author = 'j' || GREATEST(date_diff('day', DATE '2025-03-01', authored_at) // 3 - dice(id, 40), 0)
WHERE authored_at >= TIMESTAMP '2025-03-05' AND author_kind = 'human' AND dice(id, 'joiner', 5) = 0
""",
    """
INSERT INTO requests BY NAME
SELECT 'portal' AS source, 'r' || n AS id, ['database', 'access', 'service', 'secret'][n % 4 + 1] AS kind,
    'team' || n % 12 AS team, CASE WHEN n % 3 = 0 THEN 's' || n % {services} END AS service,
    CASE WHEN n % 4 = 2 THEN 't' || n % 3 END AS template,
    TIMESTAMP '2024-03-01' + to_seconds(62900000.0 * n / {requests}) AS requested_at,
    requested_at + to_minutes(5 + dice(n, 500)) AS first_response_at,
    CASE WHEN dice(n, 'open', 15) > 0 THEN first_response_at + to_minutes(dice(n, 'f', 4000)) END AS fulfilled_at,
    CASE WHEN dice(n, 'used', 2) = 0 THEN fulfilled_at + INTERVAL 9 MINUTE END AS usable_at,
    CASE
        WHEN dice(n, 'no', 25) = 0 THEN 'rejected' WHEN fulfilled_at IS NULL THEN 'open' ELSE 'fulfilled'
    END AS status,
    CASE WHEN dice(n, 'said', 10) > 0 THEN dice(n, 'touched', 3) END AS human_touches
FROM range({requests}) AS numbers(n)
""",
    """
INSERT INTO gates BY NAME
SELECT 'portal' AS source, 'gate-' || id AS id, source AS request_source, r.id AS request_id, 'human' AS kind,
    requested_at, first_response_at AS decided_at, 'approved' AS decision
FROM requests AS r WHERE dice(id, 'gate', 3) = 0
""",
    """
INSERT INTO pages BY NAME
SELECT 'pager' AS source, 'g' || s || '.' || n AS id, 'rota' || s % 12 AS rotation, 's' || s AS service,
    TIMESTAMP '2024-03-01' + to_seconds(n * 300000 + dice(s, n, 200000)) AS paged_at,
    paged_at + INTERVAL 4 MINUTE AS acknowledged_at, [NULL, FALSE, TRUE, TRUE][dice(s, n, 'act', 4) + 1] AS actionable
FROM range({services}) AS numbers(s), range(209) AS places(n)
""",
    """
INSERT INTO shifts BY NAME
SELECT 'pager' AS source, 'h' || r || '.' || n AS id, 'rota' || r AS rotation, 'p' || (n + r * 3) % 8 + 1 AS person,
    TIMESTAMP '2024-03-04' + to_days(CAST(7 * n AS INTEGER)) AS starts_at, starts_at + INTERVAL 7 DAY AS ends_at
FROM range(12) AS numbers(r), range(104) AS places(n)
""",
    """
INSERT INTO slos BY NAME
SELECT 'slo' AS source, 's' || s || '.' || n AS id, 's' || s AS service, 'availability' AS name,
    TIMESTAMP '2025-12-01' + to_days(CAST(7 * n AS INTEGER)) AS window_from, window_from + INTERVAL 7 DAY AS window_to,
    0.99 AS objective, 98500 + dice(s, n, 1500) AS good, 100000 AS total
FROM range({services}) AS numbers(s), range(12) AS places(n)
""",
    """
INSERT INTO template_releases BY NAME
SELECT 'portal' AS source, 't0@v' || n AS id, 't0' AS template, 'v' || n AS release,
    TIMESTAMP '2024-03-01' + to_days(CAST(60 * n AS INTEGER)) AS released_at,
    ['checkout', 'lint', 'unit-tests', 'build', 'scan', 'sign'][:CAST(3 + n // 4 AS INTEGER)] AS steps
FROM range(12) AS numbers(n)
""",
    """
INSERT INTO pipeline_definitions BY NAME
SELECT 'git' AS source, 's' || s || '.' || n AS id, 'acme/s' || s AS repository, '.github/workflows/ci.yml' AS path,
    TIMESTAMP '2024-03-01' + to_days(CAST(140 * n + s % 90 AS INTEGER)) AS observed_at,
    'on: push' || chr(10) || 'jobs:' || chr(10) || '  build:' || chr(10) || '    runs-on: ubuntu-latest' || chr(10)
        || '    steps:' || chr(10) || '      - uses: actions/checkout@v4' || chr(10)
        || '      - name: unit-tests' || chr(10) || '        run: make test-' || s % 40 || '-' || n || chr(10)
        || CASE WHEN s % 2 = 0 THEN '      - name: build' || chr(10) || '        run: make build' || chr(10) ELSE '' END
        AS content,
    't0' AS template, 'v' || n AS template_release
FROM range({services}) AS numbers(s), range(5) AS places(n)
""",
    """
INSERT INTO source_states BY NAME
SELECT source, 'import' AS kind, ['run', 'job', 'gate', 'request'] AS reads,
    TIMESTAMP '2026-03-01 10:00:00' AS last_success_at
FROM (VALUES ('portal'), ('hr')) AS given(source)
""",
)


def add_platform(connection: duckdb.DuckDBPyConnection, runs: int, deployments: int, services: int) -> None:
    """Insert and fill in what every metric beside the delivery ones reads."""
    for statement in STATEMENTS:
        connection.execute(statement.format(runs=runs, services=services, requests=max(deployments // 5, 400)))
