"""The event store: one DuckDB file, one writer, a cursor per reader."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from tribometer.clock import now_utc
from tribometer.settings import Rules
from tribometer.store import (
    bulk_landing,
    closed,
    demonstration,
    environments,
    identities,
    meta,
    rejects,
    shipped,
    stale,
    suggestions,
)
from tribometer.store.answers import Answers
from tribometer.store.connection import transaction, translated
from tribometer.store.export import export
from tribometer.store.held_file import HeldFile
from tribometer.store.landing import Batch, Landed, land
from tribometer.store.reader import Reader
from tribometer.store.sources import SourceStates
from tribometer.store.stamps import NotingReader

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from tribometer.events import Event
    from tribometer.privacy import Pseudonyms
    from tribometer.store.bulk_landing import ColumnsLanded
    from tribometer.store.bulk_screen import ColumnBatch
    from tribometer.store.export import ExportSummary
    from tribometer.store.rejects import Rejected, RejectedEvent
    from tribometer.store.sources import Allowance

KEEPING_PATIENCE = 5.0
"""Seconds to wait for the writer with a table that is ready to be kept."""


class EventStore:
    """Everything collected. Make one with `open`; it may be used from several threads.

    Methods that write wait for each other; they raise `StoreError` when the store cannot be used.
    """

    def __init__(
        self,
        file: HeldFile,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        self._file = file
        self._exporting = Lock()
        self._keeping = Lock()
        self._generating = False
        self._rules = rules
        self._clock = clock
        self.sources = SourceStates(file, clock, self._refuse_demo)
        """Where the sources stand."""
        self.answers = Answers(file, clock)
        """Survey answers, which no reader comes by."""

    @classmethod
    def open(
        cls,
        folder: Path,
        rules: Rules | None = None,
        *,
        clock: Callable[[], datetime] = now_utc,
        memory: str | None = None,
    ) -> EventStore:
        """Open the store of a data folder, made if there is none, at this version's schema and derived to date.

        Its queries hold as much as ``memory`` says, like ``2GB``, before they spill; None: a share of the machine's.

        Raises `StoreBusy` when another process holds it, `StoreError` when it is damaged, newer than this version,
        or written with another pseudonym key.
        """
        rules = rules or Rules()
        file = HeldFile(folder, clock, rules, memory)
        try:
            store = cls(file, rules, clock)
            store._catch_up()
        except BaseException:
            file.close()
            raise
        return store

    @property
    def memory(self) -> str:
        """How much its queries may hold in memory before they spill to disk, like ``2GB``."""
        return self._file.memory

    @property
    def pseudonyms(self) -> Pseudonyms:
        """What people are called in this store."""
        return self._file.pseudonyms

    def land(  # noqa: PLR0913 - one page, and who brings it
        self,
        events: Sequence[Event],
        *,
        source: str | None = None,
        kind: str = "import",
        cursor: Mapping[str, Any] | None = None,
        rejected: Sequence[Rejected] = (),
        etags: Mapping[str, str] | None = None,
        allowance: Allowance | None = None,
        restated: Collection[str] = (),
    ) -> Landed:
        """Land a page in one transaction: rows, what follows from them, the cursor behind it, its rejections.

        ``source`` is who was collected, None where events of many sources come together; a cursor belongs to one.
        A collection in pages ends with `sources.succeeded`.
        ``etags`` are validators of what the page was made from, ``allowance`` what the source still allows.
        Of the origins ``restated``, what is not rejected again is no longer kept among the rejections.
        Derived tables are brought up to date by `refresh`, once after the last page.
        """
        if cursor is not None and source is None:
            raise ValueError("a cursor without the source it belongs to")
        batch = Batch(events, rejected, source, kind, cursor, etags or {}, allowance, restated)
        with self._landing("landing events") as connection:
            return land(connection, batch, self.pseudonyms, self._clock())

    def land_columns(self, batch: ColumnBatch) -> ColumnsLanded:
        """Land the rows of a file that are plainly events, in one transaction; the rest is for `land`."""
        with self._landing("landing a file's rows") as connection:
            return bulk_landing.land_columns(connection, batch, self.pseudonyms, self._clock())

    @property
    def demo(self) -> str | None:
        """What its generated organisation was made for; None where the data is real."""
        with self._file.reading() as connection:
            return demonstration.mark(connection)

    @contextmanager
    def generating(self, made_for: str) -> Iterator[None]:
        """Let a generated organisation land; `UsageError` where there is real data. Whole, it is marked as such."""
        with self._file.writing("beginning a demo") as connection:
            demonstration.begin(connection)
        self._generating = True
        try:
            yield
        finally:
            self._generating = False
        with self._file.writing("ending a demo") as connection:
            demonstration.finish(connection, made_for)

    def rejected(self, limit: int | None = None, numbers: Sequence[int] | None = None) -> list[RejectedEvent]:
        """Events that could not land, newest first."""
        with self._file.reading() as connection:
            return rejects.kept(connection, limit, numbers)

    def forget_rejected(self, numbers: Sequence[int]) -> None:
        """Drop rejections: they landed after all, or never will."""
        with self._file.writing("dropping rejections") as connection:
            rejects.forget(connection, numbers)

    def refresh(self) -> None:
        """Derive what landings have made stale: who is who, and what deployments shipped, a few services at a time."""
        with self._file.lock, translated("deriving who is who and what deployments shipped"):
            identities.refresh(self._file.writer)
            shipped.refresh(self._file.writer, environments.in_force(self._file.writer, self._rules))

    def environment_tiers(self) -> dict[str, str]:
        """The tier that was given to each environment by `map_environment`; patterns of the settings go first."""
        with self._file.reading() as connection:
            return environments.mapped(connection)

    def map_environment(self, environment: str, tier: str | None) -> None:
        """Give an environment that no pattern fits a tier, or take it away again (None); `refresh` derives anew."""
        with self._file.writing("mapping an environment") as connection:
            environments.give(connection, environment, tier)
            rules = environments.in_force(connection, self._rules)
            meta.exchange(connection, "derivation rules", meta.derivation_text(rules))

    def keep_apart(self, one: str, other: str) -> None:
        """Never again suggest that two pseudonyms are one person."""
        with self._landing("keeping people apart") as connection:
            suggestions.keep_apart(connection, one, other)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Give a reader for one use."""
        with self._file.reading() as connection:
            yield Reader(connection)

    def keep_tables(
        self, make: Callable[[NotingReader], Sequence[closed.ClosedTable]], patience: float = KEEPING_PATIENCE
    ) -> bool:
        """Keep the tables that ``make`` finds due in the store as it is when it begins; landings go on meanwhile.

        Tells whether that was done: when others write for longer than ``patience`` seconds, it is given up.
        """
        with self._keeping, self._file.reading() as connection, ExitStack() as held, transaction(connection):
            due = make(NotingReader(connection))
            if not due:
                return True
            if not self._file.lock.acquire(timeout=patience):
                return False
            # let go of behind the commit: a copy of the file has to find nobody writing
            held.callback(self._file.lock.release)
            for table in due:
                closed.write_table(connection, table)
            return True

    def keep_results(self, results: Sequence[closed.ClosedResult]) -> None:
        """Keep results of closed periods, unless somebody writes just now: whoever reads them next tries again."""
        if not results or not self._file.lock.acquire(timeout=0):
            return
        try:
            with translated("keeping results"), transaction(self._file.writer):
                closed.write_results(self._file.writer, results)
        finally:
            self._file.lock.release()

    def drop_kept(self, seals: str, tables: Collection[str]) -> None:
        """Drop what can no longer be read: these tables, and results whose seal does not begin with ``seals``."""
        with self._keeping, self._file.writing("dropping what is outdated") as connection:
            closed.drop(connection, seals, tables)

    def snapshot(self, path: Path, meanwhile: Callable[[], object] | None = None) -> None:
        """Copy the store's file as it is now, everything that has landed included.

        Nothing lands while that goes on, nor while ``meanwhile`` copies what belongs to the same moment.
        """
        self._file.snapshot(path, meanwhile)

    def replace(self, folder: Path) -> None:
        """Put the store and the key of another folder, which nobody has open, in place of this one's.

        Readers and writers wait; those at work come to their end first.
        """
        self._file.replace(folder)
        self._catch_up()

    def export(self, folder: Path, progress: Callable[[int, int], None] | None = None) -> ExportSummary:
        """Bring a folder of Parquet files up to the store as it is now; see `tribometer.store.export`.

        ``progress`` is told tables done and tables in all. Two exports at once wait for each other.
        """
        with self._exporting, self._file.reading() as connection, transaction(connection):
            return export(connection, folder, progress)

    def close(self) -> None:
        """Let go of the file; other processes may open it then."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _catch_up(self) -> None:
        """Derive what a crash or a change of the rules has left behind."""
        with self._file.writing("checking the rules") as connection:
            rules = environments.in_force(connection, self._rules)
            if meta.exchange(connection, "derivation rules", meta.derivation_text(rules)):
                stale.mark_all(connection)
        self.refresh()

    @contextmanager
    def _landing(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._file.writing(what) as connection:
            self._refuse_demo(connection)
            yield connection

    def _refuse_demo(self, connection: duckdb.DuckDBPyConnection) -> None:
        if not self._generating:
            demonstration.refuse(connection)
