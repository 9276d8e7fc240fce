"""CI of a generated organisation, column-wise: attempts of runs, three jobs each, and what they waited for.

Every commit is checked by four workflows, one of them on a timer; one run in twenty is started again, which carries one
of its jobs over. Some are cancelled by a newer push, some never end, some jobs tell why they failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

CHUNK = 1_000_000
"""Runs that are inserted at once: an insert holds the keys of its rows in memory."""
MADE = """
CREATE OR REPLACE TEMP TABLE made_runs AS
WITH numbered AS (
    SELECT n, n % 21 = 20 AS again, n // 21 * 20 + LEAST(n % 21, 19) AS base FROM range({first}, {last}) AS numbers(n)
),
placed AS (
    SELECT n, again, base, (base + base // 20) % 4 AS kind, base // 4 % {services} AS s,
        LEAST(base // 4 // {services} * {commits} // GREATEST({runs} * 20 // 84 // {services}, 1), {commits} - 1) AS i,
        CASE WHEN again THEN n - 1 ELSE n END AS carried, dice(n, 1000) AS luck, dice(n, 'which', 3) AS failing
    FROM numbered
),
dated AS (
    SELECT p.*, i % 10 < 5 AND kind < 3 AS of_change,
        TIMESTAMP '2024-03-01 09:00:00' + to_seconds(
            floor((i - i % 2) * 6290000.0 / {each}) + (i // 2 + s) * 7919 % 3000 + i % 2 * 240 + kind
        ) AS asked_at,
        [q + dice(CASE WHEN q = 1 THEN carried ELSE n END, q, 120) + CASE WHEN dice(n, q, 'w', 50) = 0 THEN 900 ELSE 0
            END FOR q IN [1, 2, 3]] AS waits,
        [120 + dice(CASE WHEN q = 1 THEN carried ELSE n END, q, 'x', (200 * q)) FOR q IN [1, 2, 3]] AS works
    FROM placed AS p
),
ended AS (
    SELECT d.*, CASE WHEN again THEN asked_at + INTERVAL 1 HOUR ELSE asked_at END AS created_at,
        CASE
            WHEN n % 9973 = 5 THEN NULL
            WHEN again THEN CASE WHEN luck < 800 THEN 'success' ELSE 'failure' END
            WHEN n % 21 = 19 THEN CASE WHEN luck < 950 THEN 'failure' ELSE 'cancelled' END
            WHEN luck < 30 THEN 'cancelled'
            WHEN luck < 100 THEN 'failure'
            WHEN luck < 105 THEN 'timed_out'
            ELSE 'success'
        END AS conclusion
    FROM dated AS d
),
timed AS (
    SELECT e.*, [CASE WHEN again AND q = 1 THEN asked_at ELSE created_at END + to_seconds(waits[q] + 2)
        FOR q IN [1, 2, 3]] AS starts
    FROM ended AS e
)
SELECT t.*, [starts[q] + to_seconds(works[q]) FOR q IN [1, 2, 3]] AS ends, md5(s || '.' || i) AS sha FROM timed AS t
"""
RUNS = """
INSERT INTO runs BY NAME
SELECT 'ci' AS source, n || '/1' AS id, 'acme/s' || s AS repository,
    ['ci', 'e2e', 'lint', 'nightly'][kind + 1] AS workflow,
    CAST(base AS VARCHAR) AS run, CASE WHEN again THEN 2 ELSE 1 END AS attempt, sha,
    CASE WHEN kind <> 1 THEN md5('tree' || sha) END AS tree_sha,
    CASE WHEN of_change THEN 'branch-' || (i - i % 10 + 4) ELSE 'main' END AS branch,
    CASE WHEN of_change THEN 'pull_request' WHEN kind = 3 THEN 'schedule' ELSE 'push' END AS event,
    CASE WHEN dice(base, 'bot', 50) = 0 THEN 'machine' WHEN kind < 3 THEN 'human' END AS actor_kind,
    CASE WHEN of_change THEN 'forge' END AS change_source,
    CASE WHEN of_change THEN 'acme/s' || s || '#' || (i - i % 10 + 4) END AS change_id,
    created_at, list_min(starts) AS started_at,
    CASE WHEN conclusion IS NOT NULL THEN list_max(ends) END AS completed_at, conclusion
FROM made_runs
"""
JOBS = """
INSERT INTO jobs BY NAME
SELECT 'ci' AS source, n || '/1/' || q AS id, 'ci' AS run_source, n || '/1' AS run_id,
    CASE WHEN again THEN 2 ELSE 1 END AS attempt, ['build', 'unit-tests', 'coverage'][q] AS name,
    CASE WHEN kind < 3 THEN q < 3 END AS required, ['linux-small', 'linux-large', NULL][q] AS runner,
    CASE WHEN dice(n, q, 'u', 100) > 0 THEN starts[q] - to_seconds(waits[q]) END AS queued_at,
    CASE WHEN NOT is_skipped THEN starts[q] END AS started_at,
    CASE WHEN NOT is_skipped THEN ends[q] END AS completed_at,
    CASE
        WHEN is_skipped THEN 'skipped'
        WHEN has_failed THEN 'failure'
        WHEN conclusion = 'cancelled' AND q = failing + 1 THEN 'cancelled'
        WHEN conclusion IS NOT NULL THEN 'success'
    END AS conclusion,
    CASE WHEN has_failed THEN ['change', 'infrastructure', 'flake', NULL, NULL][dice(n, 'why', 5) + 1] END
        AS failure_class
FROM (
    SELECT m.*, q, conclusion IN ('failure', 'timed_out') AND q = failing + 1 AS has_failed,
        q = 3 AND NOT again AND (dice(n, 'skip', 40) = 0 OR conclusion = 'cancelled') AND failing < 2 AS is_skipped
    FROM made_runs AS m, range(1, 4) AS places(q)
) AS told
"""
GATES = """
INSERT INTO gates BY NAME
SELECT 'ci' AS source, n || '/gate' AS id, 'ci' AS run_source, n || '/1' AS run_id,
    ['human', 'human', 'timer', 'policy'][dice(n, 'gate', 4) + 1] AS kind, starts[1] AS requested_at,
    CASE WHEN dice(n, 'open', 20) > 0 THEN starts[1] + to_seconds(10 + dice(n, 'long', 200)) END AS decided_at,
    CASE
        WHEN decided_at IS NOT NULL THEN CASE WHEN dice(n, 'no', 15) = 0 THEN 'rejected' ELSE 'approved' END
    END AS decision
FROM made_runs WHERE dice(n, 'gated', 100) = 0
"""


def add_runs(connection: duckdb.DuckDBPyConnection, runs: int, services: int, each: int) -> None:
    """Insert attempts of runs with their jobs and gates; ``each`` service has ten times as many commits."""
    for first in range(0, runs, CHUNK):
        sizes = {"runs": runs, "services": services, "each": each, "commits": 10 * each}
        connection.execute(MADE.format(first=first, last=min(first + CHUNK, runs), **sizes))
        for statement in (RUNS, JOBS, GATES):
            connection.execute(statement)
    connection.execute("DROP TABLE made_runs")
