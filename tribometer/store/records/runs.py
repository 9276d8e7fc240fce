"""Job runs: what was collected and imported, when, and how it ended."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from tribometer.errors import TribometerError
from tribometer.store.records.tables import RunRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from tribometer.store.records.database import Database

RUNNING, SUCCEEDED, FAILED, INTERRUPTED = "running", "succeeded", "failed", "interrupted"


@dataclass(frozen=True)
class JobRun:
    """One run; ``ended_at`` is None while it runs, and for ever where it was killed: nobody knows when."""

    kind: str
    name: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    counts: dict[str, int]
    error: str | None


@dataclass
class Outcome:
    """What a run in progress will have been: filled in by whoever does the work."""

    counts: dict[str, int] = field(default_factory=dict)
    error: str | None = None


class Runs:
    """The job runs of the last ``kept`` days."""

    def __init__(self, database: Database, clock: Callable[[], datetime], kept: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept

    @contextmanager
    def recorded(self, kind: str, name: str) -> Iterator[Outcome]:
        """Put what happens inside on record, an error too, which goes on to the caller.

        What is no `Exception`, like Ctrl-C, interrupts the run. Raises `StoreError` when the record cannot be written.
        """
        number = self._begin(kind, name)
        outcome = Outcome()
        status = FAILED
        try:
            yield outcome
            status = FAILED if outcome.error else SUCCEEDED
        except TribometerError as error:
            outcome.error = str(error)
            raise
        except Exception as error:
            outcome.error = f"a defect of Tribometer ({type(error).__name__})"
            raise
        except BaseException:
            status = INTERRUPTED
            raise
        finally:
            self._end(number, status, outcome)

    def newest(self, kind: str | None = None, name: str | None = None, limit: int = 100) -> list[JobRun]:
        """Runs, newest first."""
        wanted = select(RunRow).order_by(RunRow.number.desc()).limit(limit)
        if kind is not None:
            wanted = wanted.where(RunRow.kind == kind)
        if name is not None:
            wanted = wanted.where(RunRow.name == name)
        with self._database.reading("reading the job runs") as session:
            return [_run(row) for row in session.scalars(wanted)]

    def newest_each(self, kind: str) -> dict[str, JobRun]:
        """The newest run of each name, e.g. of each source for the kind ``collection``."""
        newest = select(func.max(RunRow.number)).where(RunRow.kind == kind).group_by(RunRow.name)
        with self._database.reading("reading the job runs") as session:
            rows = session.scalars(select(RunRow).where(RunRow.number.in_(newest)).order_by(RunRow.name))
            return {row.name: _run(row) for row in rows}

    def interrupt_left(self) -> int:
        """Mark what a killed process left running; only for who holds the data folder. Returns how many."""
        left = update(RunRow).where(RunRow.status == RUNNING).values(status=INTERRUPTED).returning(RunRow.number)
        with self._database.writing("looking for interrupted runs") as session:
            return len(session.scalars(left).all())

    def _begin(self, kind: str, name: str) -> int:
        """Each run makes room for itself: a service may never restart."""
        now = self._clock()
        row = RunRow(kind=kind, name=name, started_at=now, status=RUNNING, counts={})
        with self._database.writing("recording a run") as session:
            session.execute(delete(RunRow).where(RunRow.started_at < now - self._kept, RunRow.status != RUNNING))
            session.add(row)
        return row.number

    def _end(self, number: int, status: str, outcome: Outcome) -> None:
        ended = {"ended_at": self._clock(), "status": status, "counts": outcome.counts, "error": outcome.error}
        with self._database.writing("recording the end of a run") as session:
            session.execute(update(RunRow).where(RunRow.number == number).values(ended))


def _run(row: RunRow) -> JobRun:
    return JobRun(
        kind=row.kind,
        name=row.name,
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        counts=row.counts,
        error=row.error,
    )
