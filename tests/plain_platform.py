"""Approvals and requests to the platform a second time (A1, G7, G8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from plain_clock import elapsed
from plain_events import Event, Options, World, at, key_of, owner, reference
from plain_flow import waiting_result
from plain_population import coverage
from plain_result import SHOWN, Result, Row, share_result
from plain_statistics import percentile, survival_percentile
from plain_units import PlainMetric, Unit, home_of

WITHDRAWN = ("cancelled", "canceled", "skipped", "withdrawn")
IN_VAIN = ("cancelled", "canceled", "failed", "failure", "error", "rejected", "declined", "withdrawn")
DONE = ("fulfilled", "completed", "done", "closed", "resolved", "success", "succeeded")
OVER = ("cancelled", "canceled", "failed", "rejected", "withdrawn", "fulfilled", "closed")
KINDS = ("human", "timer", "policy")
KNOWN_TOUCHES = "fulfilled requests whose human touches are known"
RUBBER_STAMP = 120


def between(start: datetime, end: datetime) -> float:
    """Give the seconds from one time to another, never negative."""
    return max(0.0, (end - start).total_seconds())


def spread(ended: Sequence[float], waiting: Sequence[float]) -> dict[str, Any]:
    """Give percentiles of durations, by Kaplan-Meier where any goes on."""
    quantiles = {
        name: survival_percentile(ended, waiting, q) if waiting else percentile(ended, q)
        for name, q in (("p50", 0.5), ("p90", 0.9))
    }
    return {**quantiles, "n": len(ended) + len(waiting), "waiting": len(waiting)}


def mean(values: Sequence[float]) -> float | None:
    """Give the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def status_of(event: Event, field: str = "status") -> str | None:
    """Give a status or decision in small letters."""
    said = event.get(field)
    return None if said is None else str(said).lower()


def subject(world: World, gate: Event) -> tuple[str, Event]:
    """Give what a gate holds up, and what is known of it."""
    for kind in ("deployment", "run", "request"):
        named = reference(gate, kind)
        if named:
            return kind, next((each for each in world.of(kind) if key_of(each) == named), {})
    return "request", {}


def is_over(kind: str, held: Event) -> bool:
    """Tell whether what a gate holds up is over."""
    if kind == "deployment":
        return held.get("status") in ("success", "failure", "cancelled")
    if kind == "run":
        return held.get("conclusion") is not None or held.get("completed_at") is not None
    return served_at(held) is not None or status_of(held) in OVER


def gate_rule(gate: Event, kind: str, held: Event) -> str | None:
    """Give why a gate is no approval that somebody waits for."""
    decided, decision = at(gate, "decided_at"), status_of(gate, "decision")
    if decision in WITHDRAWN:
        return "withdrawn"
    if decided is None and decision is not None:
        return "no_time"
    if decided is None and is_over(kind, held):
        return "withdrawn"
    return None if gate["kind"] == "human" else str(gate["kind"])


def whose(world: World, gate: Event, when: datetime) -> tuple[str | None, str | None]:
    """Give the service and the team that wait for a gate."""
    told = {each: subject(world, {**gate, **dict.fromkeys({"deployment", "run", "request"} - {each})})[1]
            for each in ("deployment", "run", "request")}  # fmt: skip
    if told["deployment"]:
        service = told["deployment"]["service"]
        return service, owner(world, service, when)
    if told["run"]:
        service, team = home_of(world, told["run"]["repository"], when)
        return service or told["request"].get("service"), team
    service = told["request"].get("service")
    return service, told["request"].get("team") or (owner(world, service, when) if service else None)


def gate_units(world: World, options: Options) -> list[Unit]:
    """A1: gates and how long they were closed."""
    found = []
    for gate in world.of("gate"):
        asked, decided = at(gate, "requested_at"), at(gate, "decided_at")
        if asked is None:
            continue
        kind, held = subject(world, gate)
        rule = gate_rule(gate, kind, held)
        wait = elapsed(asked, decided or world.now, options.clock)
        flags = ("E3",) if decided and decided < asked else ()
        row = Row("gate", str(gate["id"]), rule is None, wait if rule is None else None, rule, flags)
        quick = (decided - asked).total_seconds() < RUBBER_STAMP if decided else None
        lasted = between(asked, decided or world.now)
        more = {"kind": gate["kind"], "wait": wait, "lasted": lasted, "open": decided is None, "quick": quick,
                "decision": status_of(gate, "decision")}  # fmt: skip
        found.append(Unit(*whose(world, gate, asked), asked, row, more))
    return found


def durations(units: Sequence[Unit], options: Options) -> Result:
    """Give the median, by Kaplan-Meier where anything is open, with negative times among the exclusions."""
    opened = [replace(each, more=each.more["open"]) for each in units]
    found = waiting_result(opened, options)
    counts: dict[str, int] = {}
    for row in [each.row for each in units]:
        names = [row.rule] if not row.counted else [flag for flag in row.flags if flag != "unused"]
        for name in names:
            counts[str(name)] = counts.get(str(name), 0) + 1
    return replace(found, exclusions=dict(sorted(counts.items())))


def approvals(units: Sequence[Unit], options: Options) -> Result:
    """A1: the wait for people, and how they decided."""
    found = durations(units, options)
    counted = [each.more for each in units if each.row.counted]
    decided = [float(each["decision"] == "rejected") for each in counted if each["decision"] is not None]
    quick = [float(each["quick"]) for each in counted if each["quick"] is not None]
    lasted = [(each["lasted"], each["open"]) for each in counted]
    calendar = spread([wait for wait, waits in lasted if not waits], [wait for wait, waits in lasted if waits])
    shares = {"rejection_share": mean(decided), "rubber_stamp_share": mean(quick)}
    extra = {**found.extra, "calendar": calendar, **shares}
    return replace(found, extra=extra if counted else {}, parts=by_kind(units))


def by_kind(units: Sequence[Unit]) -> list[dict[str, Any]]:
    """Give the waits for people, timers and policy checks apart."""
    told = [each.more for each in units if each.row.counted or each.row.rule in KINDS]
    parts = []
    for kind in KINDS:
        own = [each for each in told if each["kind"] == kind]
        if own:
            waits = spread([e["wait"] for e in own if not e["open"]], [e["wait"] for e in own if e["open"]])
            part = {"class": kind, "value": waits["p50"], "p90": waits["p90"]}
            parts.append({**part, "share": len(own) / len(told), "n": len(own)})
    return parts


def served_at(request: Event) -> datetime | None:
    """Give when what was asked for could be used, as far as is known."""
    return at(request, "usable_at") or at(request, "fulfilled_at")


def request_rule(request: Event) -> str | None:
    """Give why nobody can tell how long a request took."""
    if status_of(request) in IN_VAIN:
        return "came_to_nothing"
    return "no_time" if served_at(request) is None and status_of(request) in DONE else None


def requester(world: World, request: Event) -> tuple[str | None, str | None]:
    """Give the service a request is for, and the team that asked."""
    service, when = request.get("service"), at(request, "requested_at")
    claimed = owner(world, service, when) if service and when else None
    return service, request.get("team") or claimed


def wait_units(world: World, options: Options) -> list[Unit]:
    """G7: requests and how long they took."""
    found = []
    for request in world.of("request"):
        asked, served, rule = at(request, "requested_at"), served_at(request), request_rule(request)
        if asked is None:
            continue
        value = elapsed(asked, served or world.now, options.clock) if rule is None else None
        approximate = at(request, "usable_at") is None and served is not None
        flag = "E3" if served and served < asked else ("fulfilled_at" if approximate else None)
        row = Row("request", str(request["id"]), rule is None, value, rule, (flag,) if flag else ())
        answers = [time for time in (at(request, "first_response_at"), served) if time]
        answered = (between(asked, min(answers, default=world.now)), not answers)
        found.append(Unit(*requester(world, request), asked, row, {"open": served is None, "answered": answered}))
    return found


def provisioning(units: Sequence[Unit], options: Options) -> Result:
    """G7: the wait until something can be used, and that for a first answer."""
    found = durations(units, options)
    answered = [each.more["answered"] for each in units if each.row.counted]
    first = spread([wait for wait, waits in answered if not waits], [wait for wait, waits in answered if waits])
    return replace(found, extra={**found.extra, "first_response": first} if answered else {})


def touch_units(world: World, _: Options) -> list[Unit]:
    """G7: fulfilled requests and whether anybody had to do anything."""
    found = []
    for request in world.of("request"):
        served, touches = served_at(request), request.get("human_touches")
        if served is None or request_rule(request):
            continue
        rule = "unknown_touches" if touches is None else None
        value = None if touches is None else float(touches == 0)
        row = Row("request", str(request["id"]), rule is None, value, rule)
        found.append(Unit(*requester(world, request), served, row, touches))
    return found


def self_service(units: Sequence[Unit], _: Options) -> Result:
    """G7: the share of them."""
    rows = [each.row for each in units]
    known = [float(each.more) for each in units if each.row.counted]
    found = share_result(rows, coverage=coverage(len(known), len(rows), None, KNOWN_TOUCHES))
    return replace(found, extra={"touches_per_request": mean(known)} if known else {})


def golden_templates(world: World) -> set[str]:
    """List the templates that have releases: nothing else is declared here."""
    return {each["template"] for each in world.of("template_release")}


def journey_units(world: World, _: Options) -> list[Unit]:
    """G8: requests along the golden path and how they went."""
    found = []
    for request in world.of("request"):
        asked, touches, vain = at(request, "requested_at"), request.get("human_touches"), status_of(request) in IN_VAIN
        if asked is None or request.get("template") not in golden_templates(world):
            continue
        ended = served_at(request) is not None or status_of(request) in DONE
        rule = None if vain else ("open" if not ended else ("unknown_touches" if touches is None else None))
        value = float(not vain and touches == 0) if rule is None else None
        row = Row("request", str(request["id"]), rule is None, value, rule)
        found.append(Unit(*requester(world, request), asked, row, {"touches": touches, "vain": float(vain)}))
    return found


def journeys(units: Sequence[Unit], _: Options) -> Result:
    """G8: the share that reached its end without help."""
    found = share_result([each.row for each in units])
    counted = [each.more for each in units if each.row.counted]
    touches = mean([float(each["touches"]) for each in counted if each["touches"] is not None])
    extra = {
        "touches_per_100": None if touches is None else 100 * touches,
        "came_to_nothing_share": mean([each["vain"] for each in counted]),
    }
    return replace(found, extra=extra if found.status in SHOWN else {})


def has_journeys(world: World) -> bool:
    """Tell whether any request names a template, and any template is golden."""
    return bool(golden_templates(world)) and any(each.get("template") for each in world.of("request"))


METRICS: Mapping[str, PlainMetric] = {
    "approval_wait": PlainMetric(gate_units, approvals, ("gate",), "p50"),
    "provisioning_wait": PlainMetric(wait_units, provisioning, ("request",), "p50", over_services=False),
    "self_service_rate": PlainMetric(touch_units, self_service, ("request",), "share", over_services=False),
    "platform_task_success": PlainMetric(
        journey_units, journeys, ("request",), "share", over_services=False, observable=has_journeys
    ),
}
