"""What moved beyond noise: the last week against the process behaviour limits of the weeks before."""

from __future__ import annotations

import math

import pytest

from metrics.moves import LEAST_BEFORE, MOST_BEFORE, by_chance, move

STEADY = [0.2, 0.4] * 6


def test_the_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    found = move([*STEADY, 0.9], "score")

    assert found is not None
    assert found.low == pytest.approx(0.3 - 2.66 * 0.2)
    assert found.high == pytest.approx(0.3 + 2.66 * 0.2)
    assert found.away == pytest.approx(0.6 / (2.66 * 0.2))
    assert found.is_signal


def test_what_lies_within_is_none() -> None:
    found = move([*STEADY, 0.5], "score")

    assert found is not None
    assert not found.is_signal


def test_limits_of_a_share_end_at_nought_and_at_all() -> None:
    found = move([*STEADY, 0.9], "share")

    assert found is not None
    assert found.low == 0
    assert found.high == pytest.approx(0.832)


def test_durations_are_compared_by_ratio() -> None:
    found = move([100.0, 200.0] * 6 + [1_000.0], "seconds")

    assert found is not None
    assert found.low > 0
    middle, half = (math.log(100) + math.log(200)) / 2, 2.66 * math.log(2)
    assert found.high == pytest.approx(math.exp(middle + half))
    assert found.value == pytest.approx(1_000.0)


@pytest.mark.parametrize("values", [[], [1.0], [*STEADY[: LEAST_BEFORE - 1], 0.9], [*STEADY, None], [None] * 20])
def test_without_enough_weeks_nothing_is_told(values: list[float | None]) -> None:
    assert move(values, "score") is None


def test_weeks_without_a_value_are_left_out_and_only_the_newest_are_looked_at() -> None:
    long_ago: list[float | None] = [50.0, -50.0] * 10
    recent: list[float | None] = [each for pair in zip(STEADY, [None] * 12, strict=True) for each in pair]
    found = move([*long_ago, *recent[: MOST_BEFORE - 2], None, None, 0.3], "score")

    assert found is not None
    assert found.high < 1


def test_what_never_moved_and_moves_now_is_a_signal() -> None:
    found = move([1.0] * 10 + [1.1], "score")

    assert found is not None
    assert found.is_signal
    same = move([0.1 + 0.2] * 10 + [0.3], "score")
    assert same is not None
    assert not same.is_signal


def test_some_weeks_of_mere_noise_signal() -> None:
    assert 0.003 < by_chance() < 0.15
