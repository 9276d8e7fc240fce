"""A test by randomisation, and the interval that inverts it.

``drawn`` holds the estimate under every assignment, the observed one first; ``moved`` holds what each assignment's
estimator makes of a constant effect of 1 from every observed release on. The estimator is linear, so with an effect of
tau taken out of the values the estimates are ``drawn - tau * moved``: nothing is estimated again. An assignment counts
against tau while its estimate is at least as far from 0 as the observed one; each does so on an interval around the
estimate, so the bounds are order statistics of the ends of those.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from metrics.verdicts.finding import LEVEL

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

POWER = 0.8
ROUNDING = 1e-9
HALVINGS = 30


def p_value(drawn: NDArray[float64]) -> float:
    """The share of assignments whose estimate is at least as far from 0 as the observed one."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    size = np.abs(drawn)
    # what cannot be estimated under an assignment counts against the effect
    return float(np.mean(~(size < size[0] * (1 - ROUNDING))))


def interval(drawn: NDArray[float64], moved: NDArray[float64]) -> tuple[float | None, float | None]:
    """The effects that are not refused at 5 %; None for a bound that does not exist."""
    import numpy as np  # noqa: PLC0415 - as above

    found = drawn[0]
    bounded = (np.abs(moved) < 1 - ROUNDING) & np.isfinite(drawn)
    values, below = np.where(bounded, drawn, 0.0), np.where(bounded, moved, 0.0)
    ends = np.stack([(values - found) / (below - 1), (values + found) / (below + 1)])
    low = np.sort(np.where(bounded, ends.min(axis=0), -np.inf))
    high = np.sort(np.where(bounded, ends.max(axis=0), np.inf))
    least = ceil(LEVEL * len(drawn)) - 1
    bounds = min(float(low[least]), found), max(float(high[-1 - least]), found)
    return (float(bounds[0]) if np.isfinite(bounds[0]) else None, float(bounds[1]) if np.isfinite(bounds[1]) else None)


def detectable(drawn: NDArray[float64], moved: NDArray[float64]) -> float | None:
    """The effect that exceeds the critical value, which grows with it, in 80 % of the draws of the noise."""
    import numpy as np  # noqa: PLC0415 - as above

    known = np.flatnonzero(np.isfinite(drawn))[1:]
    noise, carried = (drawn - drawn[0] * moved)[known], moved[known]
    lower = float(np.quantile(noise, 1 - POWER))

    def missing(effect: float) -> float:
        return float(np.quantile(np.abs(noise + effect * carried), 1 - LEVEL)) - effect - lower

    low, high = 0.0, 100.0 * float(np.abs(noise).max())
    if missing(high) > 0:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    return high
