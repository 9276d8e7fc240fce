"""The sync loop: what a collector yields lands page by page, each with the cursor behind it.

The members of a page are collected before its collector is asked for the next, several at a time. A collection of a
family that was cut off goes on with the members it had not come to.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from tribometer.errors import SourceBusy, SourceError, SourceGone
from tribometer.store import Allowance, Landed, Rejected, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from collectors.base import Collector, Cursor, Page, Quota
    from tribometer.store import EventStore

MOST_IN_SUCCESSION = 3
"""Members that may fail one after the other before the rest is left for later: their server is down."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Standing:
    """How far the collection of one source is: events landed so far, and of all where the source can tell.

    ``family`` is the source that it is a part of, if it is one.
    """

    source: str
    family: str | None
    events: int
    total: int | None
    requests: int
    quota: Quota | None


class Progress(Protocol):
    """Told about every page that landed; several threads tell it at once."""

    def __call__(self, standing: Standing, /) -> None:
        """Take how far one source is."""


@dataclass(frozen=True)
class SyncSummary:
    """One collection of one source: events by what became of them, calls to the source, seconds of wall time.

    The counts are those of its ``members`` too. ``quota`` is what the source still allows, None where it does not say.
    """

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
    quota: Quota | None = None
    members: Sequence[SyncSummary] = ()


@dataclass(frozen=True)
class _How:
    """What holds for a source and all its members."""

    store: EventStore
    full: bool
    since: datetime | None
    progress: Progress | None
    timer: Callable[[], float]


@dataclass
class _Run:
    """What one collection has done so far."""

    collector: Collector
    how: _How
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
            reads=collector.reads,
            rejected=[Rejected(collector.name, None, refused.reason, refused.content) for refused in page.rejected],
            etags=page.etags,
            allowance=Allowance(page.quota.left, page.quota.resets_at) if page.quota else None,
        )
        self.events += len(page.events)
        self.requests += page.requests
        self.remarks += page.remarks
        if self.how.progress:
            self.how.progress(Standing(collector.name, self.family, self.events, page.total, self.requests, self.quota))

    def _finish(self) -> None:
        """Note the end: of a family whose parts could not all be read, with a remark about them."""
        collector, sources = self.collector, self.how.store.sources
        if not collector.resumable and self.last is not None:
            self.how.store.land((), source=collector.name, kind=collector.kind, cursor=self.last)
        if self.known is not None:
            sources.members(collector.name, self.known)
        failed = [each for each in self.members if each.error]
        if failed and len(failed) == len(self.known or ()):
            raise _none_could_be_read(collector.name, failed)
        if failed:
            self.remarks.append(_some_could_not(failed, len(self.known or ())))
        sources.succeeded(collector.name, self.remarks)

    def _collect_members(self, members: Sequence[Collector]) -> None:
        """Collect the parts that a collection which was cut off did not come to; raise what stops all of them."""
        self.known = {each.name for each in members} | (self.known or set())
        todo = iter(self._in_order(members))
        in_succession = 0
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
        if self.error:
            raise self.error

    def _in_order(self, members: Sequence[Collector]) -> list[Collector]:
        """Leave out what this collection did before it was cut off; what failed last goes last, and holds up nobody."""
        name, sources = self.collector.name, self.how.store.sources
        done, failing = sources.done_since(name, self.begun), sources.failing(name)
        return sorted((each for each in members if each.name not in done), key=lambda each: each.name in failing)

    def _submitted(self, pool: ThreadPoolExecutor, member: Collector) -> Future[SyncSummary]:
        return pool.submit(_run, member, self.how, self.collector.name)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Keep what goes wrong at the source; what goes wrong in the store is everybody's and ends the run."""
        try:
            yield
        except SourceError as error:
            self.error = error
            name, kind = self.collector.name, self.collector.kind
            # a spent quota is no failure: the next collection goes on with the members that were not reached
            self.how.store.sources.failed(name, kind, str(error), ended=not isinstance(error, SourceBusy))

    def summary(self, seconds: float) -> SyncSummary:
        """What it came to, members included."""
        counts = {
            name: getattr(self.landed, name) + sum(getattr(each, name) for each in self.members)
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
            quota=_least([self.quota, *(each.quota for each in self.members)]),
            members=tuple(self.members),
        )


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
    summary = _run(collector, _How(store, full, since, progress, timer), None)
    store.refresh()
    return summary


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


def _run(collector: Collector, how: _How, family: str | None) -> SyncSummary:
    began = how.timer()
    before = _start(collector, how)
    anew = how.full or how.since is not None
    begun = how.store.sources.started(collector.name, collector.kind, family, anew=anew)
    collection = _Run(collector, how, family, before, begun)
    collection.collect()
    return collection.summary(how.timer() - began)


def _start(collector: Collector, how: _How) -> Cursor | None:
    if how.since is not None:
        return collector.starting(how.since)
    return None if how.full else how.store.sources.cursor(collector.name) or None


def _none_could_be_read(name: str, failed: Sequence[SyncSummary]) -> SourceError:
    first = failed[0].error
    assert first is not None  # noqa: S101 - the caller has looked
    problem = f"none of its {len(failed)} parts could be read; {first.source}: {first.problem}"
    return type(first)(name, problem, first.fix) if first.transient else SourceGone(name, problem, first.fix)


def _some_could_not(failed: Sequence[SyncSummary], of: int) -> Remark:
    named = "; ".join(f"{each.source}: {each.error.problem}" for each in failed[:MOST_NAMED] if each.error)
    more = f" and {len(failed) - MOST_NAMED} more" if len(failed) > MOST_NAMED else ""
    fixes = dict.fromkeys(each.error.fix for each in failed if each.error)
    return Remark(f"{len(failed)} of {of} parts could not be read ({named}{more})", ". ".join(list(fixes)[:2]))


def _least(quotas: Iterable[Quota | None]) -> Quota | None:
    known = [quota for quota in quotas if quota is not None]
    return min(known, key=lambda quota: quota.left) if known else None
