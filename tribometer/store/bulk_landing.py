"""Rows of a file into their tables, column by column: the merge of the row path wherever that is a plain replacement.

What a batch holds of a type is screened; of the clean rows those land whose key no other row of the batch has. All the
rest is left to the row path, which has the last word on what is wrong and on how versions merge.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tribometer.events import Event
from tribometer.privacy import people_in
from tribometer.store import sources, suggestions
from tribometer.store.bulk_merge import merge
from tribometer.store.columns import BOOKKEEPING
from tribometer.store.landing import Landed, write_rows
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import duckdb

    from tribometer.privacy import Likeness, Pseudonyms
    from tribometer.store.bulk_screen import ColumnBatch
    from tribometer.store.tables import Table

ALONE = """
FROM screened ANTI JOIN (SELECT source, id FROM screened GROUP BY source, id HAVING count(*) > 1) USING (source, id)
WHERE clean
"""
"""The clean rows whose keys no other row has."""


@dataclass(frozen=True)
class ColumnsLanded:
    """What a batch did, and the places of its rows that are left to the row path."""

    landed: Landed
    left: Sequence[int]


def land_columns(
    connection: duckdb.DuckDBPyConnection, batch: ColumnBatch, pseudonyms: Pseudonyms, at: datetime
) -> ColumnsLanded:
    """Write what is clean of a batch within the caller's transaction."""
    with _named(connection, raw=batch.raw):
        cells = connection.sql(batch.prepared).to_arrow_table()
    types = [each for each in pc.unique(cells["type"]).to_pylist() if each in batch.screens]
    with _named(connection, cells=cells):
        screened = {each: connection.sql(batch.screens[each]).to_arrow_table() for each in types}
    if _hidden_events(batch, cells, screened):
        return ColumnsLanded(Landed(), cells["place"].to_pylist())
    total, done = Landed(), []
    for event_type, rows in screened.items():
        said = _said(connection, event_type, rows, pseudonyms)
        suggestions.keep(connection, _alike(event_type, rows, said, pseudonyms))
        landed, places = _land_type(connection, TABLES[event_type], said, at)
        total += landed
        done.append(places)
    return ColumnsLanded(total, _without(cells["place"], pa.chunked_array(done, pa.int64())))


def _hidden_events(batch: ColumnBatch, cells: pa.Table, screened: dict[str, pa.Table]) -> bool:
    """Whether a row whose key cannot be told is an event: it might be about what another row is about."""
    typeless = cells.filter(pc.invert(pc.is_in(cells["type"], pa.array(TABLES, pa.string()))))
    keyless = [
        rows.filter(pc.or_(pc.is_null(rows["source"]), pc.is_null(rows["id"])))["place"] for rows in screened.values()
    ]
    places = [place for each in (typeless["place"], *keyless) for place in each.to_pylist()]
    return any(isinstance(each, Event) for each in batch.rows(places)) if places else False


def _said(
    connection: duckdb.DuckDBPyConnection, event_type: str, screened: pa.Table, pseudonyms: Pseudonyms
) -> pa.Table:
    """The clean rows of keys that stand once in the batch, as first rows of their table, their people keyed."""
    table, people = TABLES[event_type], people_in(event_type)
    keyed = {f"people_of_{name}": _people(screened[name], event_type, name, pseudonyms) for name in people.named}
    keyed |= {f"keyed_{name}": _branches(screened[name], pseudonyms) for name in people.branches}
    with _named(connection, screened=screened, **keyed):
        return connection.sql(_statement(table)).to_arrow_table()


def _people(handles: pa.ChunkedArray, event_type: str, name: str, pseudonyms: Pseudonyms) -> pa.Table:
    """Each person that a column names, once: handle, pseudonym, and the kind that the handle gives away."""
    kind = dict(people_in(event_type).kinds).get(name, "")
    found = [each for each in pc.unique(handles).to_pylist() if each]
    keyed = [pseudonyms.key_object(event_type, {name: handle}) for handle in found]
    columns = {"handle": found, "pseudonym": [each[name] for each in keyed], "kind": [each.get(kind) for each in keyed]}
    return pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})


def _branches(names: pa.ChunkedArray, pseudonyms: Pseudonyms) -> pa.Table:
    """Each name of a branch that becomes another by keying, once: as it is, and keyed."""
    keyed = {each: pseudonyms.key_branch(each) for each in pc.unique(names).to_pylist() if each}
    changed = {name: each for name, each in keyed.items() if each != name}
    columns = {"name": list(changed), "keyed": list(changed.values())}
    return pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})


def _alike(event_type: str, screened: pa.Table, said: pa.Table, pseudonyms: Pseudonyms) -> set[Likeness]:
    """What the handles in the rows that were said look like; they are keyed there, and as they came where screened."""
    names = people_in(event_type).named
    landing = screened.select(names).filter(pc.is_in(screened["place"], said["place"].combine_chunks()))
    handles = {each for name in names for each in pc.unique(landing[name]).to_pylist() if each}
    return {found for each in handles if (found := pseudonyms.likeness(each))}


def _statement(table: Table) -> str:
    """Write the query of `_said`."""
    people = people_in(table.type)
    values = {column.name: f'screened."{column.name}"' for column in table.columns}
    values |= {name: f"people_of_{name}.pseudonym" for name in people.named}
    values |= {name: f"coalesce(keyed_{name}.keyed, screened.{name})" for name in people.branches}
    for name, kind in people.kinds:
        carried = f"({kind} IS NOT NULL OR coalesce(list_contains(nulls, '{kind}'), false))"
        values[kind] = f"CASE WHEN {carried} THEN {kind} ELSE people_of_{name}.kind END"
    columns = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    joins = " ".join(
        f"LEFT JOIN people_of_{name} ON people_of_{name}.handle = screened.{name}" for name in people.named
    )
    joins += "".join(f" LEFT JOIN keyed_{name} ON keyed_{name}.name = screened.{name}" for name in people.branches)
    return (
        f"SELECT place, source, id, version, {_lagging(table)} AS lagging, CAST(NULL AS VARCHAR) AS extra, "  # noqa: S608 - names from our own models
        "* EXCLUDE (place, source, id, version) "
        f"FROM (SELECT place, source, id, version, nulls, {columns} FROM ({ALONE}) AS screened {joins})"
    )


def _lagging(table: Table) -> str:
    """The fields that a statement with a version does not carry, as the text that `first_row` makes of them."""
    keys = {column.field: column.name for column in table.columns}
    absent = ", ".join(
        f"CASE WHEN \"{keys[field]}\" IS NULL AND NOT coalesce(list_contains(nulls, '{field}'), false) "
        f"THEN '\"{field}\":null' END"
        for field in sorted(keys)
    )
    some = f"nullif(array_to_string(list_filter([{absent}], lambda each: each IS NOT NULL), ','), '')"
    return f"CASE WHEN version IS NOT NULL THEN '{{' || {some} || '}}' END"


def _land_type(
    connection: duckdb.DuckDBPyConnection, table: Table, said: pa.Table, at: datetime
) -> tuple[Landed, pa.ChunkedArray]:
    """Write statements of one type; tell what they did and their places, but those that only the row path can merge."""
    columns = [*BOOKKEEPING.names, *(each.name for each in table.columns)]
    result = merge(connection, table, said)
    if result.added.num_rows or result.changed.num_rows:
        write_rows(connection, table, *(each.select(columns) for each in (result.added, result.before, result.changed)))
    heard = {source: {table.type} for source in pc.unique(result.done["source"]).to_pylist()}
    sources.heard(connection, heard, "import", dict.fromkeys(heard, at))
    counts = result.added.num_rows, result.changed.num_rows
    return Landed(*counts, result.done.num_rows - sum(counts)), result.done["place"]


def _without(places: pa.ChunkedArray, done: pa.ChunkedArray) -> list[int]:
    left: list[int] = places.filter(pc.invert(pc.is_in(places, done.combine_chunks()))).to_pylist()
    return sorted(left)


@contextmanager
def _named(connection: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Offer tables to queries under these names; a failed transaction takes the names with it."""
    for name, table in tables.items():
        connection.register(name, table)
    yield
    for name in tables:
        connection.unregister(name)
