"""Interrupted time series, and the series that it and the chart read."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from metrics.verdicts import interrupted
from metrics.verdicts.regression import lags_of, reference, regressors, statistics_of
from metrics.verdicts.series import Series, series_of
from verdict_panels import grid_of, noise


def series(values: list[float], before: int) -> Series:
    weeks = np.array([*range(-before, 0), *range(2, 2 + len(values) - before)])
    return Series(weeks, np.array(values), 0.0, 1, 0)


def test_the_effect_is_the_change_of_level_and_slope_at_the_middle_of_the_weeks_after() -> None:
    before = [1 + 0.5 * week for week in range(-10, 0)]
    later = [1 + 0.5 * week + 2 + 0.25 * week for week in range(2, 11)]
    found = interrupted.estimate(series(before + later, 10), 1)

    assert found.shift == pytest.approx(2 + 0.25 * 6)
    assert (found.p, found.weeks_before, found.weeks_after) == (0.0, 10, 9)


def test_effect_and_error_are_those_of_statsmodels() -> None:
    values = noise(1, 1, 30)[0]
    given = series(values.tolist(), 16)
    columns = np.column_stack([np.ones(30), given.weeks, given.after, given.after * (given.weeks - 8.5)]).astype(float)
    fitted = OLS(values, columns).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True)
    effect, error = interrupted.newey_west(given, lags_of(30))

    assert lags_of(30) == 3
    assert (effect, error) == pytest.approx((fitted.params[2], fitted.bse[2]))


def test_simulated_series_are_held_against_by_the_same_statistic() -> None:
    given = series(noise(2, 1, 26)[0].tolist(), 14)
    effect, error = interrupted.newey_west(given, 2)
    found = statistics_of(given.values[None, :], regressors(given.weeks), 2)

    assert found.ratios[0] == pytest.approx(effect / error)


@pytest.mark.parametrize(("before", "later"), [(8, 8), (12, 12), (52, 24)])
def test_critical_values_lie_further_out_than_those_of_t_and_less_so_the_longer_the_series(
    before: int, later: int
) -> None:
    weeks = np.array([*range(-before, 0), *range(2, 2 + later)])
    critical = float(np.quantile(np.abs(reference(weeks, 0.2, 1)), 0.95))

    assert {16: 4.5, 24: 3.5, 76: 2.3}[len(weeks)] < critical < {16: 7.0, 24: 5.5, 76: 3.5}[len(weeks)]


def test_a_series_that_never_moves_has_no_effect() -> None:
    found = interrupted.estimate(series([5.0] * 20, 10), 1)

    assert found.shift == pytest.approx(0)
    assert found.low == pytest.approx(0)
    assert found.p == 1


def test_units_are_lined_up_by_their_releases_and_centred_on_their_weeks_before() -> None:
    one = [4.0, 6.0] * 4 + [0.0] * 2 + [1.0] * 4
    other = [None, *[10.0] * 8, 0.0, 0.0, 7.0, None, 9.0]
    found = series_of(grid_of([one, other], [8, 9]), 6)

    assert found is not None
    assert found.weeks.tolist() == [*range(-8, 0), 2, 3, 4, 5]
    assert found.values.tolist() == [-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -3.5, -4.0, -2.5, -4.0]
    assert (found.treated, found.controls, found.level) == (2, 0, 7.5)


def test_what_moves_the_controls_too_is_taken_from_the_series() -> None:
    shared = np.random.default_rng(1).normal(size=20)
    rows = np.stack([shared + 3 + np.where(np.arange(20) >= 10, 2.0, 0), shared, shared - 7])
    found = series_of(grid_of(rows.tolist(), [10, None, None]), 8)

    assert found is not None
    assert found.controls == 2
    assert found.values == pytest.approx(np.where(found.after, 2.0, 0.0))


@pytest.mark.parametrize(("other", "treated", "controls"), [(27, 2, 1), (39, 1, 2), (99, 1, 2), (None, 1, 2)])
def test_a_control_is_not_reached_before_the_window_is_over(other: int | None, treated: int, controls: int) -> None:
    found = series_of(grid_of(noise(3, 3, 40).tolist(), [20, other, None]), 8)

    assert found is not None
    assert (found.treated, found.controls) == (treated, controls)


@pytest.mark.parametrize(("released", "horizon"), [(5, 12), (38, 12), (None, 12)])
def test_without_weeks_on_both_sides_there_is_no_series(released: int | None, horizon: int) -> None:
    assert series_of(grid_of(noise(4, 1, 40).tolist(), [released]), horizon) is None
