"""One collection of one source: what a collector yields lands page by page, each with the cursor behind it.

The members of a page are collected before its collector is asked for the next, several at a time. A collection of a
family that was cut off goes on with the members it had not come to.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from collectors.failures import none_could_be_read, passing, some_could_not
from collectors.summary import Standing, SyncSummary, least
from tribometer.errors import SourceBusy, SourceError
from tribometer.store import Allowance, Landed, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Collector, Cursor, Page, Quota
    from collectors.summary import Progress
    from tribometer.store import EventStore, Remark

MOST_IN_SUCCESSION = 3
"""Members that may fail one after the other before the rest is left for later: their server is down."""


@dataclass(frozen=True)
class How:
    """What holds for a source and all its members."""

    store: EventStore
    full: bool
    since: datetime | None
    progress: Progress | None
    timer: Callable[[], float]


def collect(collector: Collector, how: How, family: str | None) -> SyncSummary:
    """Collect one source, a part of a ``family`` if it is one; what goes wrong at the source is in the summary."""
    began = how.timer()
    before = _start(collector, how)
    anew = how.full or how.since is not None
    first = how.store.sources.cursor(collector.name) is None
    begun = how.store.sources.started(collector.name, collector.kind, family, anew=anew)
    collection = _Collection(collector, how, family, before, begun, first=first)
    collection.collect()
    return collection.summary(how.timer() - began)


@dataclass
class _Collection:
    """What one collection has done so far."""

    collector: Collector
    how: How
    family: str | None
    before: Cursor | None
    begun: datetime
    landed: Landed = field(default_factory=Landed)
    events: int = 0
    requests: int = 0
    quota: Quota | None = None
    error: SourceError | None = None
    remarks: list[Remark] = field(default_factory=list)
    last: Cursor | None = None
    members: list[SyncSummary] = field(default_factory=list)
    known: set[str] | None = None
    first: bool = False
    unread: set[str] = field(default_factory=set)

    def collect(self) -> None:
        """Land all pages and collect all members; what goes wrong at the source is kept."""
        name, sources = self.collector.name, self.how.store.sources
        etags = {} if self.how.full or self.how.since else sources.etags(name)
        with self._forgiving(), closing(self.collector.collect(self.before, etags)) as pages:
            for page in pages:
                self._land(page)
                if page.members is not None:
                    self._collect_members(page.members)
            self._finish()

    def _land(self, page: Page) -> None:
        """Store a page and its cursor in one transaction."""
        collector, self.last = self.collector, page.cursor
        self.quota = page.quota or self.quota
        self.landed += self.how.store.land(
            page.events,
            source=collector.name,
            kind=collector.kind,
            # of what cannot be gone on with, nothing counts as read before all is
            cursor=page.cursor if collector.resumable else (self.before or {}),
            rejected=[
                Rejected(_origin(collector, refused.file), refused.line, refused.reason, refused.content)
                for refused in page.rejected
            ],
            restated=[_origin(collector, file) for file in page.whole],
            etags=page.etags,
            allowance=Allowance(page.quota.left, page.quota.resets_at) if page.quota else None,
        )
        self.events += len(page.events)
        self.requests += page.requests
        self.remarks += page.remarks
        self.unread.update(page.unread)
        self._tell(page.total)

    def _tell(self, total: int | None = None, done: int = 0) -> None:
        """Say how far this is."""
        if self.how.progress:
            name, parts = self.collector.name, None if self.known is None else len(self.known)
            standing = Standing(name, self.family, self.events, total, self.requests, self.quota, parts, done)
            self.how.progress(standing)

    def _finish(self) -> None:
        """Note the end: of a family whose parts could not all be read, with a remark about them."""
        collector, sources = self.collector, self.how.store.sources
        if not collector.resumable and self.last is not None:
            self.how.store.land((), source=collector.name, kind=collector.kind, cursor=self.last)
        if self.known is not None:
            sources.members(collector.name, self.known)
        failed = {each.source: each.error for each in self.members if each.error}
        if failed and len(failed) == len(self.known or ()):
            raise none_could_be_read(collector.name, failed)
        if failed:
            self.remarks.append(some_could_not(failed, len(self.known or ())))
        sources.succeeded(collector.name, self.remarks, self._read())

    def _read(self) -> frozenset[str]:
        """The event types that this collection has told all about; a family leaves that to its members."""
        return self.collector.reads - self.unread if self.known is None else frozenset()

    def _collect_members(self, members: Sequence[Collector]) -> None:
        """Collect the parts that a collection which was cut off did not come to; raise what stops all of them."""
        self.known = {each.name for each in members} | (self.known or set())
        left = self._in_order(members)
        before = len(self.known) - len(left) - len(self.members)
        todo, in_succession = iter(left), 0
        self._tell(done=before + len(self.members))
        with ThreadPoolExecutor(self.collector.at_once, thread_name_prefix="collect") as pool:
            running = {self._submitted(pool, each) for each in islice(todo, self.collector.at_once)}
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for summary in [future.result() for future in ended]:
                    self.members.append(summary)
                    in_succession = in_succession + 1 if summary.error and summary.error.transient else 0
                    if isinstance(summary.error, SourceBusy) or in_succession >= MOST_IN_SUCCESSION:
                        self.error = self.error or summary.error
                    elif self.error is None:
                        running |= {self._submitted(pool, each) for each in islice(todo, 1)}
                self._tell(done=before + len(self.members))
        if self.error:
            raise self.error

    def _in_order(self, members: Sequence[Collector]) -> list[Collector]:
        """Leave out what this collection did before it was cut off; what failed last goes last, and holds up nobody."""
        name, sources = self.collector.name, self.how.store.sources
        done, failing = sources.done_since(name, self.begun), sources.failing(name)
        return sorted((each for each in members if each.name not in done), key=lambda each: each.name in failing)

    def _submitted(self, pool: ThreadPoolExecutor, member: Collector) -> Future[SyncSummary]:
        return pool.submit(collect, member, self.how, self.collector.name)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Keep what goes wrong at the source; what goes wrong in the store is everybody's and ends the run."""
        try:
            yield
        except SourceError as error:
            self.error = error
            name, kind = self.collector.name, self.collector.kind
            self.how.store.sources.failed(name, kind, str(error), passing(error))

    def summary(self, seconds: float) -> SyncSummary:
        """What it came to, members included."""
        # what the pages of a first collection say again is about what they brought themselves, and that is new
        landed = replace(self.landed, updated=0) if self.first else self.landed
        counts = {
            name: getattr(landed, name) + sum(getattr(each, name) for each in self.members)
            for name in ("new", "updated", "unchanged", "rejected")
        }
        return SyncSummary(
            source=self.collector.name,
            **counts,
            requests=self.requests + sum(each.requests for each in self.members),
            seconds=seconds,
            next_cursor=self.how.store.sources.cursor(self.collector.name),
            error=self.error,
            remarks=tuple(self.remarks),
            quota=least([self.quota, *(each.quota for each in self.members)]),
            members=tuple(self.members),
        )


def _origin(collector: Collector, file: str | None) -> str:
    return f"{collector.name}/{file}" if file else collector.name


def _start(collector: Collector, how: How) -> Cursor | None:
    known = how.store.sources.cursor(collector.name)
    if how.since is None:
        return None if how.full else known or None
    return beginning(collector, known or {}, how.since)


def beginning(collector: Collector, known: Cursor, at: datetime) -> Cursor:
    """Cursor of a collection since a time: what ended since then although it began before it is asked for too."""
    begun, unfinished = collector.starting(at), collector.unfinished(known)
    both = {key: {**unfinished[key], **begun[key]} for key in begun.keys() & unfinished.keys()}
    return {**unfinished, **begun, **both}
