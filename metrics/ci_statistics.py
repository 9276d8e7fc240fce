"""Statistics of the CI metrics: what stands beside a value, and values that are one aggregate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metrics.definition import Cell, Measure, Statistic
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample


@dataclass(frozen=True)
class Beside:
    """Another statistic, with further fields of the result: pairs of a name and an SQL aggregate over counted units."""

    statistic: Statistic
    further: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name of the statistic itself."""
        return self.statistic.name

    def columns(self) -> str:
        """What the statistic aggregates, then the further fields."""
        return f"{self.statistic.columns()}, {self._further()}"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """As the statistic measures; every further field is a number, None where nothing tells it."""
        told = aggregated(sample, self._further())
        names = [name for name, _ in self.further]
        return {
            cell: replace(found, extra={**found.extra, **dict(zip(names, map(_number, told[cell]), strict=True))})
            for cell, found in self.statistic.measure(sample).items()
        }

    def _further(self) -> str:
        return ", ".join(f"{aggregate} AS {name}" for name, aggregate in self.further)


@dataclass(frozen=True)
class Aggregate:
    """One SQL aggregate over counted units; no interval, since runs of one change hang together."""

    name: str
    aggregate: str

    def columns(self) -> str:
        """``n`` and ``value``."""
        return f"COUNT(*) AS n, {self.aggregate} AS value"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The aggregate of every cell."""
        rows = aggregated(sample, self.columns())
        return {cell: Measure(int(n or 0), _number(value)) for cell, (n, value) in rows.items()}


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def percentiles_of(column: str) -> tuple[tuple[str, str], ...]:
    """Median and p90 of a further unit column, as fields ``<column>_p50`` and ``<column>_p90``."""
    return tuple(
        (f"{column}_p{percent}", f"PERCENTILE_CONT({percent / 100}) WITHIN GROUP (ORDER BY {column})")
        for percent in (50, 90)
    )


WORKFLOWS = {"workflow": "workflow", "pipeline": "pipeline"}
"""By the workflows of a name in all repositories together, or by each of them: a pipeline is repository/workflow."""
TRIGGERS = {**WORKFLOWS, "trigger": "triggered_by"}
"""How CI metrics can be cut: people and timers wait for different things."""
BRANCHES = {**TRIGGERS, "branch": "branch_kind"}
"""As `TRIGGERS`, and by pull requests, the default branch, and others."""
BLENDED = "Runs that people started and runs that timers and bots did are both in it: `--by trigger` takes them apart."
