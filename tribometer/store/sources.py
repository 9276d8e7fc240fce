"""Where each source stands: its cursor, what it tells about, when it last answered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tribometer.store.columns import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import duckdb

STARTED = """
INSERT INTO source_states (source, kind, last_started_at) VALUES ($source, $kind, $at)
ON CONFLICT (source) DO UPDATE SET kind = excluded.kind, last_started_at = excluded.last_started_at
"""
FAILED = """
INSERT INTO source_states (source, kind, last_error, last_error_at) VALUES ($source, $kind, $message, $at)
ON CONFLICT (source) DO UPDATE SET
    kind = excluded.kind, last_error = excluded.last_error, last_error_at = excluded.last_error_at
"""
HEARD = """
INSERT INTO source_states (source, kind, reads, last_success_at) VALUES ($source, $kind, $reads, $at)
ON CONFLICT (source) DO UPDATE SET
    last_success_at = coalesce(excluded.last_success_at, last_success_at),
    reads = list_sort(list_distinct(list_concat(reads, excluded.reads)))
"""
REACHED = "UPDATE source_states SET kind = $kind, cursor = coalesce($cursor, cursor) WHERE source = $source"
SUCCEEDED = """
UPDATE source_states SET last_success_at = $at, last_error = NULL, last_error_at = NULL, remarks = $remarks
WHERE source = $source
"""


@dataclass(frozen=True)
class Remark:
    """Something an operator should know about a source that was read without an error, and what to do about it."""

    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}. {self.do}."


def started(connection: duckdb.DuckDBPyConnection, source: str, kind: str, at: datetime) -> None:
    """Note that a collection of the source begins."""
    connection.execute(STARTED, {"source": source, "kind": kind, "at": at.replace(tzinfo=None)})


def failed(connection: duckdb.DuckDBPyConnection, source: str, kind: str, message: str, at: datetime) -> None:
    """Note that the source could not be read, and why."""
    given = {"source": source, "kind": kind, "message": message, "at": at.replace(tzinfo=None)}
    connection.execute(FAILED, given)


def heard(
    connection: duckdb.DuckDBPyConnection,
    reads: Mapping[str, Iterable[str]],
    kind: str,
    succeeded_at: Mapping[str, datetime],
) -> None:
    """Note that these sources told something; ``reads``: source -> event types. A known source keeps its kind."""
    for source, types in reads.items():
        at = succeeded_at.get(source)
        given = {"source": source, "kind": kind, "reads": sorted(types), "at": at and at.replace(tzinfo=None)}
        connection.execute(HEARD, given)


def reached(connection: duckdb.DuckDBPyConnection, source: str, kind: str, cursor: Mapping[str, Any] | None) -> None:
    """Note that a page of the source landed with the cursor behind it (None: the cursor stays)."""
    text = None if cursor is None else json_text(cursor)
    connection.execute(REACHED, {"source": source, "kind": kind, "cursor": text})


def succeeded(connection: duckdb.DuckDBPyConnection, source: str, at: datetime, remarks: Iterable[Remark] = ()) -> None:
    """Note that the source was read to its end, and what is to be remarked about it now."""
    text = json_text([asdict(each) for each in remarks])
    connection.execute(SUCCEEDED, {"source": source, "at": at.replace(tzinfo=None), "remarks": text})


def remarks_of(text: str | None) -> tuple[Remark, ...]:
    """Read the column ``remarks`` of a source's state; None: the source never succeeded."""
    return tuple(Remark(**each) for each in json.loads(text)) if text else ()


def cursor_of(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, Any] | None:
    """The source's stored cursor, None before its first page."""
    row = connection.execute("SELECT cursor FROM source_states WHERE source = $source", {"source": source}).fetchone()
    return json.loads(row[0]) if row and row[0] else None
