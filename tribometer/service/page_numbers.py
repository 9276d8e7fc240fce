"""The numbers as pages read them: the newest that is known at once, and a newer one worked out behind the page.

After a landing a page shows the answer from before it for the moment that the new one takes, says so, and draws itself
again. What pages open with is worked out before anybody opens them.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import contextmanager
from copy import copy
from threading import Lock, Thread, local
from time import monotonic
from typing import TYPE_CHECKING, Any

from tribometer.errors import StoreClosed, TribometerError
from tribometer.service.page_scopes import PageScopes, of_any_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from dashboards.data import CommitsKnown, SourceState
    from dashboards.unread import Unread
    from metrics import Query
    from metrics.explanation import Explanation
    from metrics.history import Times
    from metrics.result import MetricResult
    from metrics.rows import StillOpen
    from metrics.scoped import Level
    from metrics.verdicts.weekly import Weekly
    from tribometer.service.numbers import Numbers

LOG = logging.getLogger(__name__)
SETTLING = 5.0
MOST_KEPT = 5_000
PATIENCE, FORGOTTEN = 0.15, 1.0
"""Seconds that a page waits for newer answers before it shows those from before: small stores need no more.

The queries of a page come one behind the other: what one has waited the next need not, until FORGOTTEN.
"""


class PageNumbers:
    """The numbers of one store, for `dashboards.data.provide`. Safe to use from several threads."""

    def __init__(self, numbers: Numbers, *, patience: float | None = PATIENCE) -> None:
        self._numbers = numbers
        self.patience = patience
        """Seconds that a page waits for a newer answer; None for as long as it takes."""
        self._guard = Lock()
        self._newest: OrderedDict[Query, MetricResult] = OrderedDict()
        self._again: dict[Query, Future[MetricResult]] = {}
        self._turn = Lock()
        self._scopes = PageScopes(numbers)
        self._waited = local()
        self.noted: list[Query] = []
        """What is to be answered for every team and service too."""

    def compute(self, query: Query) -> MetricResult:
        """Return the result object; where a newer one takes longer, the one from before, which `behind` then counts."""
        return self._told(query, self._numbers.compute)

    @contextmanager
    def together(self) -> Iterator[Callable[[Query], MetricResult]]:
        """Give a `compute` for several queries: what has to be worked out for them shares the facts below."""
        with self._numbers.together() as compute:
            yield lambda query: self._told(query, compute)

    def _told(self, query: Query, compute: Callable[[Query], MetricResult]) -> MetricResult:
        if self.patience is not None:
            self._scopes.visited()
        found = self._numbers.known(query) or self._scopes.known(query)
        if found is not None:
            return found
        before = self._before(query)
        if before is None:
            return self._computed(query, compute)
        newer, begun = self._newer(query), monotonic()
        try:
            return newer.result(self._left(begun))
        except TimeoutError:
            return before
        finally:
            self._waited.until, self._waited.seconds = (now := monotonic()), self._spent(begun) + now - begun

    def behind(self) -> int:
        """How many numbers were shown as of before the newest landing, and are being worked out anew."""
        with self._guard:
            return sum(not each.done() for each in self._again.values())

    def work_ahead(
        self, pages: Iterable[Callable[[PageNumbers], Iterator[object]]], pause: Callable[[float], bool]
    ) -> None:
        """Work out what pages open with, step by step, and then the same of every team and service.

        What cannot be answered is left to whoever opens the page. ``pause`` waits for so many seconds and tells whether
        the service ends: at first until others had their turn.
        """
        if pause(SETTLING):
            return
        patient = copy(self)
        patient.patience = None
        patient.noted = []
        for ahead in pages:
            try:
                for _ in ahead(patient):
                    if pause(0.0):
                        return
            except StoreClosed:
                return
            except TribometerError as error:
                LOG.warning("%s", error)
        self._scopes.work_out(patient.noted, pause)

    def prepare(self, query: Query) -> MetricResult:
        """As `compute` of everything; notes that every team and service is to be answered too."""
        self.noted.append(query)
        return self.compute(query)

    def _left(self, begun: float) -> float | None:
        """Seconds for which a page still waits."""
        return None if self.patience is None else max(0.0, self.patience - self._spent(begun))

    def _spent(self, begun: float) -> float:
        """Seconds that the queries right before have waited on this thread."""
        told = self._waited
        return told.seconds if begun - getattr(told, "until", -FORGOTTEN) < FORGOTTEN else 0.0

    def _before(self, query: Query) -> MetricResult | None:
        with self._guard:
            newest = self._newest.get(of_any_moment(query))
        return newest or self._scopes.before(query)

    def _computed(self, query: Query, compute: Callable[[Query], MetricResult]) -> MetricResult:
        result = compute(query)
        with self._guard:
            self._newest[of_any_moment(query)] = result
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
                told.set_result(self._computed(query, self._numbers.compute))
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

    def still_open(self, query: Query, most: int) -> StillOpen:
        """Return the units that began and are not over, those that began first."""
        return self._numbers.still_open(query, most)

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
