"""Process behaviour charts: limits, signals, and what they can show."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.verdicts.behaviour_chart import detectable, enough, estimate, limits, signal, widened
from metrics.verdicts.finding import Signal
from metrics.verdicts.noise import mere_noise
from metrics.verdicts.series import Series

BEFORE = [1.0, 3.0, 1.0, 3.0, 1.0, 3.0]


def series(later: list[float], before: list[float] = BEFORE) -> Series:
    weeks = np.array([*range(-len(before), 0), *range(2, 2 + len(later))])
    return Series(weeks, np.array([*before, *later]), 2.0, 1, 0)


def test_the_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    assert limits(BEFORE) == pytest.approx((2.0, 5.32))
    assert limits([1.0, 2.0, 4.0]) == pytest.approx((7 / 3, 2.66 * 1.5))


@pytest.mark.parametrize(
    ("later", "side"),
    [
        ([7.3, 2.0], 0),
        ([7.4, 2.0], 1),
        ([2.0, -3.4], -1),
        ([7.4, -3.4], 0),
        ([2.1] * 7, 0),
        ([2.1] * 8, 1),
        ([1.9] * 8, -1),
        ([2.1] * 7 + [2.0] + [2.1] * 7, 0),
    ],
)
def test_a_signal_is_a_week_outside_or_eight_in_a_row_on_one_side(later: list[float], side: int) -> None:
    assert signal(later, 2.0, 5.32) == side
    found = estimate(series(later), 1).signal
    assert found is not None
    assert found.seen == side


def test_the_effect_is_the_difference_of_means_without_interval_or_p() -> None:
    found = estimate(series([8.0, 9.0]), 1)

    assert found.shift == pytest.approx(6.5)
    assert (found.low, found.high, found.p) == (None, None, None)
    assert (found.weeks_before, found.weeks_after) == (6, 2)


def test_the_detectable_shift_lets_one_of_the_weeks_fall_outside_four_times_in_five() -> None:
    drawn = np.random.default_rng(1).standard_normal((100_000, 4))

    assert np.mean((drawn + detectable(3.0, 1.0, 4) > 3.0).any(axis=1)) == pytest.approx(0.8, abs=0.005)


def test_it_needs_six_weeks_before_and_two_after() -> None:
    assert enough(series([1.0, 2.0]))
    assert not enough(series([1.0]))
    assert not enough(series([1.0, 2.0], BEFORE[:5]))


def test_the_fewer_weeks_before_and_the_more_after_the_further_out_a_verdict_begins() -> None:
    assert 1.0 <= widened(52, 2, 1) < widened(12, 2, 1) < widened(6, 2, 1) < widened(6, 10, 1) < widened(6, 24, 1)


@pytest.mark.parametrize(("before", "later"), [(6, 2), (20, 2), (7, 10)])
def test_mere_noise_is_taken_for_a_change_in_one_series_of_twenty(before: int, later: int) -> None:
    drawn = mere_noise(before + 2 + later, 9)[:2_000]
    sides = [estimate(series(row[before + 2 :], row[:before]), 1).signal for row in drawn.tolist()]

    assert 0.03 < sum(each is not None and each.side != 0 for each in sides) / len(sides) < 0.06


def test_a_run_and_a_week_just_outside_are_seen_but_no_verdict() -> None:
    assert estimate(series([7.4, 2.0]), 1).signal == Signal(1, 0)
    assert estimate(series([2.1] * 8), 1).signal == Signal(1, 0)
    assert estimate(series([40.0, 2.0]), 1).signal == Signal(1, 1)
