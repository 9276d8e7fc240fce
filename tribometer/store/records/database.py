"""SQLAlchemy's engine, its transactions, and its errors in our words: all three happen here only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from tribometer.errors import ConfigurationError, StoreBusy, StoreError, StoreUnavailable, UsageError
from tribometer.store.records.location import KEY, POSTGRESQL, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

PATIENCE = 5
"""Seconds to wait for a lock of SQLite, or for a server to take a connection."""
# WAL lets readers go on beside the writer; FULL keeps an audit entry through a power cut
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # who was asked where, and what led to their answers, is dropped: from the file too
    f"busy_timeout = {PATIENCE * 1000}",
)
BEGIN = "sqlite_begin"
MIGRATION_LOCK = 0x7472_6962  # "trib": one number for every Tribometer, held until the transaction ends
NOT_ALLOWED = "42501"
DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
HELD = {"SQLITE_BUSY", "SQLITE_LOCKED"}
DEFECTS = {"SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_MISUSE", "SQLITE_RANGE"}


class Database:
    """One record database. It may be used from several threads; every use is a transaction of its own."""

    def __init__(self, location: Location) -> None:
        """Prepare it; nothing is connected yet. `ConfigurationError` when the driver of PostgreSQL is missing."""
        self.location = location
        self.engine = _engine(location)
        self._writer = self.engine.execution_options(**{BEGIN: "IMMEDIATE"})

    @contextmanager
    def reading(self, what: str) -> Iterator[Session]:
        """A session whose rows stay readable after it; raises `StoreError` worded with ``what`` is being done."""
        with self.translated(what), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, what: str, taken: str | None = None) -> Iterator[Session]:
        """A session that commits at its end; ``taken`` words the `UsageError` for what may be there only once."""
        with self.translated(what, taken), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def alone(self, what: str) -> Iterator[Connection]:
        """A transaction that waits until no other process is in such a one."""
        with self.translated(what), self._writer.begin() as connection:
            if connection.dialect.name == POSTGRESQL:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
            yield connection

    @contextmanager
    def translated(self, what: str, taken: str | None = None) -> Iterator[None]:
        """Turn an error of SQLAlchemy or its drivers into a `StoreError` that says what to do."""
        try:
            yield
        except IntegrityError as error:
            raise UsageError(taken) if taken else self._defect(what, error) from error
        except DBAPIError as error:
            raise self._worded(what, error) from error
        except SQLAlchemyError as error:
            raise self._defect(what, error) from error

    def close(self) -> None:
        """Give back every connection; what is still running in a thread gets a new one of its own."""
        self.engine.dispose()

    def _worded(self, what: str, error: DBAPIError) -> StoreError:
        problem = self.location.without_secret(_first_line(error))
        if self.location.file is None:
            return self._server_error(what, error, problem)
        code = getattr(error.orig, "sqlite_errorname", "SQLITE_ERROR")
        family = "_".join(code.split("_")[:2])
        if family in HELD:
            return StoreBusy(self.location.file, None)
        if family in DAMAGED:
            return StoreError(
                f"{self.location} is damaged or no record store ({problem}). "
                "Move it away and restore the latest backup with: tribometer restore FILE",
            )
        if family in DEFECTS:
            return self._defect(what, error)
        return StoreError(f"{what}: {self.location}: {problem}. Check the folder's rights and free space.")

    def _server_error(self, what: str, error: DBAPIError, problem: str) -> StoreError:
        state = getattr(error.orig, "sqlstate", None)
        if state == NOT_ALLOWED:
            return StoreError(
                f"{what}: {self.location}: {problem}. Let its user own the database, "
                "or: GRANT CREATE, USAGE ON SCHEMA public TO that user.",
            )
        if type(error).__name__ == "OperationalError" or error.connection_invalidated:
            return StoreUnavailable(
                f"{what}: the record store {self.location} does not answer ({problem}). "
                f"Start that server, or correct {KEY} and its secret.",
            )
        return self._defect(what, error)

    def _defect(self, what: str, error: SQLAlchemyError) -> StoreError:
        problem = self.location.without_secret(_first_line(error))
        return StoreError(f"{what}: {self.location}: {problem}. This is a defect of Tribometer: report it.")


def _engine(location: Location) -> Engine:
    if location.file is None:
        connecting: dict[str, Any] = {"connect_timeout": PATIENCE, "application_name": "tribometer"}
        try:
            return create_engine(location.url, connect_args=connecting, pool_pre_ping=True, hide_parameters=True)
        except ImportError:
            fix = "Install it with: pip install 'psycopg[binary]'"
            raise ConfigurationError(KEY, "configuration", "the driver of PostgreSQL is not installed", fix) from None
    engine = create_engine(location.url, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's connection, as SQLAlchemy wraps it
    """Have SQLite keep what is asked of it; transactions begin by our word, as its driver begins them too late."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once where something will be written: taking it later fails beside another writer."""
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without SQLAlchemy's own additions: the statement, a link."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0].rstrip(".") if said else type(error).__name__
