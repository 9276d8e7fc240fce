"""What somebody registers, as text, turned into a plan: every name is checked against what is known here."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.service.asked import UnknownMetric

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from metrics.definition import Metric
    from metrics.verdicts.weekly import Level
    from tribometer.service.instance import Instance
    from tribometer.store.records import Plan

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")
MOST = 10.0
WAYS = {"lower": "down", "higher": "up"}


@dataclass(frozen=True)
class Known:
    """The teams and services that any event names."""

    teams: Collection[str]
    services: Collection[str]

    @classmethod
    def of(cls, instance: Instance) -> Known:
        """Ask the store."""
        return cls(instance.numbers.teams(), instance.numbers.services())

    def names(self, kind: str) -> Collection[str]:
        """The names of a kind."""
        return self.teams if kind == "team" else self.services


def plan(known: Known, arguments: Mapping[str, Any], before: Plan | None = None) -> Plan:
    """Read the arguments of ``add``; with ``before``, what is not given stays as it was.

    ``metrics``, ``directions`` (``down`` or ``METRIC=down``), ``expected`` (``20%`` or ``METRIC=20%``), ``release``,
    ``teams``, ``services``, ``rollout`` (``NAME=DATE``), ``notes``. Raises `UsageError` that says what would do.
    """
    from tribometer.store.records import Plan  # noqa: PLC0415 - loads SQLAlchemy

    scopes = _scopes(known, arguments) or (before.scopes if before else ())
    keeps = before is not None and not (arguments["teams"] or arguments["services"])
    given = _rollout(known, arguments["rollout"], scopes)
    rollout = given or (dict(before.rollout) if before and keeps else {})
    release = arguments["release"]
    if release is None and before is None and not rollout:
        raise UsageError("When is it released? Give --release 2026-03-02, or --rollout NAME=2026-03-02 for each.")
    if not scopes and release is None and before is None:
        scopes = tuple(rollout)
    level = level_of(scopes or tuple(rollout))
    return Plan(
        _expectations(arguments, level, before),
        day(release, "--release") if release is not None else before.released_on if before else min(rollout.values()),
        scopes,
        rollout,
        arguments["notes"] if arguments["notes"] is not None else before.notes if before else "",
    )


def level_of(scopes: Iterable[str]) -> Level:
    """Whether teams or services are compared; `UsageError` where both are named."""
    kinds = {scope.partition(":")[0] for scope in scopes}
    if len(kinds) > 1:
        raise UsageError("An intervention is for teams or for services, not for both: register two.")
    return "service" if kinds == {"service"} else "team"


def day(text: str, option: str) -> date:
    """Read a date."""
    try:
        if DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise UsageError(f"{option} {text!r}: write a day like 2026-03-02.")


def share(text: str) -> float:
    """Read a share: ``20%`` or ``0.2``."""
    found = SHARE.fullmatch(text.strip())
    value = float(found[1]) / (100 if found[2] else 1) if found else 0.0
    if not 0 < value <= MOST or not isfinite(value):
        raise UsageError(
            f"--expected {text!r}: by which share of its value before shall it move? Write 20% or 0.2, above 0."
        )
    if found and not found[2] and value > 1:
        raise UsageError(f"--expected {text!r}: write {text}% for a share of {value / 100:g}, or {value:.0%}.")
    return value


def _scopes(known: Known, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = [("team", name) for name in arguments["teams"]] + [("service", name) for name in arguments["services"]]
    for kind, name in wanted:
        if name not in known.names(kind):
            raise UsageError(_unknown(kind, name, known.names(kind)))
    scopes = tuple(dict.fromkeys(f"{kind}:{name}" for kind, name in wanted))
    level_of(scopes)
    return scopes


def _unknown(kind: str, name: str, names: Collection[str]) -> str:
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return f"No event names a {kind} {name!r}. Did you mean {' or '.join(close)}?"
    if not names:
        return f"No event names a {kind} {name!r}, nor any other: collect first, so that it is there to be measured."
    return f"No event names a {kind} {name!r}. `tribometer metric deployment_frequency --by {kind}` lists them."


def _rollout(known: Known, lines: Sequence[str], scopes: Sequence[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    for line in lines:
        name, equals, text = line.rpartition("=")
        if not equals:
            raise UsageError(f"--rollout {line!r}: write who gets it when, like payments=2026-03-02.")
        scope = _scope_named(known, name.strip(), scopes)
        if scope in found:
            raise UsageError(f"--rollout names {name.strip()!r} twice: give each once.")
        found[scope] = day(text, f"--rollout {name.strip()}=")
    return found


def _scope_named(known: Known, name: str, scopes: Sequence[str]) -> str:
    """The scope of a roll-out: one of those named, or where the intervention is for everybody, any that is known."""
    among = scopes or (*(f"team:{each}" for each in known.teams), *(f"service:{each}" for each in known.services))
    found = [scope for scope in among if name in {scope, scope.partition(":")[2]}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"--rollout {name!r} is a team and a service: write {' or '.join(found)}.")
    if scopes:
        raise UsageError(
            f"--rollout {name!r}: the intervention is for {', '.join(scopes)}. Name it with --team or --service too."
        )
    raise UsageError(f"--rollout: {_unknown('team', name, {*known.teams, *known.services})}")


def _expectations(arguments: Mapping[str, Any], level: Level, before: Plan | None) -> tuple[Any, ...]:
    from tribometer.store.records import Expectation  # noqa: PLC0415 - as above

    stood = {each.metric: each for each in before.expectations} if before else {}
    metrics = list(dict.fromkeys(arguments["metrics"])) or list(stood)
    if not metrics:
        raise UsageError("What shall it move? Give --metric NAME; `tribometer metric` lists them.")
    directions = _of_metrics(arguments["directions"], metrics, "--direction", "down")
    shares = _of_metrics(arguments["expected"], metrics, "--expected", "20%")
    found = []
    for name in metrics:
        known, metric = stood.get(name), _metric(name, level)
        direction = directions.get(name) or (known.direction if known else _usual(metric))
        expected = share(shares[name]) if name in shares else known.share if known else None
        _check_possible(name, direction, expected)
        found.append(Expectation(name, direction, expected))
    return tuple(found)


def _of_metrics(given: Sequence[str], metrics: Sequence[str], option: str, example: str) -> dict[str, str]:
    """What is said of each metric; where there is one only, it need not be named."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            if len(metrics) > 1:
                raise UsageError(f"{option} {text!r}: of which metric? Write {metrics[0]}={example}.")
            name, value = metrics[0], text
        if name not in metrics:
            raise UsageError(f"{option} {text!r}: the intervention names {', '.join(metrics)}.")
        if name in found:
            raise UsageError(f"{option} is given twice for {name}.")
        found[name] = value.strip()
    return found


def _metric(name: str, level: Level) -> Metric:
    from metrics import CATALOGUE  # noqa: PLC0415 - the catalogue loads every definition
    from metrics.verdicts.weekly import check  # noqa: PLC0415 - as above

    if name not in CATALOGUE:
        raise UnknownMetric(name, list(CATALOGUE))
    check(CATALOGUE[name], level, list(CATALOGUE.values()))
    return CATALOGUE[name]


def _usual(metric: Metric) -> str:
    if metric.better not in WAYS:
        raise UsageError(
            f"{metric.name} is not better one way or the other: say where it should go, --direction down or up."
        )
    return WAYS[metric.better]


def _check_possible(name: str, direction: str, expected: float | None) -> None:
    if direction not in WAYS.values():
        raise UsageError(f"--direction {direction!r}: choose down or up.")
    if direction == "down" and expected is not None and expected >= 1:
        raise UsageError(f"--expected {expected:.0%}: {name} cannot go down by all it is, or more.")
