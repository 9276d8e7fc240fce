"""Panels of units whose weeks are made up: noise with a memory, trends of teams, and an effect where one is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from metrics.verdicts import Panel, Scale, Unit
from metrics.verdicts.scale import NEVER, Grid

MONDAY = date(2024, 1, 1)
Row = Sequence[float | None]


def panel_of(
    rows: Sequence[Row], released: Sequence[int | None], scale: Scale = "plain", counts: int = 10
) -> Panel:  # fmt: skip
    """A panel of units u00, u01, ... with a row of values each."""
    units = (
        Unit(f"u{at:02}", tuple(row), (counts,) * len(row), week)
        for at, (row, week) in enumerate(zip(rows, released, strict=True))
    )
    weeks = len(rows[0]) if rows else 0
    return Panel(tuple(MONDAY + timedelta(weeks=week) for week in range(weeks)), tuple(units), scale)


def grid_of(rows: Sequence[Row], released: Sequence[int | None]) -> Grid:
    """The same on the plain scale, as the methods read it."""
    values = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)
    return Grid(values, np.array([NEVER if week is None else week for week in released], dtype=np.int64))


def noise(
    seed: int, units: int = 12, weeks: int = 104, *, memory: float = 0.4, trend: float = 0.1
) -> NDArray[np.float64]:
    """Logarithms: weekly noise of 0.25 that remembers, teams' levels and yearly trends, and what all weeks share."""
    dice = np.random.default_rng(seed)
    drawn = dice.standard_normal((units, weeks))
    for week in range(1, weeks):
        drawn[:, week] = memory * drawn[:, week - 1] + np.sqrt(1 - memory**2) * drawn[:, week]
    trends = dice.normal(0, trend, (units, 1)) * np.arange(weeks) / 52
    return np.asarray(0.25 * drawn + dice.normal(1, 0.5, (units, 1)) + trends + dice.normal(0, 0.1, weeks))


def rollout(seed: int, units: int = 12, reached: int = 6, first: int = 40, last: int = 72) -> list[int | None]:
    """A week of release for some units, drawn."""
    dice = np.random.default_rng(seed + 1_000_000)
    weeks = dice.integers(first, last, reached).tolist()
    found: list[int | None] = [*weeks, *[None] * (units - reached)]
    return [found[at] for at in dice.permutation(units)]


def after(released: Sequence[int | None], weeks: int = 104) -> NDArray[np.float64]:
    """1 from each unit's release on, 0 before it."""
    rows = [[1.0 if week is not None and at >= week else 0.0 for at in range(weeks)] for week in released]
    return np.array(rows)
