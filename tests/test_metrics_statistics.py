from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plain_statistics
from metrics import benchmark
from metrics.statistics import order_ranks
from tribometer.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(1, 4, 5, 70), (2, 20, 3, 30), (7, 10, 40, 89), (21, 30, 52, 83), (70, 100, 60, 78), (0, 10, 0, 28)],
)
def test_wilson_gives_the_intervals_of_the_catalogue(hits: int, n: int, low: int, high: int) -> None:
    assert [round(100 * bound) for bound in wilson(hits, n)] == [low, high]


@pytest.mark.parametrize(("q", "minimum"), [(0.5, 6), (0.75, 13), (0.9, 36), (0.95, 72)])
def test_a_percentile_has_an_interval_from_its_minimum_sample_on(q: float, minimum: int) -> None:
    assert order_ranks(minimum - 1, q) is None
    assert order_ranks(minimum, q) is not None


def test_the_median_of_42_lies_between_the_15th_and_the_28th() -> None:
    assert order_ranks(42, 0.5) == (15, 28)


@given(n=st.integers(1, 200), q=st.sampled_from([0.5, 0.75, 0.9]))
def test_ranks_are_those_counted_out_from_the_binomial(n: int, q: float) -> None:
    assert order_ranks(n, q) == plain_statistics.order_ranks(n, q)


@pytest.mark.parametrize(
    ("hours", "category"), [(0.5, 6), (1, 5), (3, 5), (24, 4), (30, 4), (200, 3), (1000, 2), (5000, 1)]
)
def test_a_lead_time_falls_into_its_quick_check_category(hours: float, category: int) -> None:
    placed = benchmark.place("change_lead_time", hours * 3600)

    assert placed is not None
    assert (placed.category, placed.score) == (category, 2.0 * (category - 1))


@pytest.mark.parametrize(
    ("per_working_day", "category"), [(1.5, 6), (1.0, 4), (0.5, 4), (0.2, 3), (0.05, 3), (0.01, 2), (0.0, 1)]
)
def test_a_frequency_falls_into_its_quick_check_category(per_working_day: float, category: int) -> None:
    placed = benchmark.place("deployment_frequency", per_working_day)

    assert placed is not None
    assert placed.category == category


def test_no_category_is_given_where_the_interval_reaches_into_another() -> None:
    assert benchmark.place("change_lead_time", 7200, (3000, 9000)) is None
    assert benchmark.place("change_lead_time", 7200, (4000, 9000)) is not None


def test_a_change_fail_rate_is_scored_without_a_category() -> None:
    placed = benchmark.place("change_fail_rate", 0.12)

    assert placed is not None
    assert placed.category is None
    assert placed.score == pytest.approx(8.8)
