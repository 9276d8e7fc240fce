"""Staggered difference-in-differences: what is compared with what, and how sure it is."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.verdicts import randomisation, staggered
from metrics.verdicts.assignments import PERMUTATIONS, assignments, distinct
from metrics.verdicts.blocks import blocks_of, enough, usable
from metrics.verdicts.designs import design_of
from metrics.verdicts.scale import NEVER, Grid
from verdict_panels import after, grid_of, noise, rollout

REACHED = [1, 1, 1, 1, 9, 9, 4, 6]
NEVER_REACHED = [2, 2, 2, 2, 0, 0, 3, 3]


def estimate_of(grid: Grid, horizon: int) -> float:
    blocks = blocks_of(grid, horizon)
    return float(design_of(grid.released[None, :], blocks).estimates(blocks.moves)[0])


def by_hand(grid: Grid, released: NDArray[np.int64], horizon: int) -> float:
    """The definition, unit by unit and week by week, for releases that may have fallen otherwise."""
    moves = []
    for week in {int(each) for each in released if 4 <= each <= grid.now - 2 - min(8, horizon - 2)}:
        for later in range(week + 2, min(week + horizon, grid.now)):
            known = []
            for row in grid.values:
                base = row[max(0, week - 12) : week]
                enough_base = (~np.isnan(base)).sum() >= 4
                known.append(row[later] - np.nanmean(base) if enough_base else np.nan)
            own = [move for move, each in zip(known, released, strict=True) if each == week and not np.isnan(move)]
            others = [move for move, each in zip(known, released, strict=True) if each > later and not np.isnan(move)]
            moves += [move - np.mean(others) for move in own if others]
    return float(np.mean(moves))


def test_the_estimate_is_how_much_further_the_reached_unit_moved_than_the_other() -> None:
    assert estimate_of(grid_of([REACHED, NEVER_REACHED], [4, None]), 4) == pytest.approx(3.0)


def test_a_control_that_is_reached_later_counts_only_until_then() -> None:
    later = [0, 0, 0, 0, 50, 50, 4, 1000]

    assert estimate_of(grid_of([REACHED, NEVER_REACHED, later], [4, None, 7]), 4) == pytest.approx(
        ((3 - 2.5) + (5 - 1)) / 2
    )


def test_the_weeks_of_transition_do_not_count() -> None:
    other = [*REACHED[:4], -700, 800, *REACHED[6:]]

    assert estimate_of(grid_of([other, NEVER_REACHED], [4, None]), 4) == pytest.approx(3.0)


def test_a_week_without_a_value_is_left_out_and_not_taken_for_nothing() -> None:
    reached: list[float | None] = [1, None, 1, 1, 1, 9, 9, None, 6]

    assert estimate_of(grid_of([reached, [2, *NEVER_REACHED]], [5, None]), 4) == pytest.approx(5 - 1)


@pytest.mark.parametrize("horizon", [4, 12, 26])
def test_every_assignment_gets_the_estimate_that_its_definition_gives(horizon: int) -> None:
    dice = np.random.default_rng(7)
    values = np.where(dice.random((7, 60)) < 0.15, np.nan, dice.normal(size=(7, 60)))
    values[2, :40] = np.nan
    grid = Grid(values, np.array([20, 20, 31, 44, 57, NEVER, NEVER]))
    blocks = blocks_of(grid, horizon)
    drawn = assignments(grid.released, 1)[:40]

    assert design_of(drawn, blocks).estimates(blocks.moves) == pytest.approx(
        [by_hand(grid, released, horizon) for released in drawn]
    )


def test_assignments_are_listed_once_each_where_they_are_few_with_the_observed_one_first() -> None:
    listed = [tuple(row) for row in assignments(np.array([9, 4, 4, NEVER]), 1).tolist()]

    assert listed[0] == (9, 4, 4, NEVER)
    assert sorted(listed) == sorted(set(permutations((9, 4, 4, NEVER))))


def test_assignments_are_drawn_where_they_are_many_and_the_same_for_a_seed() -> None:
    released = np.array([*range(40, 46), *[NEVER] * 6])
    drawn = assignments(released, 5)

    assert len(drawn) == PERMUTATIONS + 1
    assert (drawn[0] == released).all()
    assert (np.sort(drawn, axis=1) == np.sort(released)).all()
    assert (drawn == assignments(released, 5)).all()
    assert not (drawn == assignments(released, 6)).all()


def test_assignments_that_differ_only_in_releases_that_are_not_judged_count_once() -> None:
    released = np.array([10, 10, 20, 30, NEVER])

    assert distinct(released, {10, 20}) == 5 * 4 * 3 // 2
    assert distinct(released, {10}) == 10


@pytest.mark.parametrize(("units", "reached"), [(9, 4), (50, 1), (6, 3)])
def test_it_is_not_used_where_there_are_few_assignments(units: int, reached: int) -> None:
    grid = grid_of(noise(1, units).tolist(), [*[50] * reached, *[None] * (units - reached)])

    assert not enough(grid, 12)
    assert staggered.estimate(grid, 12, 1) is None


def test_it_is_used_from_two_hundred_assignments_on() -> None:
    grid = grid_of(noise(1, 10).tolist(), [*[50] * 4, *[None] * 6])

    assert enough(grid, 12)
    assert staggered.estimate(grid, 12, 1) is not None


def test_p_is_the_share_of_assignments_that_are_as_far_from_nothing() -> None:
    assert randomisation.p_value(np.array([3.0, -1.0, 2.0, -3.0])) == 0.5
    assert randomisation.p_value(np.array([3.0, -1.0, np.nan, 2.0])) == 0.5


def test_the_interval_holds_the_effects_that_the_test_does_not_refuse() -> None:
    dice = np.random.default_rng(3)
    drawn = np.array([0.8, *dice.normal(0, 0.4, 399)])
    moved = np.array([1.0, *dice.uniform(-0.7, 0.7, 399)])
    tried = np.linspace(-3, 5, 4_001)
    refused = np.array([np.mean(np.abs(drawn - tau * moved) >= np.abs(0.8 - tau)) < 0.05 for tau in tried])
    low, high = randomisation.interval(drawn, moved)

    assert low is not None
    assert high is not None
    assert low == pytest.approx(tried[~refused].min(), abs=0.003)
    assert high == pytest.approx(tried[~refused].max(), abs=0.003)


def test_an_interval_that_no_assignment_bounds_has_no_bounds() -> None:
    assert randomisation.interval(np.array([1.0, 0.5, -0.5]), np.array([1.0, 1.0, -1.0])) == (None, None)


def test_without_an_effect_carried_over_the_detectable_one_is_the_critical_value_and_the_power() -> None:
    noise_alone = np.array([0.0, *np.linspace(-1, 1, 2_001)])
    found = randomisation.detectable(noise_alone, np.array([1.0, *np.zeros(2_001)]))

    assert found == pytest.approx(0.95 + 0.6, abs=0.002)


def test_a_unit_that_was_reached_before_anything_was_measured_is_no_control() -> None:
    grid = grid_of([REACHED, NEVER_REACHED, [5] * 8], [4, None, 1])

    assert len(usable(grid, 4).values) == 2
    assert estimate_of(usable(grid, 4), 4) == pytest.approx(3.0)


def test_where_the_noisy_units_were_reached_the_estimate_has_to_be_further_from_nothing() -> None:
    released = [50, 54, 58, *[None] * 9]
    values = noise(4, trend=0.0) - np.log(1.5) * after(released)
    centred = values - values.mean(axis=1, keepdims=True)
    noisy = centred * np.where(np.arange(12) < 3, 3.0, 1.0)[:, None]
    grid = Grid(noisy, grid_of(values.tolist(), released).released)
    design = design_of(assignments(grid.released, 1), blocks_of(grid, 12))
    errors = staggered.expected_errors(design, grid)

    assert errors[0] > 1.5 * np.median(errors)


def test_a_planted_effect_is_found_within_its_interval() -> None:
    released = rollout(8)
    found = staggered.estimate(grid_of((noise(8) - 0.5 * after(released)).tolist(), released), 26, 1)

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.5 < found.high < 0
    assert found.p is not None
    assert found.p < 0.01
    assert (found.treated, found.weeks_before, found.weeks_after) == (6, 12, 24)
