"""One series out of all reached units, by the weeks relative to their releases: for what has no design to permute.

Every unit is centred on its own mean of before, so that a week in which one is missing does not move the series. A
control is a unit that is not reached until the last reached unit's window is over; the mean of the controls, centred on
the same weeks, is taken from each unit's values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.verdicts.finding import TRANSITION

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

    from metrics.verdicts.scale import Grid

WEEKS_BEFORE = 52
"""At most so many weeks before the release are read."""
LEAST_BEFORE = 6
"""Measured weeks before its release that a unit needs."""
LEAST_AFTER = 2
"""Measured weeks behind its transition that a reached unit needs."""


@dataclass(frozen=True, eq=False)
class Series:
    """Values of the weeks before and after, by their distance from the release; the transition is left out."""

    weeks: NDArray[int64]
    values: NDArray[float64]
    level: float
    treated: int
    controls: int

    @property
    def after(self) -> NDArray[bool_]:
        """Which weeks lie behind the release, whose own is 0."""
        return self.weeks >= 0

    @property
    def counts(self) -> tuple[int, int]:
        """Weeks before and after."""
        after = int(self.after.sum())
        return len(self.weeks) - after, after


def series_of(grid: Grid, horizon: int) -> Series | None:
    """The mean of the reached units' weeks, less that of the controls; None where no unit has weeks enough."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    treated = reached_units(grid, horizon)
    if not treated:
        return None
    last = max(min(int(grid.released[unit]) + horizon, grid.now) for unit in treated)
    windows = [_window(grid, np.array([unit]), int(grid.released[unit]), horizon) for unit in treated]
    controls = np.flatnonzero(grid.released >= last)
    against = [_window(grid, controls, int(grid.released[unit]), horizon) for unit in treated]
    entered = sum(any(not np.isnan(rows[at]).all() for rows in against) for at in range(len(controls)))
    if all((~np.isnan(rows)).any() for rows in against):
        rows = np.array([_mean(own) - _mean(others) for own, others in zip(windows, against, strict=True)])
    else:
        rows, entered = np.array([_mean(own) for own in windows]), 0
    mean = _mean(rows)
    weeks = np.arange(-WEEKS_BEFORE, horizon)
    kept = ~np.isnan(mean) & ((weeks < 0) | (weeks >= TRANSITION))
    return Series(weeks[kept], mean[kept], _level(grid, treated), len(treated), entered)


def reached_units(grid: Grid, horizon: int) -> list[int]:
    """Rows of units that were reached and have measured weeks enough on both sides."""
    measured, found = grid.measured, []
    for unit, week in enumerate(grid.released.tolist()):
        before = measured[unit, max(0, week - WEEKS_BEFORE):week].sum()  # fmt: skip
        after = measured[unit, week + TRANSITION:min(week + horizon, grid.now)].sum()  # fmt: skip
        if week < grid.now and before >= LEAST_BEFORE and after >= LEAST_AFTER:
            found.append(unit)
    return found


def _window(grid: Grid, units: NDArray[int64], week: int, horizon: int) -> NDArray[float64]:
    """Values of units around a week, each less its mean of before; NaN outside of the panel and without a base."""
    import numpy as np  # noqa: PLC0415 - as above

    found = np.full((len(units), WEEKS_BEFORE + horizon), np.nan)
    begin, end = max(0, week - WEEKS_BEFORE), min(week + horizon, grid.now)
    found[:, begin - week + WEEKS_BEFORE : end - week + WEEKS_BEFORE] = grid.values[units, begin:end]
    before = found[:, :WEEKS_BEFORE]
    count = (~np.isnan(before)).sum(axis=1)
    base = np.where(count >= LEAST_BEFORE, np.nansum(before, axis=1) / np.maximum(count, 1), np.nan)
    return np.asarray(found - base[:, None])


def _mean(rows: NDArray[float64]) -> NDArray[float64]:
    """The mean over rows of what is there; NaN where nothing is."""
    import numpy as np  # noqa: PLC0415 - as above

    count = (~np.isnan(rows)).sum(axis=0)
    return np.where(count > 0, np.nansum(rows, axis=0) / np.maximum(count, 1), np.nan)


def _level(grid: Grid, treated: list[int]) -> float:
    import numpy as np  # noqa: PLC0415 - as above

    weeks = [(unit, int(grid.released[unit])) for unit in treated]
    return float(np.mean([np.nanmean(grid.values[unit, max(0, week - WEEKS_BEFORE) : week]) for unit, week in weeks]))
