"""The numbers of one store: the same object for pages, API and command line."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import replace
from datetime import UTC
from threading import Lock
from typing import TYPE_CHECKING, Any

import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dashboards.data import CommitsKnown, SourceState
    from metrics import Query
    from metrics.explanation import Explanation
    from metrics.result import MetricResult
    from tribometer.settings import Rules
    from tribometer.store import EventStore

MOST_KEPT = 1_000
SOURCES = "SELECT source, kind, last_success_at, last_error FROM source_states ORDER BY source"
SERVICES = """
SELECT DISTINCT service FROM (
    SELECT name AS service FROM services
    UNION ALL SELECT service FROM production_deployments
    UNION ALL SELECT service FROM deployments WHERE inferred_from IS NULL
    UNION ALL SELECT service FROM incidents
    UNION ALL SELECT r.name FROM repositories AS r WHERE r.name NOT IN (
        SELECT repository FROM services WHERE repository IS NOT NULL)
) AS named WHERE service IS NOT NULL ORDER BY service NULLS LAST
"""
FIRST_SHIPPED = """
SELECT min(finished_at) FROM production_deployments
WHERE role = 'shipped' AND ($service IS NULL OR service = $service)
  AND ($team IS NULL OR service IN (SELECT service FROM ownerships WHERE team = $team))
"""
COMMITS = "SELECT count(*), min(committed_at), max(committed_at) FROM commits"
TEAMS = """
SELECT DISTINCT team FROM (
    SELECT coalesce(name, id) AS team FROM teams UNION ALL SELECT team FROM ownerships
) AS named WHERE team IS NOT NULL ORDER BY team NULLS LAST
"""


class Numbers:
    """Computes over one store and keeps results until something lands. Safe to use from several threads."""

    demo = False

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
        self._kept: OrderedDict[tuple[int, Query], MetricResult] = OrderedDict()

    def now(self) -> datetime:
        """Return the clock's time, aware UTC."""
        return self._clock()

    def forget(self) -> None:
        """Drop what was computed: something landed."""
        with self._guard:
            self._generation += 1
            self._kept.clear()

    def compute(self, query: Query) -> MetricResult:
        """Return the contract's result object; one that is at most a minute old may come from before."""
        key = (self._generation, replace(query, now=query.now.replace(second=0, microsecond=0)))
        with self._guard:
            kept = self._kept.get(key)
        if kept is None:
            with self._store.reader() as reader:
                kept = metrics.compute(reader, query, self._rules)
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[int, Query], result: MetricResult) -> None:
        with self._guard:
            if key[0] == self._generation:
                self._kept[key] = result
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def explain(self, query: Query) -> Explanation:
        """Return the definition, the SQL that ran, and the counts by rule."""
        with self._store.reader() as reader:
            return metrics.explain(reader, query, self._rules)

    def each_unit(self, query: Query) -> Iterator[dict[str, Any]]:
        """Yield every unit looked at, as ``explain --rows --json`` prints it."""
        with self._store.reader() as reader:
            yield from metrics.unit_rows(reader, query, self._rules)

    def unit_rows(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """Return the newest `limit` of `each_unit`, newest first."""
        return list(reversed(deque(self.each_unit(query), limit)))

    def services(self) -> Sequence[str]:
        """Return the names of all services, sorted."""
        return self._names(SERVICES)

    def teams(self) -> Sequence[str]:
        """Return the names of all teams, sorted."""
        return self._names(TEAMS)

    def _names(self, sql: str) -> list[str]:
        with self._store.reader() as reader:
            return [name for (name,) in reader.rows(sql)]

    def sources(self) -> Sequence[SourceState]:
        """Return all sources, sorted by name; times are aware UTC."""
        from dashboards.data import SourceState  # noqa: PLC0415 - pages need pandas, commands do not

        with self._store.reader() as reader:
            found = reader.rows(SOURCES)
        busy = {name for name, lock in list(self._locks.items()) if lock.locked()}
        return [SourceState(name, kind, _aware(at), error, name in busy) for name, kind, at, error in found]

    def first_shipped_at(self, service: str | None, team: str | None) -> datetime | None:
        """Return when the first production deployment in scope finished, aware UTC."""
        with self._store.reader() as reader:
            [(first,)] = reader.rows(FIRST_SHIPPED, service=service, team=team)
        return _aware(first)

    def commits(self) -> CommitsKnown:
        """Return how many commits are known, and from when to when they entered their histories."""
        from dashboards.data import CommitsKnown  # noqa: PLC0415 - as above

        with self._store.reader() as reader:
            [(count, first, last)] = reader.rows(COMMITS)
        return CommitsKnown(count, _aware(first), _aware(last))


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
