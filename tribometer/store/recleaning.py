"""What stands in a store is cleaned once more when the rules of cleaning have become stricter.

Only what people wrote or read, addresses, names of branches and rejected lines: keys stay as other rows know them.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tribometer.privacy import people_in
from tribometer.store import meta, stamps
from tribometer.store.columns import json_text
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from tribometer.privacy import Pseudonyms
    from tribometer.store.tables import Table

    Cleaned = Callable[[str, Any], Any]

NAME = "cleaning"
RULES = "free text, addresses, branches and titles"
"""By which rules a store was cleaned; another text than the stored one has every row looked at again."""


def reclean(connection: duckdb.DuckDBPyConnection, pseudonyms: Pseudonyms, *, is_empty: bool = False) -> None:
    """Clean what was stored by older rules, within the caller's transaction; nothing to do is found out at once."""
    if not meta.exchange(connection, NAME, RULES) or is_empty:
        return
    for table in TABLES.values():
        for name, cleaned in _ways(table, pseudonyms).items():
            if _reclean_column(connection, table.name, name, cleaned):
                stamps.written(connection, table.name)
    for number, content in connection.execute("SELECT number, content FROM rejected_events").fetchall():
        if (redacted := pseudonyms.redact(content)) != content:
            connection.execute("UPDATE rejected_events SET content = ? WHERE number = ?", [redacted, number])


def _ways(table: Table, pseudonyms: Pseudonyms) -> dict[str, Cleaned]:
    """How a value of a source is cleaned, by column."""
    people = people_in(table.type)
    fields = {*people.written, *people.addresses, *people.branches, *people.titles}
    ways: dict[str, Cleaned] = {
        column.name: partial(_field, pseudonyms, table.type, column.field)
        for column in table.columns
        if column.field in fields
    }
    in_json = {column.name: column.field for column in table.columns if column.field == "trailers"} | {"extra": "extra"}
    return ways | {name: partial(_json, pseudonyms, table.type, field) for name, field in in_json.items()}


def _field(pseudonyms: Pseudonyms, event_type: str, field: str, source: str, value: Any) -> Any:  # noqa: ANN401 - text or a list
    return pseudonyms.key_object(event_type, {"source": source, field: value})[field]


def _json(pseudonyms: Pseudonyms, event_type: str, field: str, source: str, text: str) -> str:
    value = json.loads(text)
    cleaned = _field(pseudonyms, event_type, field, source, value)
    return text if cleaned == value else json_text(cleaned)


def _reclean_column(connection: duckdb.DuckDBPyConnection, table: str, name: str, cleaned: Cleaned) -> bool:
    """Write the values of a column that become others; tell whether there were any."""
    stored = connection.execute(
        f"SELECT DISTINCT source, {name} FROM {table} WHERE {name} IS NOT NULL"  # noqa: S608 - our own names
    ).fetchall()
    changed = [(*each, now) for each in stored if (now := cleaned(*each)) != each[1]]
    if not changed:
        return False
    columns = dict(zip(("source", "before", "now"), zip(*changed, strict=True), strict=True))
    connection.register("recleaned", pa.table({key: pa.array(each) for key, each in columns.items()}))
    connection.execute(
        f"UPDATE {table} SET {name} = recleaned.now FROM recleaned "  # noqa: S608 - as above
        f"WHERE {table}.source = recleaned.source AND {table}.{name} = recleaned.before"
    )
    connection.unregister("recleaned")
    return True
