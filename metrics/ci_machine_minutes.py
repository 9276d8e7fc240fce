"""CI machine time (C9): what a merged change and a shipped deployment cost in runners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.ci_statistics import BRANCHES
from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample

KINDS = ("attempt", "change", "deployment")


@dataclass(frozen=True)
class Cost:
    """Machine seconds for each merged change; ``n`` is the number of attempts.

    Further fields: ``machine`` (all seconds), ``per_deployment``, ``per_run`` (seconds), ``changes``, ``deployments``;
    and, where a runner's minute has a price, ``cost`` with currency, total, per_change and per_deployment.
    Where attempts are cut by what changes do not have, they are divided by all changes in scope.
    """

    name: str = "mean"

    def columns(self) -> str:
        """How many there are of each kind of unit, then all machine seconds and what they cost."""
        counts = (f"SUM(CASE WHEN kind = '{kind}' THEN 1 ELSE 0 END) AS {kind}s" for kind in KINDS)
        return ", ".join((*counts, "SUM(value) AS machine", "SUM(cost) AS cost", "MAX(currency) AS currency"))

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The cost of every cell; None where nothing was merged or no attempt tells its jobs."""
        every = _denominators(sample) if sample.by in BRANCHES else {}
        found: dict[Cell, Measure] = {}
        for cell, (attempts, *divisors, machine, cost, currency) in aggregated(sample, self.columns()).items():
            changes, deployments = (float(each or 0) for each in divisors)
            if sample.by in BRANCHES:
                changes, deployments = every.get(cell[1], (0.0, 0.0))
            spent = Spent(float(attempts or 0), changes, deployments, float(machine or 0))
            money = {} if cost is None else {"cost": {"currency": currency, **spent.shared(float(cost))}}
            found[cell] = spent.measure(money)
        return found


@dataclass(frozen=True)
class Spent:
    """Machine seconds of some attempts, and what they are divided by."""

    attempts: float
    changes: float
    deployments: float
    machine: float

    def shared(self, cost: float) -> Mapping[str, float | None]:
        """A sum of money and its share of each change and deployment."""
        return {
            "total": cost,
            "per_change": cost / self.changes if self.changes else None,
            "per_deployment": cost / self.deployments if self.deployments else None,
        }

    def measure(self, money: Mapping[str, Any]) -> Measure:
        """Seconds for each merged change; no data where nothing was merged or no attempt tells its jobs."""
        machine, deployments = (self.machine, self.deployments) if self.attempts else (None, 0)
        extra = {
            "machine": machine,
            "per_deployment": machine / deployments if machine is not None and deployments else None,
            "per_run": self.machine / self.attempts if self.attempts else None,
            "changes": int(self.changes),
            "deployments": int(self.deployments),
            **money,
        }
        if not self.attempts or not self.changes:
            return Measure(int(self.attempts), extra=extra, status="no_data")
        return Measure(int(self.attempts), self.machine / self.changes, extra=extra, status="ok")


def _denominators(sample: Sample) -> dict[str | None, tuple[float, float]]:
    """Merged changes and shipped deployments of every service, and of all."""
    rows = sample.reader.rows("""
SELECT service, GROUPING(service) AS is_pooled, SUM(CASE WHEN kind = 'change' THEN 1 ELSE 0 END) AS changes,
    SUM(CASE WHEN kind = 'deployment' THEN 1 ELSE 0 END) AS deployments
FROM metric_units WHERE counted GROUP BY GROUPING SETS ((service), ())
""")
    return {
        POOLED if is_pooled else service: (float(changes or 0), float(deployments or 0))
        for service, is_pooled, changes, deployments in rows
        if is_pooled or service is not None
    }


METRIC = Metric(
    name="ci_machine_minutes",
    version=1,
    title="CI machine time per merged change",
    unit="seconds",
    better="lower",
    group="CI",
    question="How much machine time of CI does a merged change cost?",
    source="The second cost of CI beside waiting; per shipped deployment it stands in `per_deployment`.",
    formula="Durations of all jobs added up, divided by merged changes; in seconds.",
    caveats=(
        "Runs of changes that were never merged, of the default branch and of timers cost too: all are in it.",
        "Minutes of all runners count alike; what they cost is told where `[ci] cost_per_minute` has their prices.",
        "What caches and skipped jobs save is not estimated: nobody collects what would have run.",
    ),
    not_comparable=(
        "Waiting time: ten jobs of ten minutes side by side are ten minutes of waiting and a hundred of machines.",
        "A bill: providers round up, and charge by the size of a runner.",
    ),
    rules=("E14", "E18", "E21"),
    reads=frozenset({"run", "job", "change", "deployment"}),
    needs=frozenset({"job"}),
    statistic=Cost(),
    keeps=("workflow", "pipeline", "triggered_by", "branch_kind", "kind", "cost", "currency"),
    beside={
        "per_deployment": "seconds",
        "per_run": "seconds",
        "machine": "seconds",
        "changes": "count",
        "deployments": "count",
        "cost": "count",
    },
    cuts=BRANCHES,
    placed="unit",
)
