"""The merge of `tribometer.store.merge`, for many statements at once, as far as it is a replacement field by field.

That is so for statements without a version, and for versions no lower than the stored one that carry the fields the
stored one carried. Where versions differ by field, or unknown fields come together, the row path merges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from tribometer.store.merge import STATUS_FIELDS, UNFINISHED

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from tribometer.store.tables import Column, Table

REPLACES = """
coalesce(said.version IS NULL OR (
    said.version >= stored.version AND said.lagging IS NOT DISTINCT FROM stored.lagging
    AND (stored.extra IS NULL OR said.version = stored.version)
), false)
"""
VERSION = "coalesce(said.version, stored.version)"


@dataclass(frozen=True)
class Merged:
    """Rows of one type: new ones, changed ones before and after, and the statements that are ``done`` with that."""

    added: pa.Table
    before: pa.Table
    changed: pa.Table
    done: pa.Table


def merge(connection: duckdb.DuckDBPyConnection, table: Table, said: pa.Table) -> Merged:
    """Merge statements with unlike keys into what is stored under these."""
    connection.register("said", said)
    known = connection.sql(_outcomes(table)).to_arrow_table()
    connection.register("changing", known.filter(pc.equal(known["outcome"], "changed")))
    changed = connection.sql(_changes(table)).to_arrow_table()
    before = connection.sql(_before(table)).to_arrow_table()
    connection.unregister("changing")
    connection.unregister("said")
    left = known.filter(pc.equal(known["outcome"], "left"))
    return Merged(_without(said, known), before, changed, _without(said, left))


def _without(rows: pa.Table, others: pa.Table) -> pa.Table:
    if not others.num_rows:
        return rows
    return rows.filter(pc.invert(pc.is_in(rows["place"], others["place"].combine_chunks())))


def _outcomes(table: Table) -> str:
    """Write the query for what becomes of the statements about what is stored: same, changed, or left."""
    keys = {column.field: column.name for column in table.columns}
    differs = [
        f'({_after(table, each, keys[each.field])}) IS DISTINCT FROM stored."{each.name}"' for each in table.columns
    ]
    return (
        f"SELECT said.place, source, id, CASE WHEN NOT {REPLACES} THEN 'left' "  # noqa: S608 - names from our own models
        f"WHEN {VERSION} IS DISTINCT FROM stored.version OR {' OR '.join(differs)} THEN 'changed' ELSE 'same' END "
        f"AS outcome FROM said JOIN {table.name} AS stored USING (source, id)"
    )


def _changes(table: Table) -> str:
    """Write the query for the changed rows as they become."""
    keys = {column.field: column.name for column in table.columns}
    after = ", ".join(f'{_after(table, each, keys[each.field])} AS "{each.name}"' for each in table.columns)
    return (
        f"SELECT source, id, {VERSION} AS version, stored.lagging, stored.extra, {after} "  # noqa: S608 - as above
        f"FROM (FROM said SEMI JOIN changing USING (place)) AS said JOIN {table.name} AS stored USING (source, id)"
    )


def _before(table: Table) -> str:
    """Write the query for the changed rows as they were."""
    return f"SELECT * FROM {table.name} SEMI JOIN changing USING (source, id)"  # noqa: S608 - as above


def _after(table: Table, column: Column, key: str) -> str:
    """A column's value after the statement: what it carries, but a late one only fills gaps."""
    new, old = f'said."{column.name}"', f'stored."{column.name}"'
    carried = f"(said.\"{key}\" IS NOT NULL OR coalesce(list_contains(said.nulls, '{column.field}'), false))"
    replaced = f"CASE WHEN {carried} THEN {new} ELSE {old} END"
    if table.type not in STATUS_FIELDS:
        return replaced
    return (
        f'CASE WHEN {_late(table)} THEN CASE WHEN stored."{key}" IS NULL THEN {new} ELSE {old} END ELSE {replaced} END'
    )


def _late(table: Table) -> str:
    """Whether the statement tells of a time before the stored, finished state."""
    field = STATUS_FIELDS[table.type]
    unfinished = ", ".join(f"'{each}'" for each in sorted(each for each in UNFINISHED if each))
    carried = f"(said.{field} IS NOT NULL OR coalesce(list_contains(said.nulls, '{field}'), false))"
    return (
        f"said.version IS NULL AND {carried} AND (said.{field} IS NULL OR said.{field} IN ({unfinished})) "
        f"AND stored.{field} NOT IN ({unfinished})"
    )
