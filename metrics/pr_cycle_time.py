"""Pull-request cycle time (P1): from the first commit to the merge, and beside it to production."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.definition import PERIODS, POOLED, Cell, Measure, Metric
from metrics.judgement import quantile
from metrics.statistics import Duration
from metrics.waits import spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample


@dataclass(frozen=True)
class CycleTime(Duration):
    """Median time to the merge; further fields are what people ask next, in calendar time.

    ``to_production``: p50, p90 (seconds), n, and how many wait: what has not been deployed is not left out (E24), these
    percentiles are Kaplan-Meier's. ``open_for``: p50, p90 and longest age (seconds) of the n changes that lay open when
    the window ended; not of the periods of a series.
    """

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """As `Duration`, with the way to production and the age of what is open."""
        further, ages = _to_production(sample), _open_for(sample)
        found = {cell: replace(each, extra=further[cell]) for cell, each in super().measure(sample).items()}
        for cell, told in ages.items():
            each = found.get(cell, Measure(0))
            found[cell] = replace(each, extra={**each.extra, "open_for": told})
        return found


def _open_for(sample: Sample) -> dict[Cell, dict[str, Any]]:
    if sample.by in PERIODS:
        return {}
    query = f"SELECT bucket, service, open_for FROM {sample.units} WHERE open_for IS NOT NULL"  # noqa: S608 - our own
    cells: dict[Cell, list[float]] = {}
    for bucket, service, age in sample.reader.rows(query):
        for cell in {(bucket, service), (bucket, POOLED)}:
            cells.setdefault(cell, []).append(age)
    return {
        cell: {"p50": quantile(ages, 0.5), "p90": quantile(ages, 0.9), "longest": ages[-1], "n": len(ages)}
        for cell, ages in ((cell, sorted(unordered)) for cell, unordered in cells.items())
    }


def _to_production(sample: Sample) -> dict[Cell, dict[str, Any]]:
    query = f"SELECT bucket, service, to_production, censored FROM {sample.units} WHERE counted"  # noqa: S608 - our own
    cells: dict[Cell, tuple[list[float], list[float]]] = {}
    for bucket, service, seconds, waits in sample.reader.rows(query):
        for cell in {(bucket, service), (bucket, POOLED)}:
            cells.setdefault(cell, ([], []))[bool(waits)].append(seconds)
    return {cell: {"to_production": spread(*durations)} for cell, durations in cells.items()}


METRIC = Metric(
    name="pr_cycle_time",
    version=1,
    title="Pull-request cycle time",
    unit="seconds",
    better="lower",
    group="Change flow",
    question="How long does a change take from its first commit until it is merged?",
    source="Merged changes by people; with its stages it is part of change lead time, which ends in production.",
    formula="Time of the merge minus the author time of the first commit, in seconds; the median over merged changes.",
    caveats=(
        "A branch that was written long before it was opened makes it long; one rewritten at the end makes it short.",
        "Nights and weekends count; `--clock business` leaves them out.",
        "Changes that are not merged are not in it: `open_for` tells how long they have been open so far.",
    ),
    not_comparable=(
        "Change lead time, which ends in production.",
        "Cycle times that begin when the change was opened: the time of writing is missing there.",
    ),
    rules=("E1", "E2", "E3", "E12", "E14", "E24"),
    reads=frozenset({"change", "commit", "deployment"}),
    needs=frozenset({"change"}),
    statistic=CycleTime(),
    minimum_n=6,
    bots="exclude",
    span=("started_at", "merged_at"),
    keeps=("to_production", "censored", "open_for"),
    beside={"to_production": "seconds", "open_for": "seconds"},
    counted_flags={"negative": "E3"},
    placed="unit",
)
