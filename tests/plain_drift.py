"""Pipeline drift a second time, in plain Python over contract events: of definitions that name their steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Ways:
    """The settings that drift reads."""

    weights: tuple[float, float, float, float] = (0.35, 0.20, 0.25, 0.20)
    releases: int = 6
    templates: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    step_weights: Mapping[str, float] = field(default_factory=dict)
    deviations: tuple[tuple[str, str, date], ...] = ()

    def weight(self, step: str) -> float:
        """What a missing or extra step counts."""
        return next((each for glob, each in self.step_weights.items() if fnmatchcase(step, glob)), 1.0)


@dataclass(frozen=True)
class Drift:
    """What one service has."""

    value: float | None
    components: tuple[float | None, float | None, float | None, float | None]
    missing: frozenset[str]
    extra: frozenset[str]
    reason: str | None


def word(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def moment(event: Event, name: str) -> datetime:
    return datetime.fromisoformat(event[name])


def of_type(events: Sequence[Event], kind: str) -> list[Event]:
    return [each for each in events if each["type"] == kind]


def compute(events: Sequence[Event], start: datetime, end: datetime, ways: Ways) -> dict[str, Drift]:
    """The drift of every service whose repository, of the same name, has a pipeline before ``end``."""
    found = {}
    for service in of_type(events, "service"):
        seen = [
            each
            for each in of_type(events, "pipeline_definition")
            if each["repository"] == service["name"] and moment(each, "observed_at") < end
        ]
        if seen:
            last: dict[str, Event] = {}
            for each in sorted(seen, key=lambda one: (moment(one, "observed_at"), one["id"])):
                last[each["path"]] = each
            found[service["name"]] = one_service(
                events, service, [last[path] for path in sorted(last)], (start, end), ways
            )
    return found


def releases_of(events: Sequence[Event], ways: Ways) -> dict[str, list[Event]]:
    """Releases of golden templates by time; a template whose newest one requires nothing is none."""
    found: dict[str, list[Event]] = {}
    for each in sorted(of_type(events, "template_release"), key=lambda one: moment(one, "released_at")):
        if not ways.templates or any(fnmatchcase(each["template"], glob) for glob in ways.templates):
            found.setdefault(each["template"], []).append(each)
    return {name: mine for name, mine in found.items() if mine[-1]["steps"]}


def one_service(
    events: Sequence[Event], service: Event, files: Sequence[Event], window: tuple[datetime, datetime], ways: Ways
) -> Drift:
    _, end = window
    golden = releases_of(events, ways)
    named = [each["template"] for each in files if each.get("template") in golden]
    own = [service["template"]] if service.get("template") in golden else []
    template = next(iter([*named, *own, *(golden if len(golden) == 1 else ())]), None)
    releases = [each for each in golden.get(template or "", []) if moment(each, "released_at") < end]
    bypassed = share_bypassed(events, service["name"], window)
    if not releases:
        return Drift(None, (None, None, None, bypassed), frozenset(), frozenset(), "no_golden_path")
    taken = [each for file in files for each in file.get("uses", ())]
    by_template = [each for each in taken if is_golden(each, files, golden, ways)]
    tied, behind = tie(by_template, files, template, releases)
    required = list(dict.fromkeys(releases[-1]["steps"]))
    inherited = set(releases[tied]["steps"]) & set(required) if by_template and tied is not None else set()
    mine = actual(files, [each for each in taken if each not in by_template])
    matched = {
        name: [step for step in sorted(required) if {word(step), word(bare(step))} & keys] for name, keys, _ in mine
    }
    supplied = {step: [by for name, _, by in mine if matched[name][:1] == [step]] for step in required}
    referenced = {step for step in required if step in inherited or (supplied[step] and all(supplied[step]))}
    present = {step for step in required if supplied[step]} | inherited
    extra = {name for name, _, _ in mine if not matched[name]}
    approved = {word(step) for who, step, until in ways.deviations if who == service["name"] and lasts(until, end)}
    r = len(referenced) / len(required)
    v = None if behind is None else min(1.0, behind / ways.releases)
    s = distance(set(required), present, extra, approved, ways)
    value = None
    if v is not None and bypassed is not None:
        parts = zip(ways.weights, (1 - r, v, s, bypassed), strict=True)
        value = 100 * sum(weight * part for weight, part in parts)
    reason = "unknown_release" if v is None else reason_of(events, service["name"], window)
    return Drift(value, (r, v, s, bypassed), frozenset(required) - present, frozenset(extra), reason)


def lasts(until: date, end: datetime) -> bool:
    """Whether a deviation still stood right before the end."""
    return (end - timedelta(microseconds=1)).date() <= until


def bare(text: str) -> str:
    return text.partition("@")[0] if "/" in text else text


def is_golden(taken: str, files: Sequence[Event], golden: Mapping[str, Any], ways: Ways) -> bool:
    if ways.workflows:
        return any(fnmatchcase(taken, glob) for glob in ways.workflows)
    pins = {each.get("template_release") for each in files if each.get("template") in golden}
    return taken.partition("@")[2] in pins - {None, ""}


def tie(
    by_template: Sequence[str], files: Sequence[Event], template: str | None, releases: Sequence[Event]
) -> tuple[int | None, int | None]:
    """Which release a pipeline goes by, counted from 0, and how many came after it."""
    names = [each["release"] for each in releases]
    said = [
        each["template_release"] for each in files if each.get("template") == template and "template_release" in each
    ]
    pins = [each.partition("@")[2] for each in by_template] or said[:1]
    if not pins:
        return None, len(names)
    places = [names.index(pin) if pin in names else len(names) - 1 if pin == "main" else None for pin in pins]
    known = [each for each in places if each is not None]
    if len(known) < len(places):
        return None, None
    return min(known), len(names) - 1 - min(known)


def actual(files: Sequence[Event], taken: Sequence[str]) -> list[tuple[str, set[str], bool]]:
    """Steps as (name, words they are found by, whether by reference), those of the same name once."""
    found: dict[str, tuple[str, set[str], bool]] = {}
    for name in (step for file in files for step in file.get("steps", ())):
        found.setdefault(name, (name, {word(name)}, False))
    for each in taken:
        target = each.partition("@")[0]
        found.setdefault(target, (target, {word(target), word(target.rpartition("/")[2])}, True))
    return list(found.values())


def distance(required: set[str], present: set[str], extra: set[str], approved: set[str], ways: Ways) -> float:
    left = {step for step in required if not {word(step), word(bare(step))} & approved}
    others = {step for step in extra if not {word(step), word(step.rpartition("/")[2])} & approved}
    whole = sum(ways.weight(step) for step in left | others)
    common = sum(ways.weight(step) for step in left & present)
    return 1 - common / whole if whole else 0.0


def deployed(events: Sequence[Event], service: str, window: tuple[datetime, datetime]) -> list[Event]:
    start, end = window
    mine = [each for each in of_type(events, "deployment") if each["service"] == service]
    return [each for each in mine if start <= moment(each, "finished_at") < end]


def share_bypassed(events: Sequence[Event], service: str, window: tuple[datetime, datetime]) -> float | None:
    paths = [each["path"] for each in deployed(events, service, window) if each.get("path")]
    return sum(path != "golden" for path in paths) / len(paths) if paths else None


def reason_of(events: Sequence[Event], service: str, window: tuple[datetime, datetime]) -> str | None:
    mine = deployed(events, service, window)
    if not mine:
        return "no_deployments"
    return None if any(each.get("path") for each in mine) else "unknown_path"
