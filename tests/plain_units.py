"""Metrics whose units say themselves whose they are: what happens in repositories, to requests, in rotations.

A second time in plain Python, like the delivery metrics; here a population is listed once and then cut by scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from plain_delivery import Computation, Question, by_service, owned_services, parts_of
from plain_events import Event, Options, Scope, World, build_world, owner, service_event, service_names
from plain_result import SHOWN, Result, Row, count_rules, pool, rollup


@dataclass(frozen=True)
class Unit:
    """One thing looked at: whose it is, when it counts, and the row that tells of it; ``more`` is for its metric."""

    service: str | None
    team: str | None
    time: datetime
    row: Row
    more: Any = None


@dataclass(frozen=True)
class PlainMetric:
    """``list_units`` gives the population of all time, ``measure`` a result of some of it.

    ``needs`` are the event types without which nothing could be told. ``over_services``: the headline of several
    services is the median over them. ``within`` measures instead of ``measure`` where the window's length counts.
    ``observable`` tells more of what could be told than ``needs``. ``standing`` lists what lies there when the window
    ends, which no period of a series tells.
    """

    list_units: Callable[[World, Options], Sequence[Unit]]
    measure: Callable[[Sequence[Unit], Options], Result]
    needs: Sequence[str]
    statistic: str
    over_services: bool = True
    within: Callable[[Sequence[Unit], Scope], Result] | None = None
    observable: Callable[[World], bool] | None = None
    standing: Callable[[World, Options, datetime], Sequence[Unit]] | None = None


def home_of(world: World, repository: str, time: datetime) -> tuple[str | None, str | None]:
    """Give the service that stands for a repository (None: several, or none) and the team that owns it then."""
    services = [n for n in service_names(world) if (service_event(world, n).get("repository") or n) == repository]
    if len(services) == 1:
        return services[0], owner(world, services[0], time)
    return None, owner_of_repository(world, repository, time)


def owner_of_repository(world: World, repository: str, time: datetime) -> str | None:
    """Give the team with the newest claim on a repository itself."""
    claims = [
        each for each in world.of("ownership") if each.get("repository") == repository and not each.get("service")
    ]
    named = [{**each, "service": repository} for each in claims]
    return owner(replace(world, by_type={**world.by_type, "ownership": named}), repository, time)


def in_scope(units: Sequence[Unit], scope: Scope, service: str | None = None) -> list[Unit]:
    """List the units that count within the window, for the service and the team."""
    return [
        each
        for each in units
        if scope.start <= each.time < scope.end
        and (service is None or each.service == service)
        and (scope.team is None or each.team == scope.team)
    ]


def compute(
    metric: PlainMetric, events: Sequence[Event], question: Question, *, is_period: bool = False
) -> Computation:
    """Compute a metric over contract events, for one service, a team or all."""
    world = build_world(events, question.now)
    scope = Scope(world, *question.window, team=question.team)
    names = [question.service] if question.service is not None else owned_services(world, scope)
    if not all(world.of(kind) for kind in metric.needs) or (metric.observable and not metric.observable(world)):
        nothing = Result("not_observable", 0, statistic=metric.statistic)
        several = len(names) > 1 and metric.over_services
        return Computation(rollup([nothing] * len(names)) if several else nothing, dict.fromkeys(names, nothing))
    units = list(metric.list_units(world, question.options))
    if metric.standing and not is_period:
        units += metric.standing(world, question.options, min(scope.end, world.now))
    own = {name: _measured(metric, in_scope(units, scope, name), question.options, scope) for name in names}
    whole = _measured(metric, in_scope(units, scope, question.service), question.options, scope)
    if len(names) > 1 and metric.over_services:
        whole = over_services(own, whole)
    return Computation(whole, own)


def _measured(metric: PlainMetric, units: Sequence[Unit], options: Options, scope: Scope) -> Result:
    found = metric.within(units, scope) if metric.within else metric.measure(units, options)
    excluded = dict(found.exclusions) or count_rules([each.row for each in units])
    return replace(found, statistic=metric.statistic, exclusions=excluded)


def over_services(own: Mapping[str, Result], together: Result) -> Result:
    """Roll services up; what belongs to none of them is in the second line, and among what was counted or left out."""
    whole = rollup(list(own.values()), pool([together]))
    if whole.status == "no_data" and together.n:
        return replace(together, services=whole.services)
    shown = whole.status in SHOWN
    return replace(
        whole,
        n=together.n,
        exclusions=together.exclusions,
        coverage=together.coverage,
        parts=together.parts if shown else (),
        extra={**whole.extra, **together.extra} if shown else {},
    )


def series(metric: PlainMetric, events: Sequence[Event], question: Question, by: str) -> list[tuple[str, Result]]:
    """Compute a metric per week, month, quarter, year, service or team; empty buckets are there too."""
    if by == "service":
        return by_service(compute(metric, events, question))
    parts = parts_of(events, question, by)
    return [(label, compute(metric, events, part, is_period=by != "team").whole) for label, part in parts]
