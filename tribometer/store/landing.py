"""One page of events into the tables, all or nothing.

Events are grouped by type; what is stored about them is fetched in one query per type, merged in memory, and written
back as one Arrow table of new rows and one of changed rows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tribometer.store import identities, rejects, sources, stale, stamps, suggestions
from tribometer.store.children import replace_children
from tribometer.store.columns import key_table, row_table, statement_of, stored_row
from tribometer.store.merge import first_row, merged
from tribometer.store.rejects import Rejected
from tribometer.store.storable import unstorable
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    import duckdb
    import pyarrow as pa

    from tribometer.events import Event
    from tribometer.privacy import Likeness, Pseudonyms
    from tribometer.store.columns import Key
    from tribometer.store.merge import Row
    from tribometer.store.tables import Table


@dataclass(frozen=True)
class Landed:
    """How many events made a row, changed one, said nothing new, or could not land."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __add__(self, other: Landed) -> Landed:
        return Landed(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True)
class Batch:
    """What lands together. ``source`` and ``kind`` say who brings it, ``cursor`` where it goes on from there.

    A page with a cursor is a piece of a collection, which succeeds only at its end. Of the origins ``restated``,
    ``rejected`` is all there is now.
    """

    events: Sequence[Event]
    rejected: Sequence[Rejected] = ()
    source: str | None = None
    kind: str = "import"
    cursor: Mapping[str, Any] | None = None
    etags: Mapping[str, str] = field(default_factory=dict)
    allowance: sources.Allowance | None = None
    restated: Collection[str] = ()


@dataclass
class _Folded:
    """The rows of one type as they were, as they become, and what each event did."""

    before: dict[Key, Row]
    after: dict[Key, Row] = field(default_factory=dict)
    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def added(self) -> dict[Key, Row]:
        """The rows that were not there."""
        return {key: row for key, row in self.after.items() if key not in self.before}

    def changed(self) -> dict[Key, Row]:
        """The rows that were there, as they become."""
        return {key: row for key, row in self.after.items() if key in self.before and row != self.before[key]}


def land(connection: duckdb.DuckDBPyConnection, batch: Batch, pseudonyms: Pseudonyms, at: datetime) -> Landed:
    """Write a batch within the caller's transaction."""
    good, bad = _checked(batch)
    by_type: dict[str, list[Event]] = defaultdict(list)
    reads: dict[str, set[str]] = {}
    alike: set[Likeness] = set()
    for event in good:
        alike.update(pseudonyms.likenesses(event))
        keyed = pseudonyms.key_event(event)
        by_type[event.TYPE].append(keyed)
        reads.setdefault(keyed.source, set()).add(event.TYPE)
    if batch.source and (by_type or batch.cursor is None):
        reads.setdefault(batch.source, set()).update(by_type)
    folded = {event_type: _land_type(connection, TABLES[event_type], events) for event_type, events in by_type.items()}
    suggestions.keep(connection, alike)
    rejects.keep(connection, bad, pseudonyms, at, batch.restated)
    whole = reads if batch.cursor is None else reads.keys() - {batch.source}
    sources.heard(connection, reads, batch.kind, dict.fromkeys(whole, at))
    if batch.source:
        sources.reached(
            connection,
            batch.source,
            kind=batch.kind,
            cursor=batch.cursor,
            etags=batch.etags,
            allowance=batch.allowance,
        )
    counts = (Landed(each.new, each.updated, each.unchanged) for each in folded.values())
    return sum(counts, Landed(rejected=len(bad)))


def _checked(batch: Batch) -> tuple[list[Event], list[Rejected]]:
    """Separate what no column can hold; readers of files check before, with line numbers."""
    good, bad = [], list(batch.rejected)
    for event in batch.events:
        problem = unstorable(event)
        if problem is None:
            good.append(event)
        else:
            bad.append(Rejected(batch.source or batch.kind, None, problem, described(event)))
    return good, bad


def described(event: Event) -> str:
    """An event as the text a rejection keeps; its representation where it is no JSON."""
    try:
        data = event.model_dump(by_alias=True, exclude_unset=True)
        return json.dumps({"type": event.TYPE, **data}, default=str)
    except (ValueError, RecursionError):
        return f"{event.TYPE} {event.source!a} {event.id!a}"


def _land_type(connection: duckdb.DuckDBPyConnection, table: Table, events: Sequence[Event]) -> _Folded:
    keys = dict.fromkeys((event.source, event.id) for event in events)
    folded = _Folded(_stored(connection, table, keys))
    for event in events:
        _fold(folded, event)
    changed = folded.changed()
    before = {key: folded.before[key] for key in changed}
    write_rows(
        connection, table, row_table(folded.added(), table), *(row_table(each, table) for each in (before, changed))
    )
    return folded


def write_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, added: pa.Table, before: pa.Table, changed: pa.Table
) -> None:
    """Write new rows of a table and changed ones, and what follows from them, in the caller's transaction.

    All three have the columns of the table; ``before`` are the changed rows as they were.
    """
    for insert, rows in (("INSERT", added), ("INSERT OR REPLACE", changed)):
        if rows.num_rows:
            _write(connection, table, rows, insert)
            replace_children(connection, table.type, rows, changed=rows is changed)
    if added.num_rows or changed.num_rows:
        stamps.written(connection, table.name)
        stale.mark_stale(connection, table.type, added, (before, changed))
        identities.mark_stale(connection, table.type, (added, before, changed))


def _fold(folded: _Folded, event: Event) -> None:
    key = (event.source, event.id)
    row = folded.after.get(key) or folded.before.get(key)
    statement = statement_of(event)
    if row is None:
        folded.after[key] = first_row(statement)
        folded.new += 1
        return
    folded.after[key] = merged(row, statement)
    if folded.after[key] == row:
        folded.unchanged += 1
    else:
        folded.updated += 1


def _stored(connection: duckdb.DuckDBPyConnection, table: Table, keys: Mapping[Key, None]) -> dict[Key, Row]:
    """What is stored under these keys."""
    columns = ", ".join(f"stored.{name}" for name in ("version", "lagging", "extra", *(c.name for c in table.columns)))
    connection.register("landing", key_table(keys))
    lines = connection.execute(
        f"SELECT stored.source, stored.id, {columns} "  # noqa: S608 - names from our own models
        f"FROM {table.name} AS stored SEMI JOIN landing USING (source, id)",
    ).fetchall()
    connection.unregister("landing")
    return dict(stored_row(line, table) for line in lines)


def _write(connection: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, insert: str) -> None:
    connection.register("landing", rows)
    connection.execute(f"{insert} INTO {table.name} BY NAME SELECT * FROM landing")  # noqa: S608 - as above
    connection.unregister("landing")
