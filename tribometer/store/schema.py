"""Numbered migrations: each runs once, in one transaction with its record in ``schema_migrations``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from tribometer.errors import StoreError
from tribometer.store.connection import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import duckdb

RECORDS = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
)
"""


@dataclass(frozen=True)
class Migration:
    """One step of the schema; numbers start at 1 and have no gaps."""

    number: int
    name: str
    sql: str


def shipped_migrations() -> tuple[Migration, ...]:
    """The migrations that come with this version, in order."""
    folder = files("tribometer.store") / "migrations"
    scripts = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return tuple(
        Migration(int(script.name.split("_")[0]), script.name, script.read_text("utf-8")) for script in scripts
    )


def migrate(
    connection: duckdb.DuckDBPyConnection,
    clock: Callable[[], datetime],
    migrations: Sequence[Migration] | None = None,
) -> bool:
    """Bring the store to this version's schema; raises `StoreError` when it is newer already.

    Tells whether it was new, without any row: all its migrations are one transaction then.
    """
    known = shipped_migrations() if migrations is None else migrations
    connection.execute(RECORDS)
    row = connection.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()
    done = row[0] if row else 0
    if done > len(known):
        raise StoreError(
            f"the store has schema {done}, this Tribometer knows up to {len(known)}. "
            "Use the newer version again, or restore a backup made with this one.",
        )
    if done == 0:
        with transaction(connection):
            for migration in known:
                _apply(connection, migration, clock())
        return True
    for migration in known[done:]:
        with transaction(connection):
            _apply(connection, migration, clock())
    return False


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration, at: datetime) -> None:
    connection.execute(migration.sql)
    connection.execute(
        "INSERT INTO schema_migrations VALUES (?, ?, ?)", [migration.number, migration.name, at.replace(tzinfo=None)]
    )
