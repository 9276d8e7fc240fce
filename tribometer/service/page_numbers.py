"""The numbers as pages read them: the newest that is known at once, and a newer one worked out behind the page.

After a landing a page shows the answer from before it for the moment that the new one takes, says so, and draws itself
again. What pages open with is worked out before anybody opens them.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import Future
from copy import copy
from dataclasses import replace
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from metrics.scoped import fits
from tribometer.errors import StoreClosed, TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dashboards.data import CommitsKnown, SourceState
    from dashboards.unread import Unread
    from metrics import Query
    from metrics.explanation import Explanation
    from metrics.history import Times
    from metrics.result import MetricResult
    from metrics.scoped import Level
    from metrics.verdicts.weekly import Weekly
    from tribometer.service.numbers import Numbers

LOG = logging.getLogger(__name__)
SETTLING, REST = 5.0, 3.0
MOST_KEPT = 5_000
MOST_EVERY = 250
MOST_SCOPES = 200
"""Teams, or services, up to which each one's answers are worked out ahead: every answer takes room in memory."""
PATIENCE = 0.15
"""Seconds that a page waits for a newer answer before it shows the one from before: small stores need no more."""


class PageNumbers:
    """The numbers of one store, for `dashboards.data.provide`. Safe to use from several threads."""

    def __init__(self, numbers: Numbers, *, patience: float | None = PATIENCE) -> None:
        self._numbers = numbers
        self.patience = patience
        """Seconds that a page waits for a newer answer; None for as long as it takes."""
        self._guard = Lock()
        self._newest: OrderedDict[Query, MetricResult] = OrderedDict()
        self._every: OrderedDict[tuple[Query, Level], Mapping[str, MetricResult]] = OrderedDict()
        self._again: dict[Query, Future[MetricResult]] = {}
        self._turn = Lock()
        self._visited = Event()
        self.noted: list[Query] = []
        """What is to be answered for every team and service too."""

    def compute(self, query: Query) -> MetricResult:
        """Return the result object; where a newer one takes longer, the one from before, which `behind` then counts."""
        if self.patience is not None:
            self._visited.set()
        found = self._numbers.known(query) or self._among_all(query)
        if found is not None:
            return found
        before = self._before(query)
        if before is None:
            return self._computed(query)
        try:
            return self._newer(query).result(self.patience)
        except TimeoutError:
            return before

    def behind(self) -> int:
        """How many numbers were shown as of before the newest landing, and are being worked out anew."""
        with self._guard:
            return sum(not each.done() for each in self._again.values())

    def work_ahead(
        self, pages: Iterable[Callable[[PageNumbers], Iterator[object]]], pause: Callable[[float], bool]
    ) -> None:
        """Work out what pages open with, step by step, and then the same of every team and service.

        What cannot be answered is left to whoever opens the page. ``pause`` waits for so many seconds and tells whether
        the service ends: at first until others had their turn, and behind each step of the second part thrice as long
        as the step took, for visitors come first. Where nobody has opened a page yet there is no second part.
        """
        if pause(SETTLING):
            return
        patient = copy(self)
        patient.patience = None
        patient.noted = []
        scopes = _each(patient.spread, patient.noted)
        steps = [*(_begun(ahead, patient) for ahead in pages), *([scopes] if self._visited.is_set() else [])]
        for work in steps:
            try:
                begun = monotonic()
                for _ in work:
                    if pause(REST * (monotonic() - begun) if work is scopes else 0.0):
                        return
                    begun = monotonic()
            except StoreClosed:
                return
            except TribometerError as error:
                LOG.warning("%s", error)

    def prepare(self, query: Query) -> MetricResult:
        """As `compute` of everything; notes that every team and service is to be answered too."""
        self.noted.append(query)
        return self.compute(query)

    def spread(self, query: Query) -> None:
        """Work out what a query of everything says of each team and of each service, all at once."""
        scopes: dict[Level, Sequence[str]] = {"team": self.teams(), "service": self.services()}
        for level, names in scopes.items():
            if len(names) <= MOST_SCOPES and fits(query, level):
                found = self._numbers.scoped(query, level)
                with self._guard:
                    self._every[_of_any_moment(query), level] = found
                    if len(self._every) > MOST_EVERY:
                        self._every.popitem(last=False)

    def _among_all(self, query: Query) -> MetricResult | None:
        """What is known of a team, or service, from having asked of all of them at once."""
        name, level = query.team or query.service, _level(query)
        if name is None:
            return None
        found = self._numbers.known_scoped(_of_everything(query), level)
        return found.get(name) if found is not None else None

    def _before(self, query: Query) -> MetricResult | None:
        with self._guard:
            every = self._every.get((_of_any_moment(_of_everything(query)), _level(query)), {})
            return self._newest.get(_of_any_moment(query)) or every.get(query.team or query.service or "")

    def _computed(self, query: Query) -> MetricResult:
        result = self._numbers.compute(query)
        with self._guard:
            self._newest[_of_any_moment(query)] = result
            if len(self._newest) > MOST_KEPT:
                self._newest.popitem(last=False)
        return result

    def _newer(self, query: Query) -> Future[MetricResult]:
        with self._guard:
            found = self._again.get(query)
            if found is None or found.done():
                for over in [each for each, future in self._again.items() if future.done()]:
                    del self._again[over]
                found = self._again[query] = Future()
                Thread(target=self._work_out, args=(query, found), name="newer number", daemon=True).start()
            return found

    def _work_out(self, query: Query, told: Future[MetricResult]) -> None:
        """Take turns: a page asks for many at once, and people wait for others."""
        with self._turn:
            try:
                told.set_result(self._computed(query))
            except TribometerError as error:
                told.set_exception(error)

    @property
    def demo(self) -> bool:
        """Whether the data is a generated organisation."""
        return self._numbers.demo

    def now(self) -> datetime:
        """Return the clock's time, aware UTC."""
        return self._numbers.now()

    def explain(self, query: Query) -> Explanation:
        """Return the definition, the SQL that ran, and the counts by rule."""
        return self._numbers.explain(query)

    def unit_rows(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """Return the newest units looked at, newest first."""
        return self._numbers.unit_rows(query, limit)

    def services(self) -> Sequence[str]:
        """Return the names of all services, sorted."""
        return self._numbers.services()

    def teams(self) -> Sequence[str]:
        """Return the ids of all teams, sorted."""
        return self._numbers.teams()

    def sources(self) -> Sequence[SourceState]:
        """Return all sources, sorted by name."""
        return self._numbers.sources()

    def unread(self) -> Sequence[Unread]:
        """Return the configured sources whose first collection has not come to its end."""
        return self._numbers.unread()

    def weekly(self, query: Query, level: Level) -> Weekly:
        """Return the whole weeks of every team, or service, beside each other."""
        return self._numbers.weekly(query, level)

    def times(self, query: Query, newest: int) -> Times:
        """Return when counted units happened: the first and the ``newest`` last."""
        return self._numbers.times(query, newest)

    def commits(self) -> CommitsKnown:
        """Return how many commits are known."""
        return self._numbers.commits()


def _begun(ahead: Callable[[PageNumbers], Iterator[object]], reader: PageNumbers) -> Iterator[object]:
    """Begin when it is its turn."""
    yield from ahead(reader)


def _each(work: Callable[[Query], object], queries: Sequence[Query]) -> Iterator[object]:
    """One after the other, of what is there when it is their turn."""
    for query in queries:
        yield work(query)


def _level(query: Query) -> Level:
    return "team" if query.team is not None else "service"


def _of_everything(query: Query) -> Query:
    return replace(query, team=None, service=None)


def _of_any_moment(query: Query) -> Query:
    """The same question asked at any moment of the same window."""
    start, end = query.window
    return replace(query, start=start, end=end, now=end)
