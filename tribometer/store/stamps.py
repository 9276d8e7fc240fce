"""How often each table was written to: what was computed from tables stands while their stamps are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tribometer.store.reader import Reader
from tribometer.store.tables import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import pyarrow as pa

DERIVED = "production_deployments"
IDENTITIES = "identities"
STAMPED_WITH = {
    "change_commits": TABLE_NAMES["change"],
    "person_handles": TABLE_NAMES["person"],
    "production_deployment_steps": DERIVED,
    "shipped_commits": DERIVED,
    "missing_commits": DERIVED,
}
"""Tables that are only written together with another."""
UNSTAMPED = frozenset(
    {"source_states", "etags", "stale_services", "stale_handles", "likenesses", "kept_apart", "rejected_events",
     "store_meta"},
)  # fmt: skip
"""Tables that change with every collection: nothing can be kept that was computed from them."""
TABLES = {**{name: name for name in (*TABLE_NAMES.values(), DERIVED, IDENTITIES)}, **STAMPED_WITH}
WORD = re.compile(r"\w+")
SCHEMA = "schema"
"""The stamp that a migration raises: it may change what any table holds."""
STAMPS = """
SELECT name, stamp FROM closed.stamps UNION ALL SELECT $schema AS name, max(number) AS stamp FROM schema_migrations
"""
RAISE = """
INSERT INTO closed.stamps VALUES ($name, 1) ON CONFLICT (name) DO UPDATE SET stamp = stamps.stamp + 1
"""


class NotingReader(Reader):
    """A reader that notes in ``statements`` what it was asked."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        super().__init__(cursor)
        self.statements: list[str] = []

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """As `Reader.rows`."""
        self.statements.append(sql)
        return super().rows(sql, **parameters)

    def table(self, sql: str, **parameters: object) -> pa.Table:
        """As `Reader.table`."""
        self.statements.append(sql)
        return super().table(sql, **parameters)

    def materialise(self, name: str, sql: str) -> None:
        """As `Reader.materialise`."""
        self.statements.append(sql)
        super().materialise(name, sql)


def written(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Note in the caller's transaction that a table is written to."""
    connection.execute(RAISE, {"name": TABLES[table]})


def stamped_tables(statements: Iterable[str]) -> frozenset[str] | None:
    """The stamps that tell whether statements would answer the same; None where no stamp could tell.

    A table counts as read where its name stands anywhere in a text: rather one too many than one too few.
    """
    words = {word for text in statements for word in WORD.findall(text)}
    return None if words & UNSTAMPED else frozenset({SCHEMA, *(TABLES[word] for word in words & TABLES.keys())})


def stamps(reader: Reader) -> dict[str, int]:
    """The stamp of every table that was ever written to, and the schema's."""
    return dict(reader.rows(STAMPS, schema=SCHEMA))
