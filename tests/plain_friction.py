"""The friction cost a second time in plain Python: waits cut into business days, and what people lost by each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from plain_clock import DAILY_CAP, SATURDAY, Span, merge_spans, open_hours, overlap
from plain_delivery import Computation, Question, bucket_edges, by_service, owned_services, parts_of
from plain_events import Event, Options, Scope, World, build_world, one_person, owner, service_event
from plain_friction_waits import waits
from plain_lead_time import needed
from plain_result import Result, Row
from plain_units import Unit, in_scope

HOUR, MONTH = 3600.0, 365.25 / 12 * 86_400
SEEN_BY = ("run", "change", "gate", "deployment", "request", "page")


@dataclass(frozen=True)
class Factor:
    """People held up, their attention, minutes that cost nothing, and days after which nobody waits any more."""

    people: float = 1.0
    attention: float = 0.5
    beyond: float = 0.0
    days: int = 5


FACTORS = {
    "ci_queue": Factor(),
    "ci_execution": Factor(beyond=10),
    "flaky_reruns": Factor(days=1),
    "red_default_branch": Factor(attention=1, days=2),
    "review_wait": Factor(),
    "approval_wait": Factor(),
    "release_wait": Factor(attention=0),
    "failed_deployments": Factor(people=2, attention=1, days=2),
    "rework": Factor(attention=1, days=2),
    "onboarding_access": Factor(days=10),
    "provisioning": Factor(days=10),
}
A_PAGE = 3600.0
Factors = Mapping[str, Factor]


@dataclass(frozen=True)
class Lost:
    """What one business day of one wait cost: ``hers`` of one person's own day, ``all`` of everybody's it held up."""

    wait: Any
    service: str | None
    team: str | None
    who: frozenset[str] | None
    day: date
    at: datetime
    hers: float
    all: float


def days_of(span: Span, factor: Factor) -> list[tuple[datetime, float]]:
    """List the business days of a wait with the seconds of each that count."""
    found, sofar = [], 0.0
    free, most = factor.beyond * 60, factor.beyond * 60 + factor.days * DAILY_CAP
    for hours in open_hours(*span, UTC):
        if hours[0] < span[1] and span[0] < hours[1]:
            begins, sofar = sofar, sofar + min(overlap(span, hours), DAILY_CAP)
            counts = overlap_of((begins, sofar), (free, most))
            found.append((max(span[0], hours[0]), counts))
    return found


def overlap_of(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Give how much two stretches of seconds share."""
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def lost_by_waits(world: World, window: Span, options: Options, factors: Factors) -> list[Lost]:
    """List the days of the window on which anybody waited; what one waits for twice at a time counts once."""
    person = cache(lambda author: frozenset(one_person(world, author)))
    lines: dict[Any, list[Any]] = {}
    for each in waits(world, window, options):
        if each.span[0] < each.span[1]:
            who = person(each.author) if each.author else None
            lines.setdefault((each.kind, each.subject, who, each.service), []).append(each)
    found = []
    for (kind, subject, who, service), mine in lines.items():
        factor = factors[kind]
        for span in merge_spans([each.span for each in mine]):
            team = min((e.team for e in mine if e.team and span[0] <= e.span[0] <= span[1]), default=None)
            for when, seconds in days_of(span, factor):
                hers, name = seconds * factor.attention, (kind, subject, span[0])
                found.append(Lost(name, service, team, who, when.date(), when, hers, hers * factor.people))
    return [each for each in found if window[0] <= each.at < window[1]]


def lost_by_pages(world: World, window: Span) -> list[Lost]:
    """List the pages of the window at night and on weekends."""
    found = []
    for page in world.of("page"):
        when, service = needed(page, "paged_at"), page.get("service")
        library = service is not None and service_event(world, service).get("kind") == "library"
        team = owner(world, service, when) if service and not library else None
        free = when.weekday() >= SATURDAY or not 7 <= when.hour < 19
        if free and window[0] <= when < window[1]:
            name = ("out_of_hours_pages", str(page["id"]), when)
            found.append(Lost(name, service, team, None, when.date(), when, A_PAGE, A_PAGE))
    return found


def units(world: World, window: Span, options: Options, factors: Factors = FACTORS) -> list[Unit]:
    """List what was lost, of one person and day at most 8 hours, shared pro rata."""
    lost = [*lost_by_waits(world, window, options, factors), *lost_by_pages(world, window)]
    full: dict[Any, float] = {}
    for each in lost:
        if each.who is not None:
            full[each.who, each.day] = full.get((each.who, each.day), 0.0) + each.hers
    found = []
    for each in lost:
        together = full.get((each.who, each.day), 0.0)
        value = each.all * min(1.0, DAILY_CAP / together) if together else each.all
        row = Row("wait", str(each.wait), counted=True, value=value)
        found.append(Unit(each.service, each.team, each.at, row, (each.wait, together > DAILY_CAP)))
    return found


def measured(these: Sequence[Unit], scope: Scope) -> Result:
    """Give the hours lost in a month."""
    if not these:
        return Result("no_data", 0, statistic="rate")
    lost = sum(each.row.value or 0.0 for each in these)
    lasted = max((min(scope.end, scope.world.now) - scope.start).total_seconds(), HOUR)
    extra = {"lost_seconds": lost, "full_days": sum(each.more[1] for each in these)}
    n = len({each.more[0] for each in these})
    return Result("ok", n, lost / HOUR / (lasted / MONTH), statistic="rate", extra=extra)


def compute(events: Sequence[Event], question: Question) -> Computation:
    """Compute the friction cost over contract events, for one service, a team or all."""
    world = build_world(events, question.now)
    scope = Scope(world, *question.window, team=question.team)
    names = [question.service] if question.service is not None else owned_services(world, scope)
    if not any(world.of(kind) for kind in SEEN_BY):
        nothing = Result("not_observable", 0, statistic="rate")
        return Computation(nothing, dict.fromkeys(names, nothing))
    lost = units(world, question.window, question.options)
    own = {name: measured(in_scope(lost, scope, name), scope) for name in names}
    return Computation(measured(in_scope(lost, scope, question.service), scope), own)


def series(events: Sequence[Event], question: Question, by: str) -> list[tuple[str, Result]]:
    """Compute it per week, month, quarter, year, service or team; a day belongs where its wait or its hours began."""
    if by == "service":
        return by_service(compute(events, question))
    if by == "team":
        return [(label, compute(events, part).whole) for label, part in parts_of(events, question, by)]
    world = build_world(events, question.now)
    lost = units(world, question.window, question.options)
    scopes = {label: Scope(world, start, end) for label, start, end in bucket_edges(*question.window, by)}
    return [(label, measured(in_scope(lost, scope, question.service), scope)) for label, scope in scopes.items()]


def by_kind(events: Sequence[Event], question: Question, factors: Factors) -> dict[str, Result]:
    """Compute it of every kind that anybody waited for, by what a wait costs there."""
    world = build_world(events, question.now)
    scope = Scope(world, *question.window)
    kinds: dict[str, list[Unit]] = {}
    for each in in_scope(units(world, question.window, question.options, factors), scope):
        kinds.setdefault(each.more[0][0], []).append(each)
    return {kind: measured(mine, scope) for kind, mine in sorted(kinds.items())}
