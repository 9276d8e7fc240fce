"""What a report tells of one month, as the objects that pages and API have: nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashboards.questions import DELIVERY
from metrics import CATALOGUE, Query
from metrics.comparison import PREVIOUS, compared, other_query
from tribometer.service.friction import METRIC, board_of
from tribometer.service.report.stale import stale
from tribometer.service.report.verdicts import verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from dashboards.unread import Unread
    from metrics.comparison import Comparison
    from metrics.friction.board import Board
    from metrics.result import MetricResult
    from tribometer.service.instance import Instance
    from tribometer.service.report.months import Month
    from tribometer.service.report.verdicts import Verdicts

KEYS = tuple(DELIVERY)
"""The five keys of DORA in the order of its own pages."""
ONBOARDING = ("service_time_to_first_deploy", "time_to_first_change")
STAGES = "lead_time_stages"
MONTHS = 12


@dataclass(frozen=True)
class Key:
    """One of the five keys: the month, the month before and how they compare, and twelve months up to the month.

    Where services changed hands the comparison has the other reading too (E25).
    """

    result: MetricResult
    before: MetricResult
    comparison: Comparison
    course: Sequence[MetricResult]


@dataclass(frozen=True)
class Yearly:
    """A number of the twelve months up to the month's end, against the twelve before."""

    result: MetricResult
    comparison: Comparison


@dataclass(frozen=True)
class Report:
    """A month of a scope; ``now`` is when it was made; every source of the five keys was read at ``read_at`` or later.

    ``changed_hands``: some service was this team's for a part of the two months only.
    """

    month: Month
    scope: Mapping[str, str]
    now: datetime
    demo: bool
    read_at: datetime | None
    keys: tuple[Key, ...]
    stages: MetricResult
    friction: Board
    onboarding: tuple[Yearly, ...]
    verdicts: Verdicts
    stale: tuple[str, ...]
    unread: tuple[Unread, ...]
    changed_hands: bool

    @property
    def results(self) -> list[MetricResult]:
        """Every metric's result that it tells."""
        keys = [key.result for key in self.keys]
        return [*keys, self.stages, *(each.result for each in self.onboarding)]


def content(instance: Instance, month: Month, scope: Mapping[str, str]) -> Report:
    """Ask for all of it; it takes seconds where nobody asked before."""
    # as of the last whole hour, so that what was worked out once can be told again
    now = instance.clock().replace(minute=0, second=0, microsecond=0)
    asked = _Asked(instance, month, scope, now)
    changed_hands = asked.changed_hands()
    keys = tuple(asked.key(name, changed_hands=changed_hands) for name in KEYS)
    stages = instance.numbers.compute(asked.query(STAGES, month.start))
    return Report(
        month=month,
        scope=scope,
        now=instance.clock(),
        demo=instance.numbers.demo,
        read_at=min((key.result.data_as_of for key in keys if key.result.data_as_of is not None), default=None),
        keys=keys,
        stages=stages,
        friction=asked.friction(),
        onboarding=tuple(asked.onboarding()),
        verdicts=verdicts(instance, month),
        stale=tuple(stale(instance, month)),
        unread=tuple(instance.numbers.unread()),
        changed_hands=changed_hands,
    )


@dataclass(frozen=True)
class _Asked:
    """The questions of one report."""

    instance: Instance
    month: Month
    scope: Mapping[str, str]
    now: datetime

    def query(self, metric: str, start: datetime, by: str | None = None) -> Query:
        """A metric of the scope from a time to the month's end."""
        service, team = self.scope.get("service"), self.scope.get("team")
        return Query(metric, service=service, team=team, start=start, end=self.month.end, by=by, now=self.now)

    def key(self, name: str, *, changed_hands: bool) -> Key:
        query = self.query(name, self.month.moved(1 - MONTHS).start, "month")
        course = self.instance.numbers.compute(query).series
        before, result = course[-2], course[-1]
        as_is_now = self._as_is_now(name) if changed_hands else None
        return Key(result, before, replace(compared(result, before, PREVIOUS), as_is_now=as_is_now), course)

    def _as_is_now(self, name: str) -> Comparison:
        query = replace(self.query(name, self.month.moved(-1).start, "month"), owners="now")
        before, result = self.instance.numbers.compute(query).series
        return compared(result, before, PREVIOUS)

    def changed_hands(self) -> bool:
        return self.instance.numbers.reorganised(self.query(KEYS[0], self.month.moved(-1).start))

    def friction(self) -> Board:
        query = self.query(METRIC, self.month.start)
        return board_of(self.instance, query, self.instance.numbers.friction(query))

    def onboarding(self) -> Iterator[Yearly]:
        """A month has too few newcomers: a year against the year before. People are told of all together only."""
        for name in ONBOARDING:
            if not (self.scope and CATALOGUE[name].people):
                result = self.instance.numbers.compute(self.query(name, self.month.moved(1 - MONTHS).start))
                yield Yearly(result, self._year_before(result))

    def _year_before(self, result: MetricResult) -> Comparison:
        """Against the window of equal length before, as the API's ``compare=previous``; cohorts may widen both."""
        query = self.query(result.metric, result.window.from_)
        other = other_query(replace(query, end=result.window.to), PREVIOUS)
        return compared(result, self.instance.numbers.compute(other), PREVIOUS)
