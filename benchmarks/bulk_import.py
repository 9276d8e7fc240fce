"""Importing large files against plain DuckDB doing the same load into a keyed table.

Makes a million CI runs and a hundred thousand deployments, imports them from Parquet, and a tenth of the runs from JSON
Lines and CSV, into an empty store and once more, where nothing is new. Prints for each the seconds, those of plain
DuckDB (read the file, INSERT … ON CONFLICT DO UPDATE into a table with PRIMARY KEY (source, id)), and their ratio. What
the deployments shipped is derived after the loads and timed by itself.

    python benchmarks/bulk_import.py [RUNS [DEPLOYMENTS]]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

import tribometer.store
from tribometer.store import EventStore
from tribometer.store.bulk_screen import ColumnBatch
from tribometer.store.connection import usual_memory
from tribometer.store.importing import BY_COLUMN, read_columns

if TYPE_CHECKING:
    from collections.abc import Callable

MIGRATION = Path(tribometer.store.__file__).parent / "migrations" / "0001_events.sql"
RUNS = 1_000_000
DEPLOYMENTS = 100_000
TABLES = {"run": "runs", "deployment": "deployments"}
EVENTS = {
    "run": """
SELECT 'ci' AS source, 'r' || i AS id, 'acme/app-' || i % 60 AS repository, 'build-' || i % 4 AS workflow,
    CAST(i AS VARCHAR) AS run, 1 AS attempt, sha1(CAST(i AS VARCHAR)) AS sha, 'main' AS branch, 'push' AS event,
    'human' AS actor_kind, moment AS created_at, moment + INTERVAL 40 SECONDS AS started_at,
    moment + INTERVAL 9 MINUTES AS completed_at, if(i % 9 = 0, 'failure', 'success') AS conclusion""",
    "deployment": """
SELECT 'cd' AS source, 'd' || i AS id, 'app-' || i % 60 AS service, 'production' AS environment, 'success' AS status,
    sha1(CAST(i AS VARCHAR)) AS sha, moment AS started_at, moment + INTERVAL 3 MINUTES AS finished_at""",
}
MADE = """
FROM (SELECT i, TIMESTAMPTZ '2024-01-01 00:00:00+00' + i * INTERVAL 60 SECONDS AS moment FROM range({}) AS made (i))
"""
FORMATS = {"parquet": "PARQUET", "jsonl": "JSON", "csv": "CSV"}
READERS = {"parquet": "read_parquet", "jsonl": "read_ndjson", "csv": "read_csv"}


def made(folder: Path, event_type: str, count: int, ending: str) -> Path:
    """Write a file of so many events."""
    path = folder / f"{event_type}.{ending}"
    rows = f"{EVENTS[event_type]} {MADE.format(count)}"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE rows AS {rows}")
        for name, kind in connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'rows'"
        ).fetchall():
            if ending != "parquet" and kind == "TIMESTAMP WITH TIME ZONE":
                text = f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ')"
                connection.execute(f"ALTER TABLE rows ALTER {name} TYPE VARCHAR USING {text}")
        connection.execute(f"COPY rows TO '{path}' (FORMAT {FORMATS[ending]})")
    return path


def plain(folder: Path, path: Path, event_type: str) -> tuple[float, float]:
    """Load a file twice with nothing but DuckDB; the table has its other columns empty."""
    with duckdb.connect(folder / "plain.duckdb", config={"memory_limit": usual_memory()}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        if not connection.execute("FROM duckdb_tables()").fetchall():
            connection.execute(MIGRATION.read_text())
        given = connection.sql(f"FROM {READERS[path.suffix[1:]]}('{path}') LIMIT 0").columns
        table = connection.sql(f"FROM {TABLES[event_type]} LIMIT 0")
        kinds = {name: str(kind) for name, kind in zip(table.columns, table.types, strict=True)}
        values = ", ".join(f"CAST({name} AS {kinds[name]}) AS {name}" for name in given)
        updates = ", ".join(f"{name} = excluded.{name}" for name in given if name not in {"source", "id"})
        load = (
            f"INSERT INTO {TABLES[event_type]} BY NAME "  # noqa: S608 - our own names
            f"SELECT {values} FROM {READERS[path.suffix[1:]]}('{path}') "
            f"ON CONFLICT (source, id) DO UPDATE SET {updates}"
        )
        return seconds(lambda: connection.execute(load)), seconds(lambda: connection.execute(load))


def imported(store: EventStore, path: Path, event_type: str) -> None:
    """Land a file, without what is derived afterwards."""
    with path.open("rb") as file:
        for batch in read_columns(file, str(path), event_type, BY_COLUMN.rows) or ():
            if not isinstance(batch, ColumnBatch) or store.land_columns(batch).left:
                raise SystemExit(f"{path} was not read by columns alone")


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(name: str, once: float, again: float, bare: tuple[float, float]) -> None:
    """Print a row."""
    for what, ours, theirs in (("new", once, bare[0]), ("again", again, bare[1])):
        print(f"{name:28} {what:6} {ours:8.2f} s {theirs:8.2f} s {ours / theirs:6.2f}", flush=True)


def measured(folder: Path, event_type: str, count: int, ending: str) -> None:
    """Measure one file in a folder of its own."""
    path = made(folder, event_type, count, ending)
    bare = plain(folder, path, event_type)
    with EventStore.open(folder / "data") as store:
        once, again = (seconds(lambda: imported(store, path, event_type)) for _ in range(2))
        report(f"{count} {event_type}s, {ending}", once, again, bare)
        if event_type == "deployment":
            print(f"{'  derived from them':35} {seconds(store.refresh):8.2f} s", flush=True)


def main() -> None:
    """Measure Parquet in full, the other formats with a tenth of the runs."""
    runs = int(sys.argv[1]) if sys.argv[1:] else RUNS
    deployments = int(sys.argv[2]) if sys.argv[2:] else DEPLOYMENTS
    cases = [("run", runs, "parquet"), ("deployment", deployments, "parquet")]
    cases += [("run", runs // 10, "jsonl"), ("run", runs // 10, "csv")]
    print(f"{'import':35} {'Tribometer':>10} {'DuckDB':>10} {'ratio':>6}")
    for event_type, count, ending in cases:
        with tempfile.TemporaryDirectory() as name:
            measured(Path(name), event_type, count, ending)


if __name__ == "__main__":
    main()
