"""APScheduler's job store over the record store, so that what is due next survives a restart."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

from tribometer.errors import StoreError
from tribometer.store.records.tables import JOBS_TABLE

if TYPE_CHECKING:
    from tribometer.store.records.database import Database

LOG = logging.getLogger(__name__)
PAUSE = timedelta(seconds=10)


class JobStore(SQLAlchemyJobStore):  # type: ignore[misc] # APScheduler ships no types
    """Stored jobs. A database that goes away for a while delays them: unlike its base, it never ends the scheduler."""

    def __init__(self, database: Database) -> None:
        super().__init__(engine=database.engine, tablename=JOBS_TABLE)
        self._database = database
        self._ended = False

    def get_due_jobs(self, now: datetime) -> list[Any]:
        """The jobs to run; the scheduler asks again later after a `StoreError`.

        A scheduler that was stopped asks once more, and would move on what it can no longer run: it finds nothing.
        """
        if self._ended:
            return []
        with self._database.translated("looking for due jobs"):
            found: list[Any] = super().get_due_jobs(now)
        return found

    def get_all_jobs(self) -> list[Any]:
        """Every stored job."""
        with self._database.translated("reading the schedule"):
            found: list[Any] = super().get_all_jobs()
        return found

    def add_job(self, job: Any) -> None:  # noqa: ANN401 - APScheduler ships no types
        """Store a new job."""
        with self._database.translated("storing the schedule"):
            super().add_job(job)

    def remove_job(self, job_id: str) -> None:
        """Forget a job."""
        with self._database.translated("storing the schedule"):
            super().remove_job(job_id)

    def get_next_run_time(self) -> datetime | None:
        """When to look again."""
        try:
            with self._database.translated("looking for the next job"):
                found: datetime | None = super().get_next_run_time()
        except StoreError as error:
            LOG.warning("%s", error)
            return datetime.now(UTC) + PAUSE
        return found

    def update_job(self, job: Any) -> None:  # noqa: ANN401 - APScheduler ships no types
        """Keep when a job is due next; where that fails, it is due again, which costs a repeat."""
        try:
            with self._database.translated("noting when a job is due"):
                super().update_job(job)
        except StoreError as error:
            LOG.warning("%s", error)

    def shutdown(self) -> None:
        """End this scheduler's use; the connections belong to the record store, which outlives it."""
        self._ended = True
