"""What deployments shipped is found in time linear in commits: a refresh against one plain search of the same graph.

Prints, for a generated history and for one twice as long, the seconds of a whole refresh, of its reading, deriving and
writing, of one plain breadth-first search over a dictionary, and of a refresh after one more release.

    python benchmarks/shipped_walk.py [COMMITS [RELEASES]]
"""

from __future__ import annotations

import random
import sys
import time
from collections import deque
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

import tribometer.store
from tribometer.settings import Rules
from tribometer.store.derive_service import derive
from tribometer.store.shipped import refresh
from tribometer.store.shipped_inputs import read_deployments, read_graph, read_scope

if TYPE_CHECKING:
    from collections.abc import Callable

MIGRATION = Path(tribometer.store.__file__).parent / "migrations" / "0001_events.sql"
COMMITS = 80_000
RELEASES = 800
SERVICE = "bench"

Parents = dict[str, list[str]]


def history(commits: int) -> Parents:
    """Make a trunk with topic branches of up to fifteen commits, merged back: every eighth commit has two parents."""
    chance = random.Random(20)  # noqa: S311 - no secret
    parents: Parents = {}
    trunk, topic = "", ""
    for number in range(commits):
        sha = f"{number:040x}"
        if number == 0:
            parents[sha], trunk = [], sha
        elif topic and chance.random() < 1 / 8:
            parents[sha], trunk, topic = [trunk, topic], sha, ""
        elif chance.random() < 1 / 2:
            parents[sha], topic = [topic or trunk], sha
        else:
            parents[sha], trunk = [trunk], sha
    return parents


def store_of(parents: Parents, releases: int) -> duckdb.DuckDBPyConnection:
    """Fill a store with the history and releases at even distances along it."""
    connection = duckdb.connect()
    connection.execute(MIGRATION.read_text())
    shas = list(parents)
    commits = pa.table({"source": ["g"] * len(shas), "id": shas, "repository": [SERVICE] * len(shas), "sha": shas})
    commits = commits.append_column("parents", pa.array(list(parents.values()), pa.list_(pa.string())))
    connection.register("made", commits)
    connection.execute("INSERT INTO commits BY NAME FROM made")
    connection.unregister("made")
    for number in range(1, releases):
        release(connection, number, shas[number * len(shas) // releases - 1])
    return connection


def release(connection: duckdb.DuckDBPyConnection, number: int, sha: str) -> None:
    """Add a release to production, an hour after the one before."""
    connection.execute(
        "INSERT INTO deployments (source, id, service, environment, sha, finished_at, status) "
        "VALUES ('g', $id, $service, 'production', $sha, $at, 'success')",
        {
            "id": f"r{number:05}",
            "service": SERVICE,
            "sha": sha,
            "at": datetime(2020, 1, 1) + timedelta(hours=number),  # noqa: DTZ001 - the store's times are naive UTC
        },
    )


def search(parents: Parents, head: str) -> int:
    """Count what lies behind a commit, the plain way."""
    seen, waiting = {head}, deque([head])
    while waiting:
        for parent in parents[waiting.popleft()]:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return len(seen)


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def refreshed(connection: duckdb.DuckDBPyConnection, *, rebuild: bool) -> float:
    """Time a refresh of the service."""
    connection.execute(
        "INSERT INTO stale_services VALUES ($service, $rebuild)", {"service": SERVICE, "rebuild": rebuild}
    )
    return seconds(lambda: refresh(connection, Rules()))


def measured(commits: int, releases: int) -> dict[str, float]:
    """Measure one size."""
    parents = history(commits)
    connection = store_of(parents, releases)
    scope = read_scope(connection, SERVICE)
    result = {"plain search": seconds(lambda: search(parents, list(parents)[-1]))}
    result["first refresh"] = refreshed(connection, rebuild=True)
    result["refresh, nothing new"] = refreshed(connection, rebuild=True)
    start = time.perf_counter()
    graph, rows = read_graph(connection, scope, {SERVICE}), read_deployments(connection, scope)
    result["of it reading"] = time.perf_counter() - start
    result["of it deriving"] = seconds(lambda: derive(scope, rows, graph, Rules()))
    release(connection, releases, list(parents)[-1])
    result["one release more"] = refreshed(connection, rebuild=False)
    return result


def main() -> None:
    """Measure a history and one twice as long."""
    commits, releases = (
        (int(sys.argv[1]) if sys.argv[1:] else COMMITS),
        (int(sys.argv[2]) if sys.argv[2:] else RELEASES),
    )
    once, twice = measured(commits, releases), measured(2 * commits, 2 * releases)
    print(f"{commits} commits, {releases} releases; twice as many; growth; ratio to the plain search")
    for name, value in once.items():
        ratio = value / once["plain search"]
        print(f"{name:22} {value:7.3f} s {twice[name]:7.3f} s {twice[name] / value:6.2f} {ratio:6.1f}")


if __name__ == "__main__":
    main()
