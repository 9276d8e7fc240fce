"""The record store as a whole: one database, a repository per kind of record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from tribometer.clock import now_utc
from tribometer.store.records.audit import Audit
from tribometer.store.records.database import Database
from tribometer.store.records.interventions import Interventions
from tribometer.store.records.location import Location
from tribometer.store.records.runs import Runs
from tribometer.store.records.schema import migrate, stored_revision
from tribometer.store.records.surveys import Surveys
from tribometer.store.records.tables import JOBS_TABLE
from tribometer.store.records.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tribometer.store.records.jobs import JobStore

KEPT_DAYS = 90.0
PLANNED = text(f"SELECT id, next_run_time FROM {JOBS_TABLE}")  # noqa: S608 - our own name


class RecordStore:
    """What people edit and own. Make one with `open`; it may be used from several threads.

    ``tokens``, ``runs``, ``audit``, ``interventions`` and ``surveys`` raise `StoreError` when the store cannot be used:
    `StoreUnavailable` where its server may answer later.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], kept: timedelta) -> None:
        self.database = database
        self.tokens = Tokens(database, clock)
        self.runs = Runs(database, clock, kept)
        self.audit = Audit(database, clock)
        self.interventions = Interventions(database, clock)
        self.surveys = Surveys(database, clock)

    @classmethod
    def open(
        cls,
        folder: Path,
        url: str | None = None,
        *,
        clock: Callable[[], datetime] = now_utc,
        kept: timedelta = timedelta(days=KEPT_DAYS),
    ) -> RecordStore:
        """Open the store at this version's schema: a URL, or ``records.sqlite`` in the data folder.

        ``kept``: how long job runs stay. Raises `ConfigurationError` for a URL that is none, `StoreUnavailable` when
        its server does not answer, `StoreError` when the store is damaged or newer than this version.
        """
        location = Location.of(folder, url)
        location.make_file()
        database = Database(location)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database, clock, kept)

    def job_store(self) -> JobStore:
        """A place for the scheduler's jobs."""
        from tribometer.store.records.jobs import JobStore  # noqa: PLC0415 - only the service loads APScheduler

        return JobStore(self.database)

    def planned(self) -> dict[str, datetime]:
        """When each scheduled job is due next, as it was stored: in the past, it is due as soon as a service runs."""
        with self.database.reading("reading the schedule") as session:
            return {name: datetime.fromtimestamp(at, UTC) for name, at in session.execute(PLANNED) if at is not None}

    def revision(self) -> str | None:
        """The number of the store's schema; `StoreError` when it does not answer."""
        with self.database.reading("looking at the records") as session:
            return stored_revision(session.connection())

    def close(self) -> None:
        """Give the database back."""
        self.database.close()
