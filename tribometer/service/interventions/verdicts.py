"""Did it help: an intervention's metrics, judged at several horizons behind its release."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.service.interventions.operations import found, one
from tribometer.service.interventions.reading import level_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from metrics.verdicts.finding import Finding
    from metrics.verdicts.panel import Better, Panel
    from metrics.verdicts.weekly import Level, Weekly
    from tribometer.service.instance import Instance
    from tribometer.store.records import Expectation, Plan

WAYS: Mapping[str, Better] = {"down": "lower", "up": "higher"}
SIGNS = {"down": -1, "up": 1}
OWNERS_NOW = "What a service did counts for the team that owns it now, so that the same work is compared with itself."
J_CURVE = (
    "A platform can first make things slower (DORA): a worse or undetectable change at 4 weeks is no failure yet; "
    "26 weeks decide."
)


def verdict(instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """Judge the intervention ``name``: of each metric one finding a horizon, corrected together (Holm)."""
    from metrics.verdicts.adjusting import adjusted  # noqa: PLC0415 - numpy and scipy
    from metrics.verdicts.finding import TRANSITION  # noqa: PLC0415 - as above
    from metrics.verdicts.judging import judge  # noqa: PLC0415 - as above

    intervention = found(instance, arguments["name"])
    if intervention.change == "withdrawn":
        raise UsageError(f"{intervention.name!r} was withdrawn before its release: there is nothing to judge.")
    plan = intervention.plan
    level = level_of(plan.scopes or tuple(plan.rollout))
    panels = {each.metric: _panel(instance, plan, level, each) for each in plan.expectations}
    judged = {each.metric: judge(panels[each.metric][1], better=_better(each)) for each in plan.expectations}
    together = iter(adjusted([finding for findings in judged.values() for finding in findings]))
    return {
        "intervention": one(instance, intervention.name),
        "as_of": instance.clock().astimezone(UTC).isoformat(),
        "compared": level,
        "transition_weeks": TRANSITION,
        "metrics": [
            _metric(each, *panels[each.metric], [next(together) for _ in judged[each.metric]])
            for each in plan.expectations
        ],
        "caveats": [OWNERS_NOW, J_CURVE],
    }


def _panel(instance: Instance, plan: Plan, level: Level, expectation: Expectation) -> tuple[Weekly, Panel]:
    from metrics import Query  # noqa: PLC0415 - the catalogue loads every definition
    from metrics.tables import parents  # noqa: PLC0415 - as above
    from metrics.verdicts.weekly import panel, window  # noqa: PLC0415 - as above

    now = instance.clock()
    start, end = window(plan.releases[0], plan.releases[-1], now)
    query = Query(expectation.metric, start=start, end=end, by="week", owners="now", now=now)
    weekly = instance.numbers.weekly(query, level)
    with instance.store.reader() as reader:
        above = parents(reader)
    released = {name: released_on(plan, level, name, above) for name in weekly.members}
    return weekly, panel(weekly, start, released, query.definition.unit)


def released_on(plan: Plan, level: Level, name: str, above: Mapping[str, str | None]) -> date | None:
    """The day on which it reached a team or service; None: never. A team gets what a team above it gets."""
    from metrics.tables import lineage  # noqa: PLC0415 - as above

    line = lineage(name, above) if level == "team" else (name,)
    for scope in (f"{level}:{each}" for each in line):
        if scope in plan.rollout:
            return plan.rollout[scope]
        if scope in plan.scopes:
            return plan.released_on
    return None if plan.scopes else plan.released_on


def _better(expectation: Expectation) -> Better:
    """The metric's own way; where it has none, the way it was expected to go."""
    from metrics import CATALOGUE  # noqa: PLC0415 - as above

    own = CATALOGUE[expectation.metric].better
    return WAYS[expectation.direction] if own == "neither" else own


def _metric(expectation: Expectation, weekly: Weekly, panel: Panel, findings: list[Finding]) -> dict[str, Any]:
    from metrics import CATALOGUE  # noqa: PLC0415 - as above

    definition = CATALOGUE[expectation.metric]
    measured = {unit.name for unit in panel.units}
    return {
        "metric": expectation.metric,
        "title": definition.title,
        "unit": definition.unit,
        "better": _better(expectation),
        "direction": expectation.direction,
        "expected_share": expectation.share,
        "scale": panel.scale,
        "weeks": {"from": weekly.weeks[0], "to": weekly.weeks[-1], "n": len(weekly.weeks)},
        "treated": sorted(unit.name for unit in panel.units if unit.released is not None),
        "never_treated": sorted(unit.name for unit in panel.units if unit.released is None),
        "not_measured": sorted(weekly.members.keys() - measured),
        "findings": [_finding(each, expectation) for each in findings],
    }


def _finding(finding: Finding, expectation: Expectation) -> dict[str, Any]:
    detected = finding.verdict in {"improved", "worse"}
    expected = detected and finding.effect is not None and finding.effect * SIGNS[expectation.direction] > 0
    return {
        "horizon_weeks": finding.horizon,
        "verdict": finding.verdict,
        "method": finding.method,
        "effect": finding.effect,
        "interval": None if finding.low is None or finding.high is None else {"low": finding.low, "high": finding.high},
        "p": finding.p,
        "p_adjusted": finding.p_adjusted,
        "smallest_detectable": finding.smallest_detectable,
        "as_expected": expected if detected else None,
        "treated": finding.treated,
        "controls": finding.controls,
        "weeks_before": finding.weeks_before,
        "weeks_after": finding.weeks_after,
        "reason": finding.reason,
    }
