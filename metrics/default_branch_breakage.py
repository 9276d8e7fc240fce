"""Default-branch breakage (C8): how long everybody's branch is red."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.ci_statistics import TRIGGERS, WORKFLOWS
from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.judgement import quantile
from metrics.statistics import aggregated
from metrics.survival import METHOD, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample
    from tribometer.clock import Bucket

HOUR, WEEK = 3600.0, 7 * 86_400.0
KEPT = ("workflow", "pipeline", "triggered_by", "repository")
SHORTEST = 1 / WEEK
"""Weeks: a second, for what a source dates ahead of the clock."""
BREAKS = """
SELECT bucket, service, is_fresh, is_flake, own_seconds, censored FROM {units} WHERE is_break
"""


@dataclass(frozen=True)
class Break:
    """One break of a workflow: how long its own span lasted (seconds), and what is known of it."""

    is_fresh: bool
    is_flake: bool
    seconds: float
    is_open: bool


@dataclass(frozen=True)
class Breakage:
    """Hours broken in a week of a repository; 0 is a finding where attempts on the default branch are known.

    Further fields: ``broken_seconds``, ``breaks``, ``flake_breaks``, and ``time_to_green`` with p50 (seconds), n and
    how many are open. Cut by what belongs to a single workflow, its own breaks count, else their union.
    """

    name: str = "rate"

    def columns(self) -> str:
        """Attempts, broken seconds of the union and of each workflow, and repositories."""
        return (
            "COUNT(*) AS n, SUM(value) AS broken_seconds, COALESCE(SUM(own_seconds), 0.0) AS own_seconds, "
            "COUNT(DISTINCT repository) AS repositories"
        )

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The rate of every cell in which an attempt on a default branch ended."""
        breaks, alone = _breaks(sample), sample.by in WORKFLOWS
        found = {}
        for cell, (n, together, own, repositories) in aggregated(sample, self.columns()).items():
            weeks = max(_weeks(sample, sample.buckets[cell[0]]), SHORTEST)
            seconds = float((own if alone else together) or 0.0)
            counted = [each for each in breaks.get(cell, []) if alone or each.is_fresh]
            extra = {
                "broken_seconds": seconds,
                "breaks": len(counted),
                "flake_breaks": sum(each.is_flake for each in counted),
                "time_to_green": _time_to_green(breaks.get(cell, [])),
            }
            rate = seconds / HOUR / (weeks * float(repositories or 1))
            found[cell] = Measure(int(n or 0), rate, extra=extra)
        return found


def _weeks(sample: Sample, bucket: Bucket) -> float:
    """How long a bucket has lasted until now; an attempt in it has ended, so it has begun."""
    return (min(bucket.ends_at, sample.query.now) - bucket.starts_at).total_seconds() / WEEK


def _breaks(sample: Sample) -> dict[Cell, list[Break]]:
    found: dict[Cell, list[Break]] = {}
    for bucket, service, *told in sample.reader.rows(BREAKS.format(units=sample.units)):
        for cell in {(bucket, service), (bucket, POOLED)}:
            found.setdefault(cell, []).append(Break(*told))
    return found


def _time_to_green(breaks: list[Break]) -> dict[str, Any]:
    over = sorted(each.seconds for each in breaks if not each.is_open)
    ongoing = [each.seconds for each in breaks if each.is_open]
    told: dict[str, Any] = {"n": len(breaks), "censored": len(ongoing)}
    if ongoing:
        return {"p50": kaplan_meier(over, ongoing).quantile(0.5), **told, "method": METHOD}
    return {"p50": quantile(over, 0.5), **told}


METRIC = Metric(
    name="default_branch_breakage",
    version=1,
    title="Default-branch breakage",
    unit="hours_per_week",
    better="lower",
    group="CI",
    question="How long is the default branch broken in a week?",
    source="From the first failed required run to the next success of the same workflow; the union of all workflows.",
    formula="Hours from a workflow's first failure on a default branch to its next success, where several overlap "
    "counted once, divided by the weeks and repositories looked at; hours per week.",
    caveats=(
        "A break belongs to the period in which it began, with all its hours; one that is still open lasts until now.",
        "Business hours, at most 8 of a day; `--clock calendar` counts nights and weekends too.",
        "Where nobody names a default branch, it is main or master. Runs that a timer started are left out.",
        "`flake_breaks` turned green on the same tree: nobody had broken anything.",
    ),
    not_comparable=(
        "Failure rates of the default branch: many short breaks and one long one are the same there.",
        "Repositories with another number of workflows: each can break the branch.",
    ),
    rules=("E18", "E19", "E24"),
    reads=frozenset({"run", "job", "repository", "commit"}),
    needs=frozenset({"run"}),
    statistic=Breakage(),
    clock="business",
    keeps=(*KEPT, "is_break", "is_fresh", "is_flake", "own_seconds", "censored"),
    beside={"broken_seconds": "hours", "breaks": "count", "flake_breaks": "count", "time_to_green": "seconds"},
    cuts=TRIGGERS,
    placed="unit",
)
