"""Migrations: numbered, forward only, run when the store is opened by whoever comes first."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from tribometer.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tribometer.store.records.database import Database

REVISION = "0003"
"""The newest migration; a store that says the same is not looked at any further, and Alembic not imported."""
VERSION_TABLE = "records_revision"
FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Bring the store to this version's schema; raises `StoreError` when it is newer already."""
    with database.reading("opening the records") as session:
        if stored_revision(session.connection()) == REVISION:
            return
    with database.alone("preparing the records") as connection:
        found = stored_revision(connection)
        if found is not None and int(found) > int(REVISION):
            raise StoreError(
                f"the record store {database.location} has schema {found}, this Tribometer knows up to {REVISION}. "
                "Use the newer version again, or restore a backup made with this one.",
            )
        if found != REVISION:
            _upgrade(connection)


def stored_revision(connection: Connection) -> str | None:
    """The revision the store is at; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - our own name
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that only a new schema costs
    from alembic.config import Config  # noqa: PLC0415

    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # it lists itself at every start
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")
