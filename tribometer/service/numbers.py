"""The numbers of one store: the same object for pages, API and command line."""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import metrics
from tribometer.errors import StoreError
from tribometer.service.renewal import Renewal
from tribometer.store import remarks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dashboards.data import CommitsKnown, SourceState
    from dashboards.unread import Unread
    from metrics import Query
    from metrics.explanation import Explanation
    from metrics.friction.measuring import Measured
    from metrics.history import Times
    from metrics.result import MetricResult
    from metrics.rows import StillOpen
    from metrics.shelf import Shelf
    from metrics.verdicts.weekly import Level, Weekly
    from tribometer.settings import Rules
    from tribometer.store import EventStore, Reader
    from tribometer.store.closed import ClosedResult

LOG = logging.getLogger(__name__)
MOST_KEPT = 1_000
SOURCES = """
SELECT source, kind, last_success_at, last_error, remarks, family, left_at IS NOT NULL, quota_left,
    last_started_at IS NOT NULL, error_kind, failing_since, limited_until, reads
FROM source_states ORDER BY source
"""
COLLECTED = "SELECT source, last_success_at IS NOT NULL FROM source_states WHERE last_started_at IS NOT NULL"
COMMITS = "SELECT count(*), min(committed_at), max(committed_at) FROM commits"
Told = TypeVar("Told")


class _Flight:
    """An answer that is being worked out; it is gone with the last of those who wait for it."""

    def __init__(self) -> None:
        self.turn = Lock()


class Numbers:
    """Computes over one store and keeps results until something lands. Safe to use from several threads."""

    def __init__(
        self, store: EventStore, rules: Rules, clock: Callable[[], datetime], locks: Mapping[str, Lock]
    ) -> None:
        """``locks`` are those of the sources; a held one is being collected."""
        self._store = store
        self._rules = rules
        self._clock = clock
        self._locks = locks
        self._guard = Lock()
        self._generation = 0
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._flights: WeakValueDictionary[Hashable, _Flight] = WeakValueDictionary()
        self._reads: Callable[[], Mapping[str, frozenset[str]]] = dict
        self.renewal = Renewal(store, rules, clock)

    def expect(self, reads: Callable[[], Mapping[str, frozenset[str]]]) -> None:
        """``reads`` gives the configured sources by name, each with the event types that it declares to tell of."""
        self._reads = reads

    @property
    def demo(self) -> bool:
        """Whether the data is a generated organisation."""
        return self._store.demo is not None

    @property
    def generation(self) -> int:
        """A number that rises whenever something lands."""
        return self._generation

    def now(self) -> datetime:
        """Return the clock's time, aware UTC."""
        return self._clock()

    def forget(self) -> None:
        """Drop what was computed: something landed."""
        with self._guard:
            self._generation += 1
            self._kept.clear()
        self.renewal.ask()

    def compute(self, query: Query) -> MetricResult:
        """Return the contract's result object; one that is at most a minute old may come from before."""
        return self._once(self._answer, query)

    def known(self, query: Query) -> MetricResult | None:
        """Return what `compute` would return without any work; None where it would have to."""
        kept: MetricResult | None = self._known(self._key(self._answer, query))
        return kept

    @contextmanager
    def together(self) -> Iterator[Callable[[Query], MetricResult]]:
        """Give a `compute` whose queries see the store of one moment and share the facts that they are made from.

        A query that fails is asked once more alone: it may have failed for what the others keep.
        """
        with ExitStack() as stack:
            shared: list[tuple[int, Shelf]] = []

            def compute(query: Query) -> MetricResult:
                known = self.known(query)
                if known is not None:
                    return known
                if not shared:
                    generation, reader = self._generation, stack.enter_context(self._store.reader())
                    reader.hold()
                    shared.append((generation, metrics.Shelf(reader)))
                generation, shelf = shared[0]
                try:
                    return self._in_turn(generation, self._key(self._answer, query), partial(self._with, shelf, query))
                except StoreError:
                    return self.compute(query)

            yield compute

    def _with(self, shelf: Shelf, query: Query) -> MetricResult:
        return metrics.compute(shelf.reader, query, self._rules, shelf)

    def _answer(self, reader: Reader, query: Query, rules: Rules) -> MetricResult:
        return metrics.answer(reader, query, rules, self._keep_results)

    def _keep_results(self, results: Sequence[ClosedResult]) -> None:
        try:
            self._store.keep_results(results)
        except StoreError as error:
            LOG.warning("%s", error)  # the next query computes them again

    def explain(self, query: Query) -> Explanation:
        """Return the definition, the SQL that ran, and the counts by rule; kept as long as a result."""
        return self._once(metrics.explain, query)

    def times(self, query: Query, newest: int) -> Times:
        """Return when counted units happened: the first and the `newest` last; kept as long as a result."""
        return self._once(metrics.times, query, newest)

    def reorganised(self, query: Query) -> bool:
        """Return whether services of the query's team changed hands, so that its past has two readings (E25)."""
        return self._once(metrics.reorganised, query)

    def friction(self, query: Query) -> Measured:
        """Return the hours lost that a query of `friction_cost` counts; kept as long as a result."""
        from metrics.friction.measuring import measured  # noqa: PLC0415 - asked for by the board only

        return self._once(measured, query)

    def friction_rows(self, query: Query, kind: str, newest: int) -> list[dict[str, Any]]:
        """Return the newest business days of a kind's waits behind `friction`, newest first."""
        from metrics.friction.measuring import kind_rows  # noqa: PLC0415 - as above

        with self._store.reader() as reader:
            return kind_rows(reader, query, self._rules, kind, newest)

    def scoped(self, query: Query, level: Level) -> Mapping[str, MetricResult]:
        """Return what a query of everything says of every team, or service, by name; kept as long as a result."""
        from metrics.scoped import scoped  # noqa: PLC0415 - for pages only

        return self._once(scoped, query, level)

    def known_scoped(self, query: Query, level: Level) -> Mapping[str, MetricResult] | None:
        """Return what `scoped` would return without any work; None where it would have to."""
        from metrics.scoped import scoped  # noqa: PLC0415 - as above

        kept: Mapping[str, MetricResult] | None = self._known(self._key(scoped, query, (level,)))
        return kept

    def weekly(self, query: Query, level: Level) -> Weekly:
        """Return the whole weeks of every team, or service, beside each other; kept as long as a result."""
        from metrics.verdicts.weekly import weekly  # noqa: PLC0415 - for who asks for a verdict

        return self._once(weekly, query, level)

    def _once(self, work: Callable[..., Told], query: Query, *more: Hashable) -> Told:
        generation, key = self._generation, self._key(work, query, more)
        kept: Told | None = self._known(key)
        return kept if kept is not None else self._in_turn(generation, key, partial(self._alone, work, query, more))

    def _alone(self, work: Callable[..., Told], query: Query, more: Sequence[Hashable]) -> Told:
        with self._store.reader() as reader:
            reader.hold()
            return work(reader, query, self._rules, *more)

    def _in_turn(self, generation: int, key: Hashable, work: Callable[[], Told]) -> Told:
        """Work out what is not known: many who ask the same at once wait for one answer."""
        flight = self._flight((generation, key))
        with flight.turn:
            kept: Told | None = self._known(key)
            if kept is None:
                kept = work()
                self._keep(generation, key, kept)
        return kept

    def _flight(self, key: Hashable) -> _Flight:
        with self._guard:
            found = self._flights.get(key)
            if found is None:
                found = self._flights[key] = _Flight()
            return found

    @staticmethod
    def _key(work: object, query: Query, more: Hashable = ()) -> Hashable:
        return work, replace(query, now=query.now.replace(second=0, microsecond=0)), more

    def _known(self, key: Hashable) -> Any:  # noqa: ANN401 - whatever was kept under the key
        with self._guard:
            return self._kept.get(key)

    def _keep(self, generation: int, key: Hashable, told: object) -> None:
        with self._guard:
            if generation == self._generation:
                self._kept[key] = told
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def each_unit(self, query: Query) -> Iterator[dict[str, Any]]:
        """Yield every unit looked at, as ``explain --rows --json`` prints it."""
        with self._store.reader() as reader:
            yield from metrics.unit_rows(reader, query, self._rules)

    def unit_rows(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """Return the newest `limit` of `each_unit`, newest first."""
        with self._store.reader() as reader:
            return list(metrics.unit_rows(reader, query, self._rules, newest=limit))

    def still_open(self, query: Query, most: int) -> StillOpen:
        """Return the units that began and are not over, those that began first; kept as long as a result."""
        return self._once(metrics.still_open, query, most)

    def services(self) -> Sequence[str]:
        """Return the names of all services, sorted."""
        with self._store.reader() as reader:
            return metrics.services(reader)

    def teams(self) -> Sequence[str]:
        """Return the ids of all teams, sorted."""
        with self._store.reader() as reader:
            return metrics.teams(reader)

    def sources(self) -> Sequence[SourceState]:
        """Return all sources, sorted by name; times are aware UTC."""
        from dashboards.data import SourceState  # noqa: PLC0415 - pages need pandas, commands do not

        with self._store.reader() as reader:
            found = reader.rows(SOURCES)
        busy = self._busy()
        return [
            SourceState(
                name,
                kind,
                _aware(at),
                error,
                collecting=name in busy,
                remarks=remarks_of(remarks),
                family=family,
                left=left,
                quota_left=quota,
                collected=collected,
                passing=passing,
                failing_since=_aware(since),
                limited_until=_aware(until),
                reads=frozenset(reads or ()),
            )
            for name, kind, at, error, remarks, family, left, quota, collected, passing, since, until, reads in found
        ]

    def unread(self) -> Sequence[Unread]:
        """Return the configured sources whose first collection has not come to its end, by name.

        While nothing is being collected, only those that were begun: nobody waits for one that nobody collects.
        """
        with self._store.reader() as reader:
            known, busy = reader.rows(COLLECTED), self._busy()
        begun = {name for name, _ in known}
        read = {name for name, is_read in known if is_read}
        if not (begun - read or busy):
            # pages ask this at every turn, and what sources declare takes making all of them
            return []
        from dashboards.unread import Unread  # noqa: PLC0415 - as above

        return [
            Unread(name, types, name in busy)
            for name, types in sorted(self._reads().items())
            if name not in read and (busy or name in begun)
        ]

    def commits(self) -> CommitsKnown:
        """Return how many commits are known, and from when to when they entered their histories."""
        from dashboards.data import CommitsKnown  # noqa: PLC0415 - as above

        with self._store.reader() as reader:
            [(count, first, last)] = reader.rows(COMMITS)
        return CommitsKnown(count, _aware(first), _aware(last))

    def _busy(self) -> frozenset[str]:
        """The sources that are being collected now."""
        return frozenset(name for name, lock in list(self._locks.items()) if lock.locked())


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
