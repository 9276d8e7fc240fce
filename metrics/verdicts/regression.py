"""The segmented regression of many series at once, and what its statistic looks like where nothing happened.

Newey-West errors are too small in short series: at 8 weeks on each side their t rejects at a nominal 5 % in 19 % of
series of independent noise, in 30 % at an autocorrelation of 0.4 and in 45 % at 0.8. So the critical values come from
the same regression over simulated series of mere noise, and of those the ones whose residuals are about as
autocorrelated as the observed ones. With these it rejects in 1, 3 and 9 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from metrics.verdicts.noise import mere_noise

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

NEAREST = 2_000


def regressors(weeks: NDArray[int64]) -> NDArray[float64]:
    """Level, slope, change of level, change of slope: the third is the change at the middle of the weeks after."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    after = weeks >= 0
    middle = weeks[after].mean()
    columns = [np.ones(len(weeks)), weeks / len(weeks), after, np.where(after, weeks - middle, 0.0) / len(weeks)]
    return np.column_stack(columns).astype(float)


CHANGE = 2
"""The column whose coefficient is the effect."""


def lags_of(weeks: int) -> int:
    """Newey & West's (1994) rule for the Bartlett kernel: 4 (n / 100) ** (2 / 9), rounded down."""
    return int(4 * (weeks / 100) ** (2 / 9))


@dataclass(frozen=True, eq=False)
class Statistics:
    """Of each series: the effect over its Newey-West error, and the autocorrelation of its residuals at lag 1."""

    ratios: NDArray[float64]
    correlations: NDArray[float64]


def statistics_of(series: NDArray[float64], columns: NDArray[float64], lags: int) -> Statistics:
    """Regress every row of ``series`` on ``columns``; errors with the correction n / (n - k), as statsmodels'."""
    import numpy as np  # noqa: PLC0415 - as above

    inverse = np.linalg.pinv(columns)
    effects = series @ inverse[CHANGE]
    residuals = series - (series @ inverse.T) @ columns.T
    scores = residuals * inverse[CHANGE]
    variance = (scores**2).sum(axis=1)
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
    n, k = columns.shape
    correlations = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1) / (residuals**2).sum(axis=1)
    return Statistics(effects / np.sqrt(variance * n / (n - k)), correlations)


def reference(weeks: NDArray[int64], correlation: float, seed: int) -> NDArray[float64]:
    """Statistics of series in which nothing happened and whose residuals correlate about as these do."""
    import numpy as np  # noqa: PLC0415 - as above

    found = _simulated(tuple(weeks.tolist()), seed)
    nearest = np.argpartition(np.abs(found.correlations - correlation), NEAREST)[:NEAREST]
    return np.asarray(found.ratios[nearest])


@lru_cache(maxsize=64)
def _simulated(weeks: tuple[int, ...], seed: int) -> Statistics:
    """Statistics of series of noise in these weeks: metrics of one intervention share them."""
    import numpy as np  # noqa: PLC0415 - as above

    return statistics_of(mere_noise(len(weeks), seed), regressors(np.array(weeks)), lags_of(len(weeks)))
