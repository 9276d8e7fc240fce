"""The building blocks of a staggered difference-in-differences: a release, and a week after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.verdicts.assignments import distinct
from metrics.verdicts.finding import TRANSITION
from metrics.verdicts.scale import Grid

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

BASE_WEEKS = 12
"""Weeks before the release whose mean is the base."""
LEAST_BASE = 4
"""Measured weeks of those that a unit needs."""
LEAST_AFTER = 8
"""Weeks behind the transition that must be over before a release is judged, or all of a shorter horizon."""
LEAST_ASSIGNMENTS = 200
"""So that the least p is 1 in 100 even where each assignment has a mirror image: 0.03 by Holm over three horizons."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of a horizon: weeks of release and of measurement, an entry a block, and each unit's part in them.

    ``moves`` is how far a unit is from its base, 0 where ``known`` says that this is not known; both (units, blocks).
    """

    cohorts: NDArray[int64]
    weeks: NDArray[int64]
    moves: NDArray[float64]
    known: NDArray[float64]


def judged_releases(released: NDArray[int64], horizon: int, now: int) -> list[int]:
    """The weeks of release that can be judged: enough weeks lie on both sides, and some unit is reached later."""
    least = min(LEAST_AFTER, horizon - TRANSITION)
    over = sorted({int(week) for week in released if LEAST_BASE <= week <= now - TRANSITION - least})
    return [week for week in over if (released > week + TRANSITION).any()]


def enough(grid: Grid, horizon: int) -> bool:
    """Whether there are assignments enough for a p that convinces."""
    judged = set(judged_releases(grid.released, horizon, grid.now))
    return bool(judged) and distinct(grid.released, judged) >= LEAST_ASSIGNMENTS


def usable(grid: Grid, horizon: int) -> Grid:
    """The units that could enter: not reached before anything was measured, and measured around some release."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    blocks = blocks_of(grid, horizon)
    enters = (grid.released >= LEAST_BASE) & (blocks.known > 0).any(axis=1)
    return Grid(grid.values[enters], np.asarray(grid.released[enters]))


def blocks_of(grid: Grid, horizon: int) -> Blocks:
    """All blocks of the releases that can be judged in which some unit is still to be reached."""
    import numpy as np  # noqa: PLC0415 - as above

    pairs = [
        (week, later)
        for week in judged_releases(grid.released, horizon, grid.now)
        for later in range(week + TRANSITION, min(week + horizon, grid.now))
        if (grid.released > later).any()
    ]
    cohorts, weeks = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    moves = moved(grid.values, grid.measured, cohorts, weeks)
    known = ~np.isnan(moves)
    return Blocks(cohorts, weeks, np.where(known, moves, 0.0), known.astype(float))


def moved(
    values: NDArray[float64], measured: NDArray[bool_], cohorts: NDArray[int64], weeks: NDArray[int64]
) -> NDArray[float64]:
    """How far each unit is in a block's week from its mean before the block's release; NaN where not known."""
    import numpy as np  # noqa: PLC0415 - as above

    found = np.full((len(values), len(cohorts)), np.nan)
    for week in np.unique(cohorts):
        base = slice(max(0, week - BASE_WEEKS), week)
        count = measured[:, base].sum(axis=1)
        total = np.where(measured[:, base], values[:, base], 0.0).sum(axis=1)
        mean = np.where(count >= LEAST_BASE, total / np.maximum(count, 1), np.nan)
        here = cohorts == week
        found[:, here] = np.where(measured[:, weeks[here]], values[:, weeks[here]], np.nan) - mean[:, None]
    return found
