"""Did it help: an intervention's metrics, judged at several horizons behind its release."""

from __future__ import annotations

from dataclasses import dataclass
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
    from tribometer.store.records import Expectation, Intervention, Plan

WAYS: Mapping[str, Better] = {"down": "lower", "up": "higher"}
SIGNS = {"down": -1, "up": 1}
OWNERS_NOW = "What a service did counts for the team that owns it now, so that the same work is compared with itself."
J_CURVE = (
    "A platform can first make things slower (DORA): a worse or undetectable change at 4 weeks is no failure yet; "
    "26 weeks decide."
)


@dataclass(frozen=True)
class Judged:
    """One metric of an intervention: what was expected, the weeks as measured, their panel, a finding a horizon."""

    expectation: Expectation
    weekly: Weekly
    panel: Panel
    findings: tuple[Finding, ...]

    @property
    def not_measured(self) -> list[str]:
        """Teams, or services, that have no value in any week, sorted."""
        return sorted(self.weekly.members.keys() - {unit.name for unit in self.panel.units})


def verdict(instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """Judge the intervention ``name``: of each metric one finding a horizon, corrected together (Holm)."""
    from metrics.verdicts.finding import TRANSITION  # noqa: PLC0415 - the catalogue loads every definition

    intervention = found(instance, arguments["name"])
    judged = judged_of(instance, intervention)
    return {
        "intervention": one(instance, intervention.name),
        "as_of": instance.clock().astimezone(UTC).isoformat(),
        "compared": compared(intervention.plan),
        "transition_weeks": TRANSITION,
        "metrics": [_metric(each) for each in judged],
        "caveats": [OWNERS_NOW, J_CURVE],
    }


def compared(plan: Plan) -> Level:
    """Whether it is judged by teams or by services."""
    return level_of(plan.scopes or tuple(plan.rollout))


def judged_of(instance: Instance, intervention: Intervention) -> list[Judged]:
    """Judge every metric of an intervention, corrected together (Holm); `UsageError` for one that was withdrawn."""
    from metrics.verdicts.adjusting import adjusted  # noqa: PLC0415 - numpy and scipy
    from metrics.verdicts.judging import judge  # noqa: PLC0415 - as above

    if intervention.change == "withdrawn":
        raise UsageError(f"{intervention.name!r} was withdrawn before its release: there is nothing to judge.")
    plan = intervention.plan
    panels = [_panel(instance, plan, compared(plan), each) for each in plan.expectations]
    expected = list(zip(plan.expectations, panels, strict=True))
    judged = [judge(panel, better=better(each)) for each, (_, panel) in expected]
    together = iter(adjusted([finding for findings in judged for finding in findings]))
    return [
        Judged(each, weekly, panel, tuple(next(together) for _ in findings))
        for (each, (weekly, panel)), findings in zip(expected, judged, strict=True)
    ]


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


def better(expectation: Expectation) -> Better:
    """The metric's own way; where it has none, the way it was expected to go."""
    from metrics import CATALOGUE  # noqa: PLC0415 - as above

    own = CATALOGUE[expectation.metric].better
    return WAYS[expectation.direction] if own == "neither" else own


def _metric(judged: Judged) -> dict[str, Any]:
    from metrics import CATALOGUE  # noqa: PLC0415 - as above

    expectation, weekly, panel = judged.expectation, judged.weekly, judged.panel
    definition = CATALOGUE[expectation.metric]
    return {
        "metric": expectation.metric,
        "title": definition.title,
        "unit": definition.unit,
        "better": better(expectation),
        "direction": expectation.direction,
        "expected_share": expectation.share,
        "scale": panel.scale,
        "weeks": {"from": weekly.weeks[0], "to": weekly.weeks[-1], "n": len(weekly.weeks)},
        "treated": sorted(unit.name for unit in panel.units if unit.released is not None),
        "never_treated": sorted(unit.name for unit in panel.units if unit.released is None),
        "not_measured": judged.not_measured,
        "findings": [_finding(each, expectation) for each in judged.findings],
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
