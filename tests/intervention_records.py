"""Interventions and how they were judged, written down, for the page that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from dashboards.interventions import JudgedMetric, Judgement, Standing
from metrics.verdicts import Finding, Method, Verdict
from metrics.verdicts.aligned import aligned
from tribometer.errors import UsageError
from tribometer.store.records import Expectation, Intervention, Plan
from verdict_panels import panel_of

REGISTERED = datetime(2025, 9, 15, 8, tzinfo=UTC)
CACHE = Plan(
    (Expectation("ci_execution_time", "down", 0.3),), date(2025, 9, 29), ("team:checkout", "team:data"),
    {"team:data": date(2026, 5, 7)}, "A build cache.",
)  # fmt: skip


def intervention(name: str = "Build cache", plan: Plan = CACHE, **given: object) -> Intervention:
    """One as it was registered, two weeks before its release unless told otherwise."""
    told = {
        "revision": 1, "change": "added", "recorded_at": REGISTERED, "recorded_by": "ada", "registered_at": REGISTERED,
        "after_the_fact": False, "demo": False,
    } | given  # fmt: skip
    return Intervention(name, plan, **told)  # type: ignore[arg-type] # fields as a test gives them


def finding(
    horizon: int, verdict: Verdict, effect: float, half: float, method: Method = "staggered_difference_in_differences"
) -> Finding:
    """A finding with an interval around its effect."""
    p = 0.004 if verdict in {"improved", "worse"} else 0.6
    return Finding(
        horizon, verdict, method, effect, effect - half, effect + half, p, min(1.0, 3 * p), 0.14, 6, 11, 12,
        horizon - 2, None,
    )  # fmt: skip


def without(horizon: int, reason: str) -> Finding:
    """A finding that there is none."""
    return Finding(horizon, "not_enough_data", None, None, None, None, None, None, None, 2, 3, 0, 0, reason)


IMPROVED = (
    finding(4, "no_detectable_change", -0.1, 0.2),
    finding(12, "improved", -0.28, 0.1),
    finding(26, "improved", -0.31, 0.08),
)
UNCHANGED = tuple(finding(horizon, "no_detectable_change", 0.02, 0.1) for horizon in (4, 12, 26))
TOO_SOON = tuple(
    without(horizon, "Needs 8 weeks behind the transition; there is 1; ask again on 2026-07-06.")
    for horizon in (4, 12, 26)
)


def judged_metric(
    findings: Sequence[Finding], expectation: Expectation = CACHE.expectations[0], *, reached: int | None = 20
) -> JudgedMetric:
    """A metric over forty weeks in which two of four teams were reached."""
    rows = [[100.0] * 20 + [70.0] * 20, [50.0] * 20 + [35.0] * 20, [80.0] * 40, [90.0] * 40]
    panel = panel_of(rows, [reached, reached, None, None], "log")
    return JudgedMetric(expectation, "lower", panel, tuple(findings), aligned(panel))


def judgement(*metrics: JudgedMetric) -> Judgement:
    """All metrics of an intervention, judged on a Monday."""
    return Judgement("team", datetime(2026, 6, 15, 9, tzinfo=UTC), metrics, ("A platform can first slow down (DORA).",))


@dataclass
class WrittenInterventions:
    """Answers from what a test writes down; what was judged is kept, and counted in ``asked``."""

    known: Sequence[tuple[Standing, Judgement | None]]
    changes: Sequence[Intervention] = ()
    asked: list[str] = field(default_factory=list)

    def standings(self) -> Sequence[Standing]:
        """The written ones."""
        return [standing for standing, _ in self.known]

    def history(self, name: str) -> Sequence[Intervention]:
        """The written changes; without any, the one that stands."""
        return self.changes or [each.intervention for each in self.standings() if each.intervention.name == name]

    def kept(self, intervention: Intervention) -> Judgement | None:
        """The written judgement, once it was asked for."""
        return self._written(intervention.name) if intervention.name in self.asked else None

    def judged(self, intervention: Intervention) -> Judgement:
        """The written judgement; without one it cannot be judged."""
        found = self._written(intervention.name)
        if found is None:
            raise UsageError(f"{intervention.name} cannot be judged.")
        self.asked.append(intervention.name)
        return found

    def _written(self, name: str) -> Judgement | None:
        return next(judged for standing, judged in self.known if standing.intervention.name == name)
