"""The golden path and what runs beside it a second time (G1-G5)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase

from plain_deployments import Deployment
from plain_events import DAWN as NEVER
from plain_events import (
    PRODUCTION,
    Event,
    Options,
    World,
    at,
    first_known,
    lifetime,
    owner,
    service_event,
    service_names,
)
from plain_history import history
from plain_platform import between, golden_templates, mean
from plain_population import coverage
from plain_result import Result, Row, share_result
from plain_statistics import Interval, kaplan_meier, survival_band
from plain_units import PlainMetric, Unit

KNOWN_PATH = "production deployments whose path is known"
ADOPTED, ENOUGH = 0.8, 6
CHANGED = ("shipped", "redeploy", "rollback", "config")
HOUR, DAY = timedelta(hours=1), 86400.0


def path_of(world: World, deployment: Deployment) -> str | None:
    """Give the path that a deployment's source tells, else the one that its service's template suggests."""
    told = next((step["path"] for step in reversed(deployment.steps) if step.get("path")), None)
    template = service_event(world, deployment.service).get("template")
    if told or not golden_templates(world) or template is None:
        return told
    return "golden" if template in golden_templates(world) else "other"


def ran(world: World, name: str) -> list[Deployment]:
    """List a service's deployments that changed what runs, in order."""
    return [each for each in history(world, name).deployments if each.role in CHANGED]


def path_units(world: World, _: Options) -> list[Unit]:
    """G1 and G4: production deployments, golden or not; ``more`` is the path right before, where both are known."""
    found = []
    for name in service_names(world):
        before = None
        for each in ran(world, name):
            path = path_of(world, each)
            rule = None if path else "unknown_path"
            row = Row("deployment", each.id, bool(path), float(path == "golden") if path else None, rule)
            found.append(Unit(name, owner(world, name, each.finished), each.finished, row, before))
            before = path or before
    return found


def by_service(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Sort what was counted by service, in order of time."""
    found: dict[str, list[Unit]] = {}
    for each in sorted(units, key=lambda unit: (unit.time, unit.row.id)):
        if each.row.counted:
            found.setdefault(str(each.service), []).append(each)
    return found


def latest(services: Mapping[str, Sequence[Unit]], units: Sequence[Unit]) -> Result:
    """Give the share of services whose last deployment was golden."""
    known = coverage(sum(each.row.counted for each in units), len(units), None, KNOWN_PATH)
    rows = [replace(own[-1].row, id=name) for name, own in services.items()]
    return share_result(rows, coverage=known)


def adoption(units: Sequence[Unit], _: Options) -> Result:
    """G1: by services, by deployments, by teams."""
    services = by_service(units)
    found = latest(services, units)
    counted = [each for own in services.values() for each in own]
    teams = {each.team for each in counted if each.team}
    shares = [mean([each.row.value or 0.0 for each in counted if each.team == team]) or 0.0 for team in teams]
    extra = {
        "deployments": mean([each.row.value or 0.0 for each in counted]),
        "teams": mean([float(share >= ADOPTED) for share in shares]),
    }
    return replace(found, extra=extra if counted else {})


def reentry(units: Sequence[Unit], _: Options) -> Result:
    """G4: of the services that went by another path until then."""
    legacy = {name: own for name, own in by_service(units).items() if own[0].more not in (None, "golden")}
    return latest(legacy, units)


def stay_units(world: World, _: Options) -> list[Unit]:
    """G3: services and how long they stayed on the golden path."""
    found = []
    for name in service_names(world):
        turns = [(each.finished, path_of(world, each) == "golden") for each in ran(world, name) if path_of(world, each)]
        began = next((when for when, golden in turns if golden), None)
        if began is None:
            continue
        after = [turn for turn in turns if turn[0] >= began]
        left = next((one[0] for one, two in itertools.pairwise(after) if not one[1] and not two[1]), None)
        end = left or lifetime(world, name)[1]
        row = Row("service", name, counted=True, value=between(began, end))
        found.append(Unit(name, owner(world, name, began), began, row, left is None))
    return found


def share_left(left: Sequence[float], staying: Sequence[float], limit: float) -> float | None:
    """Give the share that lasts so long; None where nobody was observed so long and some stay."""
    share = next((share for time, share in reversed(kaplan_meier(left, staying)) if time <= limit), 1.0)
    return None if share > 0 and limit > max([*left, *staying]) else share


def band_at(left: Sequence[float], staying: Sequence[float], limit: float) -> Interval | None:
    """Give the band of that share."""
    edges = next(((low, high) for time, low, high in reversed(survival_band(left, staying)) if time <= limit), None)
    return Interval(*edges, "kaplan_meier") if edges else None


def retention(units: Sequence[Unit], _: Options) -> Result:
    """G3: the shares that stayed for 90 and for 180 days."""
    left = [each.row.value or 0.0 for each in units if not each.more]
    staying = [each.row.value or 0.0 for each in units if each.more]
    n = len(units)
    if not n:
        return Result("no_data", 0)
    value, later = (share_left(left, staying, days * DAY) for days in (90, 180))
    enough = value is not None and n >= ENOUGH
    band = band_at(left, staying, 90 * DAY) if enough and value else None
    extra = {"share_180d": later, "left": len(left)}
    return Result("ok" if enough else "too_few", n, value, interval=band, extra=extra)


def birth_units(world: World, _: Options) -> list[Unit]:
    """G2: new services and what they were made from."""
    found = []
    for name in service_names(world):
        born = lifetime(world, name)[0]
        if not NEVER < born <= world.now:
            continue
        home = service_event(world, name).get("repository") or name
        fork = any(each.get("fork") for each in world.of("repository") if each["name"] == home)
        value = float(service_event(world, name).get("template") in golden_templates(world))
        row = Row("service", name, not fork, None if fork else value, "fork" if fork else None)
        found.append(Unit(name, owner(world, name, born), born, row))
    return found


def choices(units: Sequence[Unit], _: Options) -> Result:
    """G2: the share made from a golden template."""
    return share_result([each.row for each in units])


def has_choice(world: World) -> bool:
    """Tell whether anything is golden and any service says what it was made from."""
    return bool(golden_templates(world)) and any(each.get("template") for each in world.of("service"))


def has_path(world: World) -> bool:
    """Tell whether anything says by which path a deployment went."""
    return any(each.get("path") for each in world.of("deployment")) or has_choice(world)


def change_units(world: World, _: Options) -> list[Unit]:
    """G5: changes of what was seen to run, and whether a record explains them."""
    live = {each["environment"] for name in service_names(world) for d in history(world, name).deployments
            for each in d.steps}  # fmt: skip
    looks: dict[tuple[str, ...], list[Event]] = {}
    for each in world.of("observation"):
        if each["environment"] in live or any(fnmatchcase(each["environment"], glob) for glob in PRODUCTION):
            looks.setdefault((each["source"], each["service"], each["environment"]), []).append(each)
    found = []
    for seen in looks.values():
        ordered = sorted(seen, key=lambda each: (at(each, "observed_at") or NEVER, str(each["id"])))
        for before, now in itertools.pairwise(ordered):
            if differs(before, now, "sha") or differs(before, now, "artifact"):
                found.append(change_unit(world, before, now))
    return [each for each in found if each.service in service_names(world)]


def differs(one: Event, other: Event, field: str) -> bool:
    """Tell whether two looks both say something, and not the same."""
    return None not in (one.get(field), other.get(field)) and one[field] != other[field]


def explains(record: Event, before: Event, now: Event) -> bool:
    """Tell whether a deployment record stands for what changed between two looks."""
    begun = first_known(record, "started_at", "created_at", "finished_at")
    over = first_known(record, "finished_at", "started_at", "created_at")
    earlier, later = at(before, "observed_at"), at(now, "observed_at")
    if None in (begun, over) or record["status"] == "queued":
        return False
    if begun > later + HOUR or over < earlier - HOUR:  # type: ignore[operator] # all are known
        return False
    pairs = [(record.get(field), now.get(field)) for field in ("sha", "artifact")]
    told = [one == other for one, other in pairs if None not in (one, other)]
    return any(told) or not told


def change_unit(world: World, before: Event, now: Event) -> Unit:
    """Give one change: explained or not, and whether only by what was done by hand."""
    service, when = now["service"], at(now, "observed_at") or NEVER
    records = [each for each in world.of("deployment") if each["service"] == service
               and each["environment"] == now["environment"] and explains(each, before, now)]  # fmt: skip
    by_hand = bool(records) and all(each.get("path") == "manual" for each in records)
    row = Row("observation", str(now["id"]), counted=True, value=float(not records))
    return Unit(service, owner(world, service, when), when, row, float(by_hand))


def shadows(units: Sequence[Unit], _: Options) -> Result:
    """G5: the share that nothing explains."""
    found = share_result([each.row for each in units])
    return replace(found, extra={"by_hand": mean([each.more for each in units])} if units else {})


PATH = ("deployment",)
METRICS: Mapping[str, PlainMetric] = {
    "golden_path_adoption": PlainMetric(path_units, adoption, PATH, "share", over_services=False, observable=has_path),
    "golden_path_reentry": PlainMetric(path_units, reentry, PATH, "share", over_services=False, observable=has_path),
    "golden_path_retention": PlainMetric(
        stay_units, retention, PATH, "share_90d", over_services=False, observable=has_path
    ),
    "voluntary_choice_rate": PlainMetric(
        birth_units, choices, ("service",), "share", over_services=False, observable=has_choice
    ),
    "shadow_deployment_rate": PlainMetric(change_units, shadows, ("observation",), "share", over_services=False),
}
