from __future__ import annotations

import pytest

from metrics.survival import kaplan_meier
from plain_statistics import survival_percentile


def test_open_cases_stay_in_the_risk_set() -> None:
    curve = kaplan_meier([2, 5, 9], [4, 12])

    known = [(time, round(share, 3)) for time, share in zip(curve.times, curve.shares, strict=True)]
    assert [point for point in known if point[0] in {2, 5, 9}] == [(2, 0.8), (5, 0.533), (9, 0.267)]
    assert curve.quantile(0.5) == 9


def test_the_median_is_unknown_while_most_are_open() -> None:
    curve = kaplan_meier([1], [2, 3, 4])

    assert (curve.quantile(0.5), curve.interval(0.5)) == (None, None)


def test_the_median_of_nothing_but_open_cases_is_unknown() -> None:
    assert kaplan_meier([], [5, 6]).quantile(0.5) is None


def test_the_interval_of_the_median_encloses_it() -> None:
    curve = kaplan_meier([float(n) for n in range(1, 41)], [12.5, 30.5])

    low, high = curve.interval(0.5) or (0.0, 0.0)
    assert low < (curve.quantile(0.5) or 0.0) < high


def test_an_upper_bound_that_is_never_reached_leaves_no_interval() -> None:
    assert kaplan_meier([1, 2, 3], [4]).interval(0.5) is None


@pytest.mark.parametrize("q", [0.5, 0.75, 0.9])
def test_percentiles_agree_with_a_second_computation(q: float) -> None:
    ended, ongoing = [3.0, 3.0, 7.0, 8.0, 15.0, 21.0, 40.0], [3.0, 9.0, 50.0]

    assert kaplan_meier(ended, ongoing).quantile(q) == survival_percentile(ended, ongoing, q)
