"""The sync loop: what a collector yields lands page by page, each with the cursor behind it."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tribometer.errors import SourceError
from tribometer.store import Landed, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Collector, Cursor, Page
    from tribometer.store import EventStore, Remark


class Progress(Protocol):
    """Told about every page that landed."""

    def __call__(self, source: str, events: int, total: int | None, /) -> None:
        """Take the number of events so far, and of all when the source can tell."""


@dataclass(frozen=True)
class SyncSummary:
    """One collection of one source: events by what became of them, calls to the source, seconds of wall time."""

    source: str
    new: int
    updated: int
    unchanged: int
    rejected: int
    requests: int
    seconds: float
    next_cursor: Cursor | None
    error: SourceError | None = None
    remarks: Sequence[Remark] = ()


class _Run:
    """What one collection has done so far."""

    def __init__(self, collector: Collector, store: EventStore, progress: Progress | None) -> None:
        self._collector = collector
        self._store = store
        self._progress = progress
        self.landed = Landed()
        self.events = 0
        self.requests = 0
        self.error: SourceError | None = None
        self.remarks: list[Remark] = []

    def land(self, page: Page) -> None:
        """Store a page and its cursor in one transaction."""
        name = self._collector.name
        self.landed += self._store.land(
            page.events,
            source=name,
            kind=self._collector.kind,
            cursor=page.cursor,
            reads=self._collector.reads,
            rejected=[Rejected(name, None, refused.reason, refused.content) for refused in page.rejected],
        )
        self.events += len(page.events)
        self.requests += page.requests
        self.remarks += page.remarks
        if self._progress:
            self._progress(name, self.events, page.total)

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """Keep what goes wrong at the source; what goes wrong in the store is everybody's and ends the run."""
        try:
            yield
        except SourceError as error:
            self.error = error
            self._store.source_failed(self._collector.name, self._collector.kind, str(error))


def run(  # noqa: PLR0913 - two things, and how
    collector: Collector,
    store: EventStore,
    *,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
    timer: Callable[[], float] = time.perf_counter,
) -> SyncSummary:
    """Collect one source from where it stands: ``full`` from the beginning, ``since`` from a time.

    An error of the source is kept in the summary and in the store, with what landed before it. Derived tables are
    brought up to date once, at the end.
    """
    began = timer()
    collection = _Run(collector, store, progress)
    store.source_started(collector.name, collector.kind)
    pages = collector.collect(_start(collector, store, full=full, since=since))
    with collection.forgiving(), closing(pages):
        for page in pages:
            collection.land(page)
        store.source_succeeded(collector.name, collection.remarks)
    store.refresh()
    landed = collection.landed
    return SyncSummary(
        source=collector.name,
        new=landed.new,
        updated=landed.updated,
        unchanged=landed.unchanged,
        rejected=landed.rejected,
        requests=collection.requests,
        seconds=timer() - began,
        next_cursor=store.cursor(collector.name),
        error=collection.error,
        remarks=tuple(collection.remarks),
    )


def run_all(
    collectors: Iterable[Collector],
    store: EventStore,
    *,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> list[SyncSummary]:
    """Collect one source after the other; a source that fails does not stop the others."""
    return [run(collector, store, full=full, since=since, progress=progress) for collector in collectors]


def _start(collector: Collector, store: EventStore, *, full: bool, since: datetime | None) -> Cursor | None:
    if since is not None:
        return collector.starting(since)
    return None if full else store.cursor(collector.name)
