"""What the store keeps of periods that are over, so that it need not be computed again.

Nothing here is the only copy of anything. What is kept says what it was made from; whoever reads it compares, and
computes anew where that has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import duckdb

    from tribometer.store.reader import Reader

NOTE = """
INSERT INTO closed.tables VALUES ($name, $basis) ON CONFLICT (name) DO UPDATE SET basis = excluded.basis
"""
WRITE = """
INSERT INTO closed.results SELECT * FROM new_results
ON CONFLICT (slot) DO UPDATE SET
    seal = excluded.seal, result = excluded.result, computed_at = excluded.computed_at
"""
MOST_RESULTS = 100_000
"""Results that are kept, some 100 MB: more than the pages of a hundred services ask for."""
OUTDATED = "DELETE FROM closed.results WHERE NOT starts_with(seal, $seals)"
TOO_MANY = """
DELETE FROM closed.results WHERE slot IN (
    SELECT slot FROM closed.results ORDER BY computed_at DESC, slot OFFSET $most
)
"""
RESULTS = "SELECT slot, seal, result FROM closed.results WHERE slot IN (SELECT unnest($slots))"


@dataclass(frozen=True)
class ClosedTable:
    """A table to keep: ``select`` makes its rows, ``basis`` says what from."""

    name: str
    basis: str
    select: str


@dataclass(frozen=True)
class ClosedResult:
    """A result to keep: ``slot`` says which, ``seal`` digests what it was made from. The time is naive UTC."""

    slot: str
    seal: str
    result: str
    computed_at: datetime


def write_table(connection: duckdb.DuckDBPyConnection, table: ClosedTable) -> None:
    """Keep a table in place of an earlier one of its name, in the caller's transaction."""
    connection.execute(f"CREATE OR REPLACE TABLE closed.{table.name} AS {table.select}")
    connection.execute(NOTE, {"name": table.name, "basis": table.basis})


def write_results(connection: duckdb.DuckDBPyConnection, results: Sequence[ClosedResult]) -> None:
    """Keep results in place of earlier ones, in the caller's transaction."""
    columns = {name: [getattr(each, name) for each in results] for name in ("slot", "seal", "result", "computed_at")}
    connection.register("new_results", pa.table(columns))
    connection.execute(WRITE)
    connection.unregister("new_results")


def drop(connection: duckdb.DuckDBPyConnection, seals: str, tables: Collection[str], most: int = MOST_RESULTS) -> None:
    """Drop these tables, results whose seal begins otherwise, and the oldest beyond ``most``, in the transaction."""
    for name in tables:
        connection.execute(f"DROP TABLE IF EXISTS closed.{name}")
    connection.execute("DELETE FROM closed.tables WHERE name IN (SELECT unnest($names))", {"names": list(tables)})
    connection.execute(OUTDATED, {"seals": seals})
    connection.execute(TOO_MANY, {"most": most})


def kept_tables(reader: Reader) -> dict[str, str]:
    """What each table that is kept was made from."""
    return dict(reader.rows("SELECT name, basis FROM closed.tables"))


def kept_results(reader: Reader, slots: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The seal and the result in each of these slots that has one."""
    return {slot: (seal, result) for slot, seal, result in reader.rows(RESULTS, slots=list(slots))}
