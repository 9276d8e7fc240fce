"""``tribometer intervention``: register, amend, withdraw and list. What is registered stands from its release on."""

from __future__ import annotations

import difflib
from datetime import UTC, date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.service.interventions import reading
from tribometer.service.recording import actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance
    from tribometer.store.records import Intervention

    Tell = Callable[[Mapping[str, Any]], None]

AFTER_THE_FACT = "registered after its release: read it as exploration, not as a test"
GENERATED = "part of the demo organisation: its registration is generated too"


class UnknownIntervention(UsageError):
    """There is no intervention of that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        """Suggest names that look like it."""
        close = difflib.get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(map(repr, close))}?" if close else "The list of interventions has all."
        super().__init__(f"There is no intervention {name!r}. {hint}")


def add(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """Register ``name``; the other arguments are those of `reading.plan` and ``after_the_fact``."""
    name = _name(arguments["name"])
    plan = reading.plan(reading.Known.of(instance), arguments)
    made = instance.records.interventions.add(name, plan, actor(), after_the_fact=arguments["after_the_fact"])
    return _noted(instance, "intervention.add", made)


def amend(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """Change what is given of ``name`` before its release."""
    before = found(instance, arguments["name"])
    plan = reading.plan(reading.Known.of(instance), arguments, before.plan)
    made = instance.records.interventions.amend(before.name, plan, actor())
    return _noted(instance, "intervention.amend", made)


def withdraw(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """Take ``name`` back before its release."""
    made = instance.records.interventions.withdraw(found(instance, arguments["name"]).name, actor())
    return _noted(instance, "intervention.withdraw", made)


def list_all(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """List every intervention as it stands; with ``history`` every change of each, as it was recorded."""
    interventions = instance.records.interventions
    today = instance.clock().astimezone(UTC).date()
    listed = interventions.history() if arguments.get("history") else interventions.all()
    return {"interventions": [told(each, today) for each in listed]}


def found(instance: Instance, name: str) -> Intervention:
    """The intervention of a name as it stands; `UnknownIntervention` where there is none."""
    known = {each.name: each for each in instance.records.interventions.all()}
    if name not in known:
        raise UnknownIntervention(name, list(known))
    return known[name]


def one(instance: Instance, name: str) -> dict[str, Any]:
    """One intervention as it stands, with every change that was recorded of it."""
    today = instance.clock().astimezone(UTC).date()
    history = [told(each, today) for each in instance.records.interventions.history() if each.name == name]
    return {**told(found(instance, name), today), "history": history}


def told(intervention: Intervention, today: date) -> dict[str, Any]:
    """An intervention for JSON; shares 0..1, days are UTC."""
    plan = intervention.plan
    return {
        "name": intervention.name,
        "status": status_of(intervention, today),
        "metrics": [
            {"metric": each.metric, "direction": each.direction, "expected_share": each.share}
            for each in plan.expectations
        ],
        "scopes": list(plan.scopes),
        "released_on": plan.released_on.isoformat(),
        "rollout": {scope: f"{day}" for scope, day in sorted(plan.rollout.items(), key=itemgetter(1, 0))},
        "first_release": plan.releases[0].isoformat(),
        "last_release": plan.releases[-1].isoformat(),
        "registered_at": intervention.registered_at.isoformat(),
        "after_the_fact": intervention.after_the_fact,
        "demo": intervention.demo,
        "remarks": remarks_of(intervention),
        "notes": plan.notes,
        "revision": intervention.revision,
        "change": intervention.change,
        "recorded_at": intervention.recorded_at.isoformat(),
        "recorded_by": intervention.recorded_by,
    }


def status_of(intervention: Intervention, today: date) -> str:
    """``planned``, ``rolling out``, ``released`` or ``withdrawn``."""
    releases = intervention.plan.releases
    if intervention.change == "withdrawn":
        return "withdrawn"
    if today < releases[0]:
        return "planned"
    return "released" if releases[-1] <= today else "rolling out"


def remarks_of(intervention: Intervention) -> list[str]:
    """What whoever reads of it has to know first."""
    said = {AFTER_THE_FACT: intervention.after_the_fact, GENERATED: intervention.demo}
    return [words for words, holds in said.items() if holds]


def _name(text: str) -> str:
    name = text.strip()
    if not name or "/" in name or not name.isprintable():
        raise UsageError(f"{text!r} is no name for an intervention: it stands in addresses, so write words without /.")
    return name


def _noted(instance: Instance, action: str, made: Intervention) -> dict[str, Any]:
    """Note a change in the audit log, and tell it."""
    shown = told(made, instance.clock().astimezone(UTC).date())
    kept = ("metrics", "scopes", "released_on", "rollout", "after_the_fact", "revision")
    instance.audit(action, made.name, **{key: shown[key] for key in kept})
    return shown
