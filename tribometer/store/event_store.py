"""The event store: one DuckDB file, one writer, a cursor per reader."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from tribometer.clock import now_utc
from tribometer.errors import StoreError
from tribometer.privacy import KEY_FILE, Pseudonyms
from tribometer.settings import Rules
from tribometer.store import bulk_landing, closed, demonstration, environments, meta, rejects, shipped, sources, stale
from tribometer.store.connection import FILE_NAME, connect, settle, transaction, translated
from tribometer.store.export import export
from tribometer.store.gate import Gate
from tribometer.store.landing import Batch, Landed, land
from tribometer.store.reader import Reader
from tribometer.store.schema import migrate
from tribometer.store.stamps import NotingReader
from tribometer.store.store_files import copy_store, put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from tribometer.events import Event
    from tribometer.store.bulk_landing import ColumnsLanded
    from tribometer.store.bulk_screen import ColumnBatch
    from tribometer.store.export import ExportSummary
    from tribometer.store.rejects import Rejected, RejectedEvent

KEEPING_PATIENCE = 5.0
"""Seconds to wait for the writer with a table that is ready to be kept."""


class EventStore:
    """Everything collected. Make one with `open`; it may be used from several threads.

    Methods that write wait for each other; they raise `StoreError` when the store cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        root: duckdb.DuckDBPyConnection,
        pseudonyms: Pseudonyms,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._root = root
        self._writer = root.cursor()
        self._lock = Lock()
        self._exporting = Lock()
        self._keeping = Lock()
        self._gate = Gate()
        self._generating = False
        self._rules = rules
        self._clock = clock
        self.pseudonyms = pseudonyms

    @classmethod
    def open(cls, folder: Path, rules: Rules | None = None, *, clock: Callable[[], datetime] = now_utc) -> EventStore:
        """Open the store of a data folder, made if there is none, at this version's schema and derived to date.

        Raises `StoreBusy` when another process holds it, `StoreError` when it is damaged, newer than this version,
        or written with another pseudonym key.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {folder} cannot be made: {error.strerror}. Choose another with TRIBOMETER_DATA.",
            ) from error
        root, pseudonyms = _opened(folder, clock)
        try:
            store = cls(folder, root, pseudonyms, rules or Rules(), clock)
            store._catch_up()
        except BaseException:
            root.close()
            raise
        return store

    def land(  # noqa: PLR0913 - one page, and who brings it
        self,
        events: Sequence[Event],
        *,
        source: str | None = None,
        kind: str = "import",
        cursor: Mapping[str, Any] | None = None,
        reads: Collection[str] = (),
        rejected: Sequence[Rejected] = (),
    ) -> Landed:
        """Land a page in one transaction: rows, what follows from them, the cursor behind it, its rejections.

        ``source`` is who was collected, None where events of many sources come together; a cursor belongs to one.
        ``reads`` are the event types that source can tell about. A collection in pages ends with `source_succeeded`.
        Derived tables are brought up to date by `refresh`, once after the last page.
        """
        if cursor is not None and source is None:
            raise ValueError("a cursor without the source it belongs to")
        batch = Batch(events, rejected, source, kind, cursor, reads)
        with self._landing("landing events") as connection:
            return land(connection, batch, self.pseudonyms, self._clock())

    def land_columns(self, batch: ColumnBatch) -> ColumnsLanded:
        """Land the rows of a file that are plainly events, in one transaction; the rest is for `land`."""
        with self._landing("landing a file's rows") as connection:
            return bulk_landing.land_columns(connection, batch, self.pseudonyms, self._clock())

    @property
    def demo(self) -> str | None:
        """What its generated organisation was made for; None where the data is real."""
        with self._reading() as connection:
            return demonstration.mark(connection)

    @contextmanager
    def generating(self, made_for: str) -> Iterator[None]:
        """Let a generated organisation land; `UsageError` where there is real data. Whole, it is marked as such."""
        with self._writing("beginning a demo") as connection:
            demonstration.begin(connection)
        self._generating = True
        try:
            yield
        finally:
            self._generating = False
        with self._writing("ending a demo") as connection:
            demonstration.finish(connection, made_for)

    def cursor(self, source: str) -> Mapping[str, Any] | None:
        """Where the next collection of a source starts; None: from the beginning."""
        with self._reading() as connection:
            return sources.cursor_of(connection, source)

    def source_started(self, source: str, kind: str) -> None:
        """Note that a collection begins."""
        with self._landing("noting a start") as connection:
            sources.started(connection, source, kind, self._clock())

    def source_succeeded(self, source: str, remarks: Sequence[sources.Remark] = ()) -> None:
        """Note that a collection came to its end: what it tells is complete until now, up to its remarks."""
        with self._writing("noting a success") as connection:
            sources.succeeded(connection, source, self._clock(), remarks)

    def source_failed(self, source: str, kind: str, message: str) -> None:
        """Note that a source could not be read; its cursor stays."""
        with self._writing("noting a failure") as connection:
            sources.failed(connection, source, kind, message, self._clock())

    def rejected(self, limit: int | None = None, numbers: Sequence[int] | None = None) -> list[RejectedEvent]:
        """Events that could not land, newest first."""
        with self._reading() as connection:
            return rejects.kept(connection, limit, numbers)

    def forget_rejected(self, numbers: Sequence[int]) -> None:
        """Drop rejections: they landed after all, or never will."""
        with self._writing("dropping rejections") as connection:
            rejects.forget(connection, numbers)

    def refresh(self) -> None:
        """Derive what landings have made stale; each service in a transaction of its own."""
        with self._lock, translated("deriving what deployments shipped"):
            shipped.refresh(self._writer, environments.in_force(self._writer, self._rules))

    def environment_tiers(self) -> dict[str, str]:
        """The tier that was given to each environment by `map_environment`; patterns of the settings go first."""
        with self._reading() as connection:
            return environments.mapped(connection)

    def map_environment(self, environment: str, tier: str | None) -> None:
        """Give an environment that no pattern fits a tier, or take it away again (None); `refresh` derives anew."""
        with self._writing("mapping an environment") as connection:
            environments.give(connection, environment, tier)
            rules = environments.in_force(connection, self._rules)
            meta.exchange(connection, "derivation rules", meta.derivation_text(rules))

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Give a reader for one use."""
        with self._reading() as connection:
            yield Reader(connection)

    def keep_tables(
        self, make: Callable[[NotingReader], Sequence[closed.ClosedTable]], patience: float = KEEPING_PATIENCE
    ) -> bool:
        """Keep the tables that ``make`` finds due in the store as it is when it begins; landings go on meanwhile.

        Tells whether that was done: when others write for longer than ``patience`` seconds, it is given up.
        """
        with self._keeping, self._reading() as connection, ExitStack() as held, transaction(connection):
            due = make(NotingReader(connection))
            if not due:
                return True
            if not self._lock.acquire(timeout=patience):
                return False
            # let go of behind the commit: a copy of the file has to find nobody writing
            held.callback(self._lock.release)
            for table in due:
                closed.write_table(connection, table)
            return True

    def keep_results(self, results: Sequence[closed.ClosedResult]) -> None:
        """Keep results of closed periods, unless somebody writes just now: whoever reads them next tries again."""
        if not results or not self._lock.acquire(blocking=False):
            return
        try:
            with translated("keeping results"), transaction(self._writer):
                closed.write_results(self._writer, results)
        finally:
            self._lock.release()

    def snapshot(self, path: Path, meanwhile: Callable[[], object] | None = None) -> None:
        """Copy the store's file as it is now, everything that has landed included.

        Nothing lands while that goes on, nor while ``meanwhile`` copies what belongs to the same moment.
        """
        with self._lock, translated("copying the store"):
            copy_store(self._folder, path)
            if meanwhile is not None:
                meanwhile()
        settle(path)

    def replace(self, folder: Path) -> None:
        """Put the store and the key of another folder, which nobody has open, in place of this one's.

        Readers and writers wait; those at work come to their end first. The other folder keeps its files, so that
        a replacement that was cut off can be made again.
        """
        with self._lock, self._gate.shut("replacing the store"):
            self._writer.close()
            self._root.close()
            try:
                put_in_place(folder, self._folder)
            finally:
                self._root, self.pseudonyms = _opened(self._folder, self._clock)
                self._writer = self._root.cursor()
        self._catch_up()

    def export(self, folder: Path, progress: Callable[[int, int], None] | None = None) -> ExportSummary:
        """Bring a folder of Parquet files up to the store as it is now; see `tribometer.store.export`.

        ``progress`` is told tables done and tables in all. Two exports at once wait for each other.
        """
        with self._exporting, self._reading() as connection, transaction(connection):
            return export(connection, folder, progress)

    def close(self) -> None:
        """Let go of the file; other processes may open it then."""
        with self._lock, translated("closing the store"):
            self._writer.close()
            self._root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _catch_up(self) -> None:
        """Derive what a crash or a change of the rules has left behind."""
        with self._writing("checking the rules") as connection:
            rules = environments.in_force(connection, self._rules)
            if meta.exchange(connection, "derivation rules", meta.derivation_text(rules)):
                stale.mark_all(connection)
        self.refresh()

    @contextmanager
    def _writing(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock, translated(what), transaction(self._writer):
            yield self._writer

    @contextmanager
    def _landing(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing(what) as connection:
            if not self._generating:
                demonstration.refuse(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._gate.inside(), translated("reading the store"):
            cursor = self._root.cursor()
            try:
                yield cursor
            finally:
                cursor.close()


def _opened(folder: Path, clock: Callable[[], datetime]) -> tuple[duckdb.DuckDBPyConnection, Pseudonyms]:
    """The file of a folder at this version's schema, and the key it was written with."""
    root = connect(folder)
    try:
        with translated(str(folder / FILE_NAME)):
            migrate(root, clock)
            return root, _pseudonyms(root, folder)
    except BaseException:
        root.close()
        raise


def _pseudonyms(connection: duckdb.DuckDBPyConnection, folder: Path) -> Pseudonyms:
    """The folder's key, which must be the one the store was written with."""
    known = meta.value(connection, "key")
    path = folder / KEY_FILE
    if known and not path.exists():
        raise StoreError(
            f"{path} is missing: without it people would get new pseudonyms. Restore it from a backup, "
            "or move the data folder away and collect again.",
        )
    pseudonyms = Pseudonyms.load_or_make(folder)
    if known and known != pseudonyms.fingerprint:
        raise StoreError(
            f"{path} is not the key this store was written with. Put the original key back (it is in the backup), "
            "or move the data folder away and collect again.",
        )
    if not known:
        meta.exchange(connection, "key", pseudonyms.fingerprint)
    return pseudonyms
