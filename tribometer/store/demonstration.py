"""Whether a store holds a generated organisation: nothing real lands among it, and it never lands among real data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.errors import UsageError
from tribometer.store import meta
from tribometer.store.connection import FILE_NAME
from tribometer.store.store_files import LOG_NAME

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

NAME = "demonstration"
UNFINISHED = "unfinished"
HEARD = "SELECT count(*) FROM source_states"


def mark(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What the generated organisation was made for; `UNFINISHED` while that goes on, None for a real store."""
    return meta.value(connection, NAME)


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark an empty store as one to generate into; raise `UsageError` where events of somebody are."""
    [(heard,)] = connection.execute(HEARD).fetchall()
    if heard and mark(connection) is None:
        raise UsageError(
            "This data folder holds real data; a demo organisation is never mixed with it. "
            "Name another folder with --data."
        )
    meta.exchange(connection, NAME, UNFINISHED)


def finish(connection: duckdb.DuckDBPyConnection, made_for: str) -> None:
    """Say that everything has been generated."""
    meta.exchange(connection, NAME, made_for)


def refuse(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise `UsageError` where events of the real world would land in a demo."""
    if mark(connection) is not None:
        raise UsageError(
            "This data folder holds the demo organisation, which takes no real data. "
            "Name another folder with --data or TRIBOMETER_DATA; the default is ./.tribometer."
        )


def drop(folder: Path) -> None:
    """Remove the store of a demo that nobody has open, so that it can be made again; the folder's key stays."""
    for name in (FILE_NAME, LOG_NAME):
        (folder / name).unlink(missing_ok=True)
