"""Rows that follow from an event's lists, so that no query has to take a list apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.store.columns import key_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import duckdb

    from tribometer.store.columns import Key
    from tribometer.store.merge import Row

CHANGE_COMMIT = pa.schema([(name, pa.string()) for name in ("change_source", "change_id", "repository", "sha", "role")])
PERSON_HANDLE = pa.schema([(name, pa.string()) for name in ("handle", "person", "source")])
OUTDATED = {
    "change": """DELETE FROM change_commits WHERE (change_source, change_id) IN (SELECT (source, id) FROM outdated)""",
    "person": """DELETE FROM person_handles WHERE (source, person) IN (SELECT (source, id) FROM outdated)""",
}
CHILDREN = {
    "change": "INSERT INTO change_commits BY NAME SELECT * FROM children",
    "person": "INSERT INTO person_handles BY NAME SELECT * FROM children",
}


def replace_children(
    connection: duckdb.DuckDBPyConnection, event_type: str, new: Mapping[Key, Row], changed: Mapping[Key, Row]
) -> None:
    """Bring the child tables up to the new and changed rows of a type, within the caller's transaction."""
    if event_type not in CHILDREN:
        return
    if changed:
        connection.register("outdated", key_table(changed))
        connection.execute(OUTDATED[event_type])
        connection.unregister("outdated")
    rows = (*new.items(), *changed.items())
    table = _change_commits(rows) if event_type == "change" else _person_handles(rows)
    if table.num_rows:
        connection.register("children", table)
        connection.execute(CHILDREN[event_type])
        connection.unregister("children")


def _change_commits(rows: Iterable[tuple[Key, Row]]) -> pa.Table:
    lines = [
        (source, identity, row.cells["repository"], sha, role)
        for (source, identity), row in rows
        for sha, role in _shas(row)
    ]
    return _table(lines, CHANGE_COMMIT)


def _shas(row: Row) -> Iterator[tuple[str, str]]:
    yield from ((sha, "commit") for sha in dict.fromkeys(row.cells["commits"] or ()))
    if row.cells["merge_sha"] is not None:
        yield row.cells["merge_sha"], "merge"


def _person_handles(rows: Iterable[tuple[Key, Row]]) -> pa.Table:
    lines = [
        (handle, identity, source)
        for (source, identity), row in rows
        for handle in dict.fromkeys(row.cells["handles"] or ())
    ]
    return _table(lines, PERSON_HANDLE)


def _table(lines: Sequence[tuple[str, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*lines, strict=True) if lines else ([] for _ in schema)
    arrays = [pa.array(values, pa.string()) for values in columns]
    return pa.Table.from_arrays(arrays, schema=schema)
