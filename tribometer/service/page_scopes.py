"""What every team and every service is told, worked out behind the pages once somebody has opened one."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import replace
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from metrics.scoped import fits
from tribometer.errors import StoreClosed, TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from metrics import Query
    from metrics.result import MetricResult
    from metrics.scoped import Level
    from tribometer.service.numbers import Numbers

LOG = logging.getLogger(__name__)
REST = 3.0
"""How much longer than a step took it rests behind it: visitors come first."""
TURN = 1.0
"""Seconds within which it sees that somebody came, or that the service ends."""
MOST_EVERY = 250
MOST_SCOPES = 200
"""Teams, or services, up to which each one's answers are worked out ahead: every answer takes room in memory."""


class PageScopes:
    """The answers of one store for teams and services. Safe to use from several threads."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._guard = Lock()
        self._every: OrderedDict[tuple[Query, Level], Mapping[str, MetricResult]] = OrderedDict()
        self._visited, self._due = Event(), Event()
        self._queries: Sequence[Query] = ()
        self._thread: Thread | None = None

    def visited(self) -> None:
        """Note that somebody opened a page: from then on it is worth the work."""
        self._visited.set()

    def known(self, query: Query) -> MetricResult | None:
        """What is known of a team, or service, from having asked of all of them at once."""
        name, level = query.team or query.service, _level(query)
        if name is None:
            return None
        found = self._numbers.known_scoped(_of_everything(query), level)
        return found.get(name) if found is not None else None

    def before(self, query: Query) -> MetricResult | None:
        """As `known`, as of any earlier moment."""
        with self._guard:
            every = self._every.get((of_any_moment(_of_everything(query)), _level(query)), {})
        return every.get(query.team or query.service or "")

    def work_out(self, queries: Sequence[Query], pause: Callable[[float], bool]) -> None:
        """Begin, or begin anew, with what these queries of everything say of each team and of each service.

        It is done in a thread of its own, as soon as somebody has opened a page, until ``pause``, which waits for so
        many seconds, tells that the service ends. What cannot be answered is left to whoever asks.
        """
        with self._guard:
            self._queries = tuple(queries)
            self._due.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, args=(pause,), name="teams and services ahead", daemon=True)
                self._thread.start()

    def _run(self, pause: Callable[[float], bool]) -> None:
        while not pause(0.0):
            if self._due.wait(TURN) and self._visited.wait(TURN):
                self._due.clear()
                for query in self._queries:
                    begun = monotonic()
                    try:
                        self._spread(query)
                    except StoreClosed:
                        return
                    except TribometerError as error:
                        LOG.warning("%s", error)
                    if pause(REST * (monotonic() - begun)):
                        return

    def _spread(self, query: Query) -> None:
        """Work out what a query of everything says of each team and of each service, all at once."""
        scopes: dict[Level, Sequence[str]] = {"team": self._numbers.teams(), "service": self._numbers.services()}
        for level, names in scopes.items():
            if len(names) <= MOST_SCOPES and fits(query, level):
                found = self._numbers.scoped(query, level)
                with self._guard:
                    self._every[of_any_moment(query), level] = found
                    if len(self._every) > MOST_EVERY:
                        self._every.popitem(last=False)


def of_any_moment(query: Query) -> Query:
    """The same question asked at any moment of the same window."""
    start, end = query.window
    return replace(query, start=start, end=end, now=end)


def _level(query: Query) -> Level:
    return "team" if query.team is not None else "service"


def _of_everything(query: Query) -> Query:
    return replace(query, team=None, service=None)
