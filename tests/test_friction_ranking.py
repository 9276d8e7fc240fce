"""The order of kinds of friction, and how sure it is."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from metrics.friction.ranking import LEAST_TEAMS, Ranking, ranking

Costs = dict[str, dict[str, float]]


def costs_of(seed: int, means: dict[str, float], teams: int, spread: float = 0.5) -> Costs:
    """Hours of teams around means, some teams with more of everything than others."""
    dice = np.random.default_rng(seed)
    size = dice.lognormal(0, spread, teams)
    return {
        kind: {f"t{team}": float(mean * size[team] * dice.lognormal(0, spread)) for team in range(teams)}
        for kind, mean in means.items()
    }


MEANS = {"review": 40.0, "queue": 20.0, "flaky": 19.0, "approval": 5.0}


def test_kinds_stand_by_their_totals_and_bounds_hold_them() -> None:
    costs = costs_of(1, MEANS, 20)
    found = ranking(costs)

    totals = [each.total for each in found.kinds]
    assert totals == sorted(totals, reverse=True)
    assert [each.rank for each in found.kinds] == [1, 2, 3, 4]
    for each in found.kinds:
        assert each.total == pytest.approx(sum(costs[each.kind].values()))
        assert each.low is not None
        assert each.high is not None
        assert each.low <= each.total <= each.high
        assert each.first is not None
        assert each.last is not None
        assert each.first <= each.rank <= each.last


def test_what_is_alike_is_tied_and_what_is_not_is_not() -> None:
    found = ranking(costs_of(1, MEANS, 40, 0.3))

    assert {each.kind: (each.first, each.last) for each in found.kinds} == {
        "review": (1, 1), "queue": (2, 3), "flaky": (2, 3), "approval": (4, 4),
    }  # fmt: skip
    assert found.ties == ((2, 3),)


def test_the_answer_does_not_hang_on_the_order_of_what_comes_in() -> None:
    costs = costs_of(3, MEANS, 12)
    turned = {kind: dict(reversed(values.items())) for kind, values in reversed(costs.items())}

    assert ranking(turned) == ranking(costs)


def test_kinds_of_the_same_cost_are_tied_and_stand_by_name() -> None:
    same = {f"t{team}": float(team) for team in range(12)}
    found = ranking({"b": same, "a": same, "c": same})

    assert [each.kind for each in found.kinds] == ["a", "b", "c"]
    assert found.ties == ((1, 3),)


def test_of_few_teams_only_their_range_is_told() -> None:
    found = ranking(costs_of(4, MEANS, LEAST_TEAMS - 1))

    assert {(each.low, each.high, each.first, each.last) for each in found.kinds} == {(None, None, None, None)}
    assert all(0 < each.least < each.most for each in found.kinds)
    assert found.ties == ((1, 4),)


def test_a_team_without_any_of_a_kind_counts_with_nothing() -> None:
    costs = {"review": {f"t{team}": 10.0 for team in range(10)}, "pages": {"t3": 5.0}}
    found = ranking(costs)

    assert [(each.kind, each.total, each.least) for each in found.kinds] == [("review", 100.0, 10.0), ("pages", 5.0, 0)]


@pytest.mark.parametrize("costs", [{}, {"review": {}}, {"review": {f"t{team}": 0.0 for team in range(9)}}])
def test_nothing_to_order_is_no_error(costs: Costs) -> None:
    assert [each.total for each in ranking(costs).kinds] == [0.0] * len(costs)


def test_runs_may_overlap() -> None:
    dice = Random(2)  # noqa: S311 - no secret
    means = {"a": 30.0, "b": 25.0, "c": 22.0}
    costs = {kind: {f"t{team}": mean + dice.gauss(0, 6) for team in range(16)} for kind, mean in means.items()}

    assert ranking(costs).ties == ((1, 2), (2, 3))


def covered(found: Ranking, truth: list[str]) -> bool:
    """Whether every kind's true rank lies within the bounds of its rank, all at once."""
    return all(
        (each.first or 1) <= truth.index(each.kind) + 1 <= (each.last or len(truth)) for each in found.kinds
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("teams", [8, 12, 25, 50])
def test_the_bounds_of_ranks_hold_the_true_ranks_as_often_as_they_say(teams: int) -> None:
    means = {f"k{number}": 10.0 * 1.12**number for number in range(8)}
    truth = sorted(means, key=lambda kind: -means[kind])
    hits = [covered(ranking(costs_of(seed, means, teams), draws=400), truth) for seed in range(400)]

    assert sum(hits) / len(hits) >= 0.93
