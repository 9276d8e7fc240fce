"""Interrupted time series: change of level and slope in the mean of the reached units' weeks, less their controls'.

The effect is the change of level plus the change of slope at the middle of the weeks after. Errors are Newey-West's by
statsmodels with its small-sample correction; critical values are simulated, see `metrics.verdicts.regression`. Without
controls, whatever else changed with the release is in the effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.verdicts.finding import LEVEL, Estimate
from metrics.verdicts.regression import CHANGE, lags_of, reference, regressors, statistics_of

if TYPE_CHECKING:
    from metrics.verdicts.series import Series

LEAST_WEEKS = 8
"""Measured weeks on each side."""
POWER = 0.8
NO_NOISE = 1e-12


def enough(series: Series) -> bool:
    """Whether there are weeks enough on both sides."""
    return min(series.counts) >= LEAST_WEEKS


def estimate(series: Series, seed: int) -> Estimate:
    """Regress and hold against what regressions of mere noise give."""
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    columns, lags = regressors(series.weeks), lags_of(len(series.weeks))
    effect, error = newey_west(series, lags)
    if error <= NO_NOISE * (1 + abs(effect)):
        return _found(series, effect, error, (0.0, 0.0), float(abs(effect) <= NO_NOISE))
    correlation = float(statistics_of(series.values[None, :], columns, lags).correlations[0])
    drawn = np.abs(reference(series.weeks, correlation, seed))
    critical, middle = (float(each) for each in np.quantile(drawn, [1 - LEVEL, 2 * POWER - 1]))
    p = float((1 + (drawn >= abs(effect / error)).sum()) / (1 + len(drawn)))
    return _found(series, effect, error, (critical, middle), p)


def newey_west(series: Series, lags: int) -> tuple[float, float]:
    """The effect and its error."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - importing it takes a second

    options = {"maxlags": lags, "use_correction": True}
    model = OLS(series.values, regressors(series.weeks))
    fitted = model.fit(cov_type="HAC", cov_kwds=options, use_t=True)
    return float(fitted.params[CHANGE]), float(fitted.bse[CHANGE])


def _found(series: Series, effect: float, error: float, quantiles: tuple[float, float], p: float) -> Estimate:
    critical, power = quantiles
    before, after = series.counts
    return Estimate(
        "interrupted_time_series_with_controls" if series.controls else "interrupted_time_series",
        effect, effect - critical * error, effect + critical * error, p, (critical + power) * error,
        series.level, series.treated, series.controls, before, after,
    )  # fmt: skip
