"""Series in which nothing happens, for statistics whose distribution is in no table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

SERIES = 8_000
MOST_CORRELATED = 0.9


def mere_noise(weeks: int, seed: int) -> NDArray[float64]:
    """SERIES rows of a first-order autoregression each, with a coefficient anywhere between 0 and MOST_CORRELATED."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    dice = np.random.default_rng(seed)
    carried = dice.uniform(0, MOST_CORRELATED, SERIES)
    noise = dice.standard_normal((weeks, SERIES))
    for week in range(1, weeks):
        noise[week] = carried * noise[week - 1] + np.sqrt(1 - carried**2) * noise[week]
    return np.asarray(noise.T)
