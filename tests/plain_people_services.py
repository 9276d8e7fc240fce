"""The first deploy of a service a second time (O2): its milestones, and templates against none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from plain_clock import elapsed
from plain_events import Event, Options, World, at, is_production, owner, service_event, service_names
from plain_history import history
from plain_lead_time import needed
from plain_platform import gate_rule, mean, request_rule, served_at, subject, whose
from plain_result import Result, Row, duration_result, survival_result
from plain_statistics import percentile, survival_percentile
from plain_units import PlainMetric, Unit

STAGES = (
    "first_commit",
    "first_green_run",
    "first_other_deployment",
    "first_production_deployment",
    "first_objective",
)
ENOUGH, SURE = 8, 0.05

Durations = tuple[list[float], list[float]]


def home(world: World, name: str) -> tuple[str, list[Event]]:
    """Give a service's repository, and what is told of it."""
    repository = service_event(world, name).get("repository") or name
    return repository, [each for each in world.of("repository") if each["name"] == repository]


def is_alone(world: World, name: str) -> bool:
    """Tell whether a service has its repository to itself."""
    return sum(home(world, other)[0] == home(world, name)[0] for other in service_names(world)) == 1


def earliest(times: Sequence[datetime | None]) -> datetime | None:
    """Give the first of the times that are known."""
    return min((each for each in times if each), default=None)


def firsts(world: World, name: str) -> dict[str, datetime | None]:
    """Give when a service reached each milestone."""
    repository, alone = home(world, name)[0], is_alone(world, name)
    mine = [each for each in world.of("deployment") if each["service"] == name and each["status"] == "success"]
    own = [each for kind in ("commit", "run") for each in world.of(kind) if alone and each["repository"] == repository]
    green = [each for each in own if each["type"] == "run" and each.get("conclusion") == "success"]
    return {
        "first_commit": earliest([at(each, "authored_at") for each in own if each["type"] == "commit"]),
        "first_green_run": earliest([at(each, "completed_at") for each in green]),
        "first_other_deployment": earliest([at(each, "finished_at") for each in mine if not is_production(each)]),
        "first_production_deployment": earliest(
            [each.finished for each in history(world, name).deployments if each.role == "shipped"]
        ),
        "first_objective": earliest([at(each, "from") for each in world.of("slo") if each["service"] == name]),
    }


def known_from(world: World) -> datetime | None:
    """Give when the first production deployment finished that was collected."""
    return earliest([each.finished for name in service_names(world) for each in history(world, name).deployments])


def asked(world: World, name: str) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """Give when approvals and requests of a service were open."""
    gates = [
        (needed(each, "requested_at"), at(each, "decided_at"))
        for each in world.of("gate")
        if each["kind"] == "human"
        and whose(world, each, needed(each, "requested_at"))[0] == name
        and gate_rule(each, *subject(world, each)) is None
    ]
    wanted = [
        (needed(each, "requested_at"), served_at(each))
        for each in world.of("request")
        if each.get("service") == name and request_rule(each) is None
    ]
    return {"approvals": gates, "requests": wanted}


def covered(spans: Sequence[tuple[datetime, datetime | None]], begin: datetime, end: datetime) -> float:
    """Give the seconds between two times in which any of the spans is open."""
    cut = [(max(start, begin), min(stop or end, end)) for start, stop in spans]
    edges = sorted({begin, end, *(edge for span in cut for edge in span if begin <= edge <= end)})
    return sum((b - a).total_seconds() for a, b in pairwise(edges) if any(s <= a and b <= e for s, e in cut))


def waited(world: World, name: str, born: datetime, live: datetime | None) -> dict[str, float | None] | None:
    """Give the shares of the time until it ran in which a service waited, None where it does not run."""
    if live is None:
        return None
    spans, length = asked(world, name), max(0.0, (live - born).total_seconds())
    told = {
        "approvals": any(each["kind"] == "human" for each in world.of("gate")),
        "requests": bool(world.of("request")),
    }
    every = {"share": [one for each in spans.values() for one in each], **spans}
    return {
        kind: covered(each, born, live) / length if length and told.get(kind, any(told.values())) else None
        for kind, each in every.items()
    }


def rule_of(world: World, name: str, born: datetime, reached: Mapping[str, datetime | None]) -> str | None:
    """Give why a service is no new one, or None."""
    told, gone = home(world, name)[1], at(service_event(world, name), "archived_at")
    began = earliest([at(each, "created_at") for each in told]) or born
    written, live, known = reached["first_commit"], reached["first_production_deployment"], known_from(world)
    if any(each.get("fork") for each in told):
        return "fork"
    if any(each.get("archived") for each in told) or (gone and gone <= world.now):
        return "archived"
    if written and written < began - timedelta(days=1):
        return "imported"
    if known is None or born < known - timedelta(days=30):
        return "before_history"
    return "before_start" if live and live < born else None


def units(world: World, options: Options) -> list[Unit]:
    """O2: services by when they were created."""
    found = []
    for name in service_names(world):
        born = at(service_event(world, name), "created_at")
        born = born or earliest([at(each, "created_at") for each in home(world, name)[1][:1]])
        if born is None or born > world.now:
            continue
        reached = firsts(world, name)
        rule, live = rule_of(world, name, born, reached), reached["first_production_deployment"]
        value = elapsed(born, live or world.now, options.clock) if rule is None else None
        row = Row("service", name, rule is None, value, rule)
        made = service_event(world, name).get("template") is not None
        more = (live is None, made, is_alone(world, name), born, reached, world.now, waited(world, name, born, live))
        found.append(Unit(name, owner(world, name, born), born, row, more))
    return found


def split(found: Sequence[Unit]) -> Durations:
    """Give what ended, and what goes on."""
    ended = [each.row.value for each in found if not each.more[0]]
    ongoing = [each.row.value for each in found if each.more[0]]
    return [v for v in ended if v is not None], [v for v in ongoing if v is not None]


def result(found: Sequence[Unit], _: Options) -> Result:
    """Give the median with its percentiles, the milestones, and the comparison by template."""
    counted = [each for each in found if each.row.counted]
    ended, ongoing = split(counted)
    rows = [Row("service", "", counted=True, value=value) for value in ended]
    told = survival_result(rows, ongoing) if ongoing else duration_result(rows, hidden=False)
    told = replace(told, rows=[each.row for each in found])
    if not counted:
        return told
    p80 = survival_percentile(ended, ongoing, 0.8) if ongoing else percentile(ended, 0.8)
    extra = {"censored": len(ongoing), **told.extra, "by_template": by_template(counted), "waiting": waiting(counted)}
    return replace(
        told, percentiles={**told.percentiles, "p80": p80}, extra=extra, parts=[stage(counted, name) for name in STAGES]
    )


def spread(durations: Durations) -> dict[str, Any]:
    """Give n and percentiles by Kaplan-Meier."""
    quantiles = {name: survival_percentile(*durations, q) for name, q in (("p50", 0.5), ("p80", 0.8))}
    return {"n": len(durations[0]) + len(durations[1]), **quantiles}


def waiting(counted: Sequence[Unit]) -> dict[str, Any]:
    """Give the mean shares over the services that run."""
    told = [each.more[6] for each in counted if each.more[6]]
    shares = {
        kind: mean([each[kind] for each in told if each[kind] is not None])
        for kind in ("share", "approvals", "requests")
    }
    return {**shares, "n": len(told)}


def by_template(counted: Sequence[Unit]) -> dict[str, Any]:
    """Compare services made from a template with the others."""
    arms = {name: split([each for each in counted if each.more[1] == made]) for name, made in
            (("template", True), ("none", False))}  # fmt: skip
    told: dict[str, Any] = {name: spread(durations) for name, durations in arms.items()}
    if any(each["n"] < ENOUGH for each in told.values()):
        return {**told, "p_value": None, "verdict": "indicative"}
    p_value = log_rank(arms["template"], arms["none"]) if arms["template"][0] or arms["none"][0] else None
    different = p_value is not None and p_value < SURE
    return {**told, "p_value": p_value, "verdict": "different" if different else "cannot_tell"}


def log_rank(one: Durations, other: Durations) -> float:
    """Give the p-value of Mantel's test by counting who was at risk at each end."""
    surplus = variance = 0.0
    for time in sorted({*one[0], *other[0]}):
        mine = sum(each >= time for each in [*one[0], *one[1]])
        both = mine + sum(each >= time for each in [*other[0], *other[1]])
        over = one[0].count(time) + other[0].count(time)
        surplus += one[0].count(time) - over * mine / both
        if both > 1:
            variance += over * (mine / both) * (1 - mine / both) * (both - over) / (both - 1)
    return math.erfc(abs(surplus) / math.sqrt(2 * variance)) if variance else math.nan


def stage(counted: Sequence[Unit], name: str) -> dict[str, Any]:
    """Give when half of the services had reached a milestone, and which share has."""
    told = [each.more for each in counted if each.more[2] or name not in STAGES[:2]]
    ended = [max(0.0, (reached[name] - born).total_seconds()) for _, _, _, born, reached, *_ in told if reached[name]]
    ongoing = [(now - born).total_seconds() for _, _, _, born, reached, now, _ in told if not reached[name]]
    found = spread((ended, ongoing))
    share = len(ended) / found["n"] if found["n"] else None
    return {"stage": name, "value": found["p50"], "p80": found["p80"], "share": share, "n": found["n"]}


METRICS: Mapping[str, PlainMetric] = {
    "service_time_to_first_deploy": PlainMetric(units, result, ("deployment",), "p50", over_services=False),
}
