"""When a test becomes possible that is not possible yet."""

from __future__ import annotations

from metrics.verdicts import blocks, interrupted
from metrics.verdicts.scale import NEVER, Grid
from metrics.verdicts.series import series_of


def awaited(measured: Grid, horizon: int) -> int | None:
    """The first week, as the one that is not over, at which a test is possible if every week to come is measured.

    It is the grid's own where one is possible already, and None where waiting does not help.
    """
    return next((week for week in _weeks(measured, horizon) if possible(_until(measured, week), horizon)), None)


def _weeks(measured: Grid, horizon: int) -> range:
    """From now on until the last release's horizon is over."""
    known = measured.released[measured.released < NEVER]
    last = int(known.max()) + horizon if len(known) else measured.now
    return range(measured.now, max(measured.now, last) + 1)


def _until(measured: Grid, week: int) -> Grid:
    """The grid as it will be, with a value in every week that is still to come."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    values = np.zeros((len(measured.values), week))
    values[:, : measured.now] = measured.values
    return Grid(values, measured.released)


def possible(measured: Grid, horizon: int) -> bool:
    """Whether a test has the units and weeks that it needs."""
    if blocks.enough(blocks.usable(measured, horizon), horizon):
        return True
    series = series_of(measured, horizon)
    return series is not None and interrupted.enough(series)
