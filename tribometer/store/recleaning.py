"""What stands in a store is cleaned once more when the rules of cleaning have become stricter.

Only what people wrote, addresses, names of branches and rejected lines: names and keys stay as other rows know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tribometer.privacy import people_in
from tribometer.store import meta, stamps
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    import duckdb

    from tribometer.privacy import Pseudonyms
    from tribometer.store.tables import Table

NAME = "cleaning"
RULES = "free text, addresses and branches"
"""By which rules a store was cleaned; another text than the stored one has every row looked at again."""


def reclean(connection: duckdb.DuckDBPyConnection, pseudonyms: Pseudonyms) -> None:
    """Clean what was stored by older rules, within the caller's transaction; nothing to do is found out at once."""
    if not meta.exchange(connection, NAME, RULES):
        return
    for table in TABLES.values():
        people = people_in(table.type)
        for name in (*people.written, *people.addresses, *people.branches):
            if _reclean_column(connection, table, name, pseudonyms):
                stamps.written(connection, table.name)
    for number, content in connection.execute("SELECT number, content FROM rejected_events").fetchall():
        if (redacted := pseudonyms.redact(content)) != content:
            connection.execute("UPDATE rejected_events SET content = ? WHERE number = ?", [redacted, number])


def _reclean_column(connection: duckdb.DuckDBPyConnection, table: Table, name: str, pseudonyms: Pseudonyms) -> bool:
    """Write the texts of a column that become others; tell whether there were any."""
    stored = connection.execute(
        f"SELECT DISTINCT source, {name} FROM {table.name} WHERE {name} IS NOT NULL"  # noqa: S608 - our own names
    ).fetchall()
    cleaned = (pseudonyms.key_object(table.type, {"source": source, name: text})[name] for source, text in stored)
    changed = [(*each, now) for each, now in zip(stored, cleaned, strict=True) if now != each[1]]
    if not changed:
        return False
    columns = dict(zip(("source", "before", "now"), zip(*changed, strict=True), strict=True))
    connection.register("recleaned", pa.table({key: pa.array(each, pa.string()) for key, each in columns.items()}))
    connection.execute(
        f"UPDATE {table.name} SET {name} = recleaned.now FROM recleaned "  # noqa: S608 - as above
        f"WHERE {table.name}.source = recleaned.source AND {table.name}.{name} = recleaned.before"
    )
    connection.unregister("recleaned")
    return True
