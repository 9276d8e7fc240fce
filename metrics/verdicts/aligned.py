"""The weeks of all reached units laid over each other by their distance from the release, to look at.

As in the building blocks of a staggered difference-in-differences, every unit is told as its distance from its own mean
of the weeks before, and beside each reached unit stand, in the same weeks, those that are not reached until that week
is over. So a line moves with what happened to the units and not with which of them were measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.verdicts.blocks import BASE_WEEKS, moved
from metrics.verdicts.finding import HORIZONS
from metrics.verdicts.scale import effect_of, grid, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64, int64
    from numpy.typing import NDArray

    from metrics.verdicts.panel import Panel, Scale
    from metrics.verdicts.scale import Grid

SHOWN_BEFORE, SHOWN_AFTER = 26, max(HORIZONS)
"""Weeks around the release."""


@dataclass(frozen=True)
class AlignedWeek:
    """A week by its distance from the release, whose own is 0.

    ``reached`` and ``waiting`` are mean changes against the weeks before, in the unit of a finding's effect, None where
    nobody was measured; ``reached_units`` and ``waiting_units`` are how many were.
    """

    week: int
    reached: float | None
    reached_units: int
    waiting: float | None
    waiting_units: int


@dataclass(frozen=True)
class Aligned:
    """The weeks, ascending, and the typical value before the release in the metric's unit; None without any."""

    level: float | None
    weeks: tuple[AlignedWeek, ...]


def aligned(panel: Panel) -> Aligned:
    """Lay the weeks of a panel's reached units over each other."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    measured = grid(panel, len(panel.weeks))
    over = np.unique(measured.released[measured.released < measured.now])
    level = _level(measured, over)
    if level is None:
        return Aligned(None, ())
    weeks = [_week(measured, panel.scale, level, over, at) for at in range(-SHOWN_BEFORE, SHOWN_AFTER)]
    told = [each.week for each in weeks if each.reached_units]
    kept = tuple(each for each in weeks if told and told[0] <= each.week <= told[-1])
    return Aligned(_value(level, panel.scale), kept)


def _level(measured: Grid, over: NDArray[int64]) -> float | None:
    """The mean of the reached units' means before their releases, on the scale."""
    import numpy as np  # noqa: PLC0415 - as above

    bases = [
        measured.values[unit, max(0, week - BASE_WEEKS) : week]
        for week in over.tolist()
        for unit in np.flatnonzero(measured.released == week)
    ]
    means = [float(np.nanmean(base)) for base in bases if not np.isnan(base).all()]
    return sum(means) / len(means) if means else None


def _value(level: float, scale: Scale) -> float:
    return share(level) if scale == "logit" else 1 + effect_of(level, 0.0, scale) if scale == "log" else level


def _week(measured: Grid, scale: Scale, level: float, over: NDArray[int64], at: int) -> AlignedWeek:
    cohorts = over[(over + at >= 0) & (over + at < measured.now)]
    moves = moved(measured.values, measured.measured, cohorts, cohorts + at)
    reached, beside, units = _beside(measured, cohorts, moves, at)
    return AlignedWeek(at, _told(reached, level, scale), len(reached), _told(beside, level, scale), units)


def _beside(
    measured: Grid, cohorts: NDArray[int64], moves: NDArray[float64], at: int
) -> tuple[list[float], list[float], int]:
    """The moves of reached units, beside each the mean of those not reached yet, and how many these were in all."""
    import numpy as np  # noqa: PLC0415 - as above

    known, reached, beside = ~np.isnan(moves), list[float](), list[float]()
    compared = np.zeros(len(moves), dtype=bool)
    for column, week in enumerate(cohorts.tolist()):
        own = moves[(measured.released == week) & known[:, column], column]
        others = (measured.released > max(week, week + at)) & known[:, column]
        reached += own.tolist()
        if others.any() and len(own):
            beside += [float(moves[others, column].mean())] * len(own)
            compared |= others
    return reached, beside, int(compared.sum())


def _told(moves: Sequence[float], level: float, scale: Scale) -> float | None:
    return effect_of(sum(moves) / len(moves), level, scale) if moves else None
