"""All records of one database into another, whichever of the two databases each of them is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, text

from tribometer.store.records.location import POSTGRESQL
from tribometer.store.records.tables import Base, InterventionRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table

    from tribometer.store.records.database import Database

CHUNK = 1_000


def copy_records(source: Database, target: Database) -> int:
    """Put the records of ``source`` in place of those of ``target``, both at this version's schema; count them.

    One transaction on either side. The scheduler's jobs are left out: the service makes them at its start.
    """
    copied = 0
    with (
        source.reading("reading the records") as session,
        target.alone("writing the records") as connection,
        _unguarded(connection),
    ):
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            for rows in session.execute(select(table)).mappings().partitions(CHUNK):
                connection.execute(insert(table), [dict(row) for row in rows])
                copied += len(rows)
            _count_on(connection, table)
    return copied


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """Lift the triggers that refuse to change what is only ever added to; they stand again in the same transaction."""
    if connection.dialect.name == POSTGRESQL:
        switch = f"ALTER TABLE {InterventionRow.__tablename__} {{}} TRIGGER USER"
        connection.execute(text(switch.format("DISABLE")))
        yield
        connection.execute(text(switch.format("ENABLE")))
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after those that brought their number."""
    if connection.dialect.name != POSTGRESQL or "number" not in table.columns:
        return
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'number'), "  # noqa: S608 - tables of our own
            f"coalesce((SELECT max(number) FROM {table.name}), 0) + 1, false)"
        )
    )
