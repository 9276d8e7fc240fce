"""Every delivery metric computed a second time, in plain Python, straight from the definitions.

The product computes the same in SQL. This side shares no code with it: it reads contract events and
gives the contract's result, slowly and step by step, so that a reader can hold it against the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from plain_clock import seconds
from plain_events import (
    Event,
    Options,
    Scope,
    World,
    build_world,
    observed_spans,
    owner,
    service_names,
)
from plain_history import NO_SERVICE, History, history
from plain_quick_check import middle_parts, quick_check
from plain_reliability import incident_load, incident_parts, reliability, spread
from plain_result import SHOWN, Result, rollup
from plain_stability import (
    change_fail_rate,
    deployment_rework_rate,
    failed_deployment_recovery_time,
)
from plain_throughput import change_lead_time, deployment_frequency, lead_time_stages, stage_parts

DAY = 86400.0
WEEK = 7 * DAY

STATISTICS = {
    "deployment_frequency": "rate",
    "incident_load": "rate",
    "change_lead_time": "p50",
    "lead_time_stages": "p50",
    "failed_deployment_recovery_time": "p50",
    "change_fail_rate": "share",
    "deployment_rework_rate": "share",
    "reliability": "share",
    "quick_check": "mean_of_scores",
}

Metric = Callable[[History, Scope, Options], Result]

METRICS: Mapping[str, Metric] = {
    "deployment_frequency": deployment_frequency,
    "change_lead_time": change_lead_time,
    "lead_time_stages": lead_time_stages,
    "change_fail_rate": change_fail_rate,
    "failed_deployment_recovery_time": failed_deployment_recovery_time,
    "deployment_rework_rate": deployment_rework_rate,
    "quick_check": quick_check,
    "reliability": reliability,
    "incident_load": incident_load,
}


@dataclass(frozen=True)
class Question:
    """What is asked: aware times, a window that ends exclusively, one service or team or all."""

    now: datetime
    window: tuple[datetime, datetime]
    service: str | None = None
    team: str | None = None
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Computation:
    """One metric over one window: the whole, and each service in scope by name."""

    whole: Result
    services: Mapping[str, Result]


def owned_services(world: World, scope: Scope) -> list[str]:
    """List the services in scope: all, or those the team owned at some time in the window."""
    names = service_names(world)
    if scope.team is None:
        return names
    edges = {scope.start}
    for claim in world.of("ownership"):
        known = (claim.get("valid_from"), claim.get("valid_to"))
        edges |= {datetime.fromisoformat(text).astimezone(UTC) for text in known if text}
    inside = [edge for edge in edges if scope.start <= edge < scope.end]
    return [n for n in names if any(owner(world, n, edge) == scope.team for edge in inside)]


def pooled_rate(metric: str, scope: Scope, results: Mapping[str, Result]) -> Any:
    """Give a count's second line: all units by the time the longest-lived service was observed."""
    if metric not in ("deployment_frequency", "incident_load"):
        return None
    lengths = [sum(map(seconds, observed_spans(scope, name))) for name in results]
    total = sum(each.n for each in results.values())
    span = max(lengths, default=0.0) / DAY
    if metric == "incident_load":
        span = sum(lengths) / WEEK
    return {"value": total / span if span else None, "interval": None}


def pooled_parts(metric: str, scope: Scope, results: Mapping[str, Result]) -> Any:
    """Give the parts over the units of all services; of the Quick Check, which pools nothing, the medians."""
    pieces = [piece for each in results.values() for piece in each.pieces]
    if metric == "lead_time_stages":
        return stage_parts(pieces)
    if metric == "incident_load":
        return incident_parts(pieces, sum(sum(map(seconds, observed_spans(scope, name))) for name in results) / WEEK)
    return []


def over_services(metric: str, scope: Scope, results: Mapping[str, Result]) -> Result:
    """Roll several services up, with what only a rollup can tell."""
    whole = rollup(list(results.values()), pooled_rate(metric, scope, results))
    if metric == "quick_check":
        return replace(whole, pooled=None, parts=middle_parts([each.parts for each in results.values()]))
    if whole.status not in SHOWN:
        return whole
    extra = {**whole.extra, **pooled_extra(metric, results)}
    return replace(whole, parts=pooled_parts(metric, scope, results), extra=extra)


def pooled_extra(metric: str, results: Mapping[str, Result]) -> dict[str, Any]:
    """Give the further numbers that hold for all units, where a median over services would say little."""
    n = sum(each.n for each in results.values())
    if metric == "deployment_frequency":
        attempts = n + sum(len(each.pieces) for each in results.values())
        return {"attempts": attempts, "attempt_success": n / attempts if attempts else None}
    if metric == "reliability":
        lacking = [each for each in results.values() if each.status == "not_observable"]
        allowed, bad = (sum(each.pieces[place] for each in results.values() if each.pieces) for place in (0, 1))
        left = {"error_budget_remaining": 1 - bad / allowed if allowed else None}
        return {**left, "not_defined_share": len(lacking) / len(results)}
    if metric == "incident_load":
        return {"time_to_mitigate": spread([wait for each in results.values() for wait in each.sample])}
    if metric == "failed_deployment_recovery_time":
        censored = sum(len(each.censored) for each in results.values())
        return {"censored": censored, **({"method": "kaplan_meier"} if censored else {})}
    return {}


def compute(metric: str, events: Iterable[Event], question: Question) -> Computation:
    """Compute a metric over contract events, for one service, a team's services or all."""
    world = build_world(events, question.now)
    scope = Scope(world, *question.window, team=question.team)
    names = [question.service] if question.service is not None else owned_services(world, scope)
    options = question.options
    results = {name: answer(metric, history(world, name), scope, options) for name in names}
    if len(results) > 1:
        return Computation(over_services(metric, scope, results), results)
    nowhere = answer(metric, history(world, NO_SERVICE), scope, options)
    return Computation(next(iter(results.values()), nowhere), results)


def answer(metric: str, past: History, scope: Scope, options: Options) -> Result:
    """Compute a metric of one service; what could not be observed still says which statistic it would be."""
    return replace(METRICS[metric](past, scope, options), statistic=STATISTICS[metric])


def bucket_edges(start: datetime, end: datetime, by: str) -> list[tuple[str, datetime, datetime]]:
    """Cut a window into ISO weeks, months, quarters or years, each with its label; the outer ones may be partial."""
    edges, cursor = [], start
    while cursor < end:
        day = cursor.replace(hour=0, minute=0, second=0, microsecond=0)
        if by == "week":
            following = day + timedelta(days=7 - day.weekday())
            label = "{}-W{:02}".format(*day.isocalendar())
        elif by == "month":
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            label = f"{day:%Y-%m}"
        elif by == "quarter":
            quarter = (day.month + 2) // 3
            last = day.replace(month=3 * quarter, day=1)
            following = (last + timedelta(days=32)).replace(day=1)
            label = f"{day.year}-Q{quarter}"
        else:
            following = day.replace(year=day.year + 1, month=1, day=1)
            label = str(day.year)
        edges.append((label, cursor, min(following, end)))
        cursor = following
    return edges


def series(metric: str, events: Sequence[Event], question: Question, by: str) -> list[tuple[str, Result]]:
    """Compute a metric per week, month, quarter, year, service or team; empty buckets are there too."""
    if by == "service":
        return by_service(compute(metric, events, question))
    return [(label, compute(metric, events, part).whole) for label, part in parts_of(events, question, by)]


def by_service(computed: Computation) -> list[tuple[str, Result]]:
    """Give the results of the services by name."""
    return sorted(computed.services.items(), key=lambda pair: pair[0])


def parts_of(events: Sequence[Event], question: Question, by: str) -> list[tuple[str, Question]]:
    """Cut a question by team, or into periods, with the label of each part."""
    if by == "team":
        claims = build_world(events, question.now).of("ownership")
        return [(team, replace(question, team=team)) for team in sorted({c["team"] for c in claims})]
    edges = bucket_edges(*question.window, by)
    return [(label, replace(question, window=(start, end))) for label, start, end in edges]
