"""The event store: one DuckDB file, one writer, a cursor per reader."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from tribometer.clock import now_utc
from tribometer.errors import StoreError
from tribometer.privacy import KEY_FILE, Pseudonyms
from tribometer.settings import Rules
from tribometer.store import meta, rejects, shipped, sources, stale
from tribometer.store.connection import FILE_NAME, connect, transaction, translated
from tribometer.store.landing import Batch, Landed, land
from tribometer.store.reader import Reader
from tribometer.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from tribometer.events import Event
    from tribometer.store.rejects import Rejected, RejectedEvent


class EventStore:
    """Everything collected. Make one with `open`; it may be used from several threads.

    Methods that write wait for each other; they raise `StoreError` when the store cannot be used.
    """

    def __init__(
        self,
        root: duckdb.DuckDBPyConnection,
        pseudonyms: Pseudonyms,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        self._root = root
        self._writer = root.cursor()
        self._lock = Lock()
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
        root = connect(folder)
        try:
            with translated(str(folder / FILE_NAME)):
                migrate(root, clock)
                pseudonyms = _pseudonyms(root, folder)
            store = cls(root, pseudonyms, rules or Rules(), clock)
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
        with self._writing("landing events") as connection:
            return land(connection, batch, self.pseudonyms, self._clock())

    def cursor(self, source: str) -> Mapping[str, Any] | None:
        """Where the next collection of a source starts; None: from the beginning."""
        with self._reading() as connection:
            return sources.cursor_of(connection, source)

    def source_started(self, source: str, kind: str) -> None:
        """Note that a collection begins."""
        with self._writing("noting a start") as connection:
            sources.started(connection, source, kind, self._clock())

    def source_succeeded(self, source: str) -> None:
        """Note that a collection came to its end: what it tells is complete until now."""
        with self._writing("noting a success") as connection:
            sources.succeeded(connection, source, self._clock())

    def source_failed(self, source: str, kind: str, message: str) -> None:
        """Note that a source could not be read; its cursor stays."""
        with self._writing("noting a failure") as connection:
            sources.failed(connection, source, kind, message, self._clock())

    def rejected(self, limit: int | None = None, numbers: Sequence[int] | None = None) -> list[RejectedEvent]:
        """Events that could not land, newest first."""
        with self._reading() as connection:
            return rejects.kept(connection, limit, numbers)

    def forget_rejected(self, numbers: Sequence[int]) -> None:
        """Drop rejections that have landed after all."""
        with self._writing("dropping rejections") as connection:
            rejects.forget(connection, numbers)

    def refresh(self) -> None:
        """Derive what landings have made stale; each service in a transaction of its own."""
        with self._lock, translated("deriving what deployments shipped"):
            shipped.refresh(self._writer, self._rules)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Give a reader for one use."""
        with self._reading() as connection:
            yield Reader(connection)

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
            if meta.exchange(connection, "derivation rules", meta.derivation_text(self._rules)):
                stale.mark_all(connection)
        self.refresh()

    @contextmanager
    def _writing(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock, translated(what), transaction(self._writer):
            yield self._writer

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with translated("reading the store"):
            cursor = self._root.cursor()
            try:
                yield cursor
            finally:
                cursor.close()


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
