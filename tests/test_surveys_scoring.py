"""From answers to numbers: definitions and vectors of the survey metrics."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest

from survey_waves import Person, closed_wave, instrument, item, options
from surveys.catalogue import opportunity
from surveys.scoring import Scores, recommendation, reliability, share, trimmed_mean


def scores(*answers: float | None, reverse: bool = False) -> Scores:
    people = [Person("a", {} if each is None else {"Q01": each}) for each in answers]
    return Scores(closed_wave(people), instrument(item("Q01", reverse=reverse)))


def test_what_was_not_answered_is_left_out_of_the_share() -> None:
    # T11
    found = share(scores(5, 4, 4, 3, 2, None).favourable("Q01"), None)

    assert (found.n, found.value) == (5, 0.6)
    assert found.low == pytest.approx(0.231, abs=5e-4)
    assert found.high == pytest.approx(0.882, abs=5e-4)


def test_an_item_that_agrees_with_bad_news_is_flipped() -> None:
    assert list(scores(1, 2, 3, 4, 5, reverse=True).favourable("Q01")) == [1, 1, 0, 0, 0]
    assert list(scores(1, 5, reverse=True).points("Q01")) == [5, 1]


@pytest.mark.parametrize(
    ("hits", "n", "population", "reach"),
    [(4, 8, 10, 0.16), (4, 8, None, 0.28), (17.5, 35, 50, 0.09), (17.5, 35, None, 0.16)],
)
def test_of_a_near_census_only_those_who_did_not_answer_are_uncertain(
    hits: float, n: int, population: int | None, reach: float
) -> None:
    values = pd.Series([1.0] * int(hits) + [hits % 1] * (hits % 1 > 0) + [0.0] * (n - int(np.ceil(hits))))
    found = share(values, population)

    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(reach, abs=0.012)


def test_of_a_census_nothing_is_uncertain() -> None:
    found = share(pd.Series([1.0, 1, 0, 1]), 4)

    assert (found.low, found.value, found.high) == (0.75, 0.75, 0.75)


def test_who_was_asked_several_times_counts_once() -> None:
    people = [Person("a", {"Q01": [5, 1]}), Person("a", {"Q01": 4})]
    values = Scores(closed_wave(people), instrument(item("Q01"))).favourable("Q01")

    assert sorted(values) == [0.5, 1.0]


def test_the_mean_of_hours_leaves_out_a_tenth_at_either_end() -> None:
    found = trimmed_mean(pd.Series([0.0, 1, 1, 1, 1, 1, 1, 1, 1, 100]))

    assert found.value == 1.0
    assert found.low == pytest.approx(1.0)
    assert found.high == pytest.approx(1.0)


def test_the_interval_of_a_trimmed_mean_holds_the_true_one_as_often_as_it_says() -> None:
    stream = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        found = trimmed_mean(pd.Series(stream.normal(10, 3, 30)))
        held += found.low is not None and found.high is not None and found.low <= 10 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_recommendation_is_promoters_less_detractors() -> None:
    found = recommendation(pd.Series([10.0, 9, 8, 7, 6, 0] * 5))

    assert found.value == 0.0
    assert found.high == pytest.approx(0.27, abs=0.02)
    assert found.low == pytest.approx(-0.27, abs=0.02)


@pytest.mark.parametrize(("importance", "satisfaction", "score"), [(0.8, 0.3, 13.0), (0.3, 0.8, 3.0), (0.5, 0.5, 5.0)])
def test_an_opportunity_is_importance_and_what_is_left_to_satisfy(
    importance: float, satisfaction: float, score: float
) -> None:
    # T13 first
    assert opportunity(importance, satisfaction) == pytest.approx(score)


def test_a_choice_is_a_share_of_those_who_chose() -> None:
    asked = instrument(item("Q23", "choices", options=options("a", "b", "c"), most=3))
    people = [Person("t", {"Q23": ("a", "b")}), Person("t", {"Q23": ("b",)}), Person("t", {})]
    found = Scores(closed_wave(people), asked)

    assert [float(found.picked("Q23", name).mean()) for name in ("a", "b", "c")] == [0.5, 1.0, 0.0]


def one_factor(seed: int, loadings: tuple[float, ...], people: int) -> dict[str, pd.Series]:
    stream = np.random.default_rng(seed)
    common = stream.normal(size=people)
    return {
        f"q{place}": pd.Series(loading * common + stream.normal(size=people) * (1 - loading**2) ** 0.5)
        for place, loading in enumerate(loadings)
    }


def test_alpha_and_omega_of_one_factor_are_what_its_loadings_say() -> None:
    loadings = (0.9, 0.7, 0.5, 0.3)
    found = reliability(one_factor(3, loadings, 50_000))

    assert found is not None
    common, unique = sum(loadings) ** 2, sum(1 - each**2 for each in loadings)
    assert found.omega == pytest.approx(common / (common + unique), abs=0.01)
    off = sum(a * b for a in loadings for b in loadings) - sum(each**2 for each in loadings)
    assert found.alpha == pytest.approx(4 / 3 * (1 - 4 / (4 + off)), abs=0.01)
    assert found.alpha < found.omega
    assert found.item_rest["q0"] > found.item_rest["q3"]


def test_items_that_say_the_same_are_wholly_reliable() -> None:
    stream = Random(5)  # noqa: S311 - no secret
    same = pd.Series([float(stream.randint(1, 5)) for _ in range(200)])
    found = reliability({"a": same, "b": same, "c": same})

    assert found is not None
    assert found.alpha == pytest.approx(1.0)
    assert found.omega == pytest.approx(1.0, abs=1e-4)


def test_an_item_that_does_not_vary_or_too_few_items_tell_no_reliability() -> None:
    varied = pd.Series([1.0, 2, 3, 4])

    assert reliability({"a": varied, "b": varied}) is None
    assert reliability({"a": varied, "b": varied, "c": pd.Series([3.0] * 4)}) is None


def test_items_that_nobody_answered_together_hang_together_in_no_way_that_can_be_told() -> None:
    nothing = pd.Series(dtype=float)
    apart = {name: pd.Series({f"{name}{number}": float(number) for number in range(9)}) for name in "abc"}

    assert reliability({"a": nothing, "b": nothing, "c": nothing}) is None
    assert reliability(apart) is None
