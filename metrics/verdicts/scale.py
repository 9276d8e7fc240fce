"""From values to the scale on which they are compared, and an effect's way back.

Weeks without a value, or with a value made of nothing, are missing and stay so. A share of k among n is (k + 0.5) /
(n + 1) before its log odds are taken, so that 0 and 1 have some. An amount of 0 has no logarithm: it counts as half of
the smallest amount above 0 in the whole panel, the usual stand-in for what lies below the limit of detection.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

    from metrics.verdicts.panel import Better, Panel, Scale

NEVER = 1_000_000
"""The week of release of a control, behind every other."""
HALF = 0.5


@dataclass(frozen=True, eq=False)
class Grid:
    """Transformed values, a row a unit by name and a column a week that is over; NaN where missing.

    ``released`` has a week for every unit, NEVER for controls.
    """

    values: NDArray[float64]
    released: NDArray[int64]

    @property
    def now(self) -> int:
        """The week that is not over yet."""
        return int(self.values.shape[1])

    @property
    def measured(self) -> NDArray[bool_]:
        """Where there is a value."""
        import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

        return ~np.isnan(self.values)


def grid(panel: Panel, now_week: int) -> Grid:
    """The panel's units in the order of their names; weeks from ``now_week`` on are not over and not read."""
    import numpy as np  # noqa: PLC0415 - as above

    units = sorted(panel.units, key=lambda unit: unit.name)
    shape = len(units), len(panel.weeks)
    raw = np.array([[np.nan if value is None else value for value in unit.values] for unit in units]).reshape(shape)
    counts = np.array([unit.counts for unit in units], dtype=float).reshape(shape)
    raw = np.where(counts > 0, raw, np.nan)
    released = [NEVER if unit.released is None else unit.released for unit in units]
    return Grid(transformed(raw[:, :now_week], counts[:, :now_week], panel.scale), np.array(released, dtype=np.int64))


def transformed(values: NDArray[float64], counts: NDArray[float64], scale: Scale) -> NDArray[float64]:
    """Values on the scale; NaN stays NaN."""
    import numpy as np  # noqa: PLC0415 - as above

    if scale == "plain":
        return values
    if scale == "logit":
        yes = values * counts
        return np.asarray(np.log((yes + HALF) / (counts - yes + HALF)))
    above = values[values > 0]
    floor = HALF * above.min() if len(above) else 1.0
    return np.asarray(np.log(np.where(values == 0, floor, values)))


def effect_of(shift: float, level: float, scale: Scale) -> float:
    """What a shift on the scale means for a reader, as `Finding` says; ``level`` is where it starts from."""
    if scale == "plain":
        return shift
    if scale == "logit":
        return share(level + shift) - share(level)
    return expm1(shift) if shift < LARGEST else inf


LARGEST = 700.0
"""The exponent behind which a float ends."""


def share(log_odds: float) -> float:
    """The share that has these log odds."""
    return 1 / (1 + exp(-log_odds)) if log_odds > -LARGEST else 0.0


def detectable_of(shift: float, level: float, scale: Scale, better: Better) -> float:
    """The size of an improvement by so much on the scale."""
    return abs(effect_of(-shift if better == "lower" else shift, level, scale))
