"""What of a survey may be told: no sum or difference of told results leaves fewer people than were promised."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tribometer.privacy.disclosure import EVERYBODY, Shown, lineage, shown, shown_teams

MINIMUM = 5


def of_teams(**people: int) -> dict[tuple[str, str], int]:
    return {(team, ""): n for team, n in people.items()}


def test_a_child_that_leaves_too_few_behind_is_hidden_with_them() -> None:
    # T12: a parent of 13, children of 9 and 4
    assert shown_teams({"a": 9, "b": 4}, {}, MINIMUM) == frozenset()
    assert shown(of_teams(a=9, b=4), {}, MINIMUM) == Shown(whole=True)


def test_children_that_leave_nobody_or_enough_behind_are_shown() -> None:
    assert shown_teams({"a": 9, "b": 5}, {}, MINIMUM) == {"a", "b"}
    assert shown_teams({"a": 9, "b": 3, "c": 4}, {}, MINIMUM) == {"a"}
    assert shown_teams({"a": 9, "b": 6, "c": 4}, {}, MINIMUM) == {"a"}


def test_people_of_no_team_are_left_over_too() -> None:
    assert shown_teams({"a": 9, "b": 8, EVERYBODY: 2}, {}, MINIMUM) == {"a"}
    assert shown_teams({"a": 9, "b": 8, EVERYBODY: 5}, {}, MINIMUM) == {"a", "b"}


def test_below_a_hidden_group_nobody_is_shown() -> None:
    above = {"a1": "a", "a2": "a", "b1": "b"}

    assert shown_teams({"a1": 5, "a2": 6, "b1": 4}, above, MINIMUM) == frozenset()
    assert shown_teams({"a1": 5, "a2": 6, "b1": 5}, above, MINIMUM) == {"a", "a1", "a2", "b", "b1"}


def test_fewer_than_the_minimum_in_all_are_not_told_at_all() -> None:
    assert shown(of_teams(a=4), {}, MINIMUM) == Shown(whole=False)


def test_teams_above_each_other_in_a_circle_are_told_like_any() -> None:
    assert shown_teams({"a": 6, "b": 7}, {"a": "b", "b": "a"}, MINIMUM) == {"a", "b"}
    assert lineage("a", {"a": "b", "b": "a"}) == ("a", "b")


def test_a_cross_cut_that_shares_one_person_with_a_team_is_hidden() -> None:
    # the new ones are all of team b but one, who alone joins the two: a + new - b leaves them
    people = {("a", "old"): 9, ("a", "new"): 1, ("b", "new"): 8}

    assert shown(people, {}, MINIMUM) == Shown(whole=True, teams=frozenset({"a", "b"}))


def test_a_cross_cut_that_is_well_mixed_is_told() -> None:
    people = {("a", "old"): 9, ("a", "new"): 6, ("b", "new"): 8, ("b", "old"): 7}

    assert shown(people, {}, MINIMUM).groups == {"old", "new"}


def test_a_cross_cut_that_is_the_same_as_the_teams_tells_nothing_new() -> None:
    assert shown({("a", "old"): 9, ("b", "new"): 6}, {}, MINIMUM).groups == {"old", "new"}


def isolated(people: Mapping[tuple[str, str], int], above: Mapping[str, str | None], told: Shown) -> set[int]:
    """How many people any sum of told groups, each once added, once subtracted or left out, leaves: by brute force."""
    cells = [cell for cell, n in people.items() if n]
    rows = [[1] * len(cells)] if told.whole else []
    rows += [[int(name in lineage(team, above)) for team, _ in cells] for name in sorted(told.teams)]
    rows += [[int(group == name) for _, group in cells] for name in sorted(told.groups)]
    found = set()
    for signs in product((-1, 0, 1), repeat=len(rows)):
        left = [sum(sign * row[place] for sign, row in zip(signs, rows, strict=True)) for place in range(len(cells))]
        found.add(sum(people[cell] for cell, value in zip(cells, left, strict=True) if value))
    return found


def organisation(dice: Random) -> tuple[dict[tuple[str, str], int], dict[str, str | None]]:
    teams = [f"t{number}" for number in range(dice.randint(1, 4))]
    above: dict[str, str | None] = {team: dice.choice([None, None, *teams[:place]]) for place, team in enumerate(teams)}
    groups = ["", "new", "old"][: dice.randint(1, 3)]
    people = {
        (team, group): dice.choice([0, 0, 1, 2, 3, 4, 5, 6, 9]) for team in [*teams, EVERYBODY] for group in groups
    }
    return people, above


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_no_sum_or_difference_of_told_groups_leaves_a_few(seed: int) -> None:
    people, above = organisation(Random(seed))  # noqa: S311 - no secret
    left = isolated(people, above, shown(people, above, MINIMUM))

    assert not left & set(range(1, MINIMUM))


def test_the_attack_finds_what_is_told_without_the_rules() -> None:
    people = {("a", "old"): 9, ("a", "new"): 1, ("b", "new"): 8}
    everything = Shown(whole=True, teams=frozenset({"a", "b"}), groups=frozenset({"old", "new"}))

    assert 1 in isolated(people, {}, everything)


@pytest.mark.parametrize("minimum", [5, 8])
def test_a_higher_minimum_shows_no_more(minimum: int) -> None:
    for seed in range(200):
        people, above = organisation(Random(seed))  # noqa: S311 - no secret
        told = shown(people, above, minimum)
        assert not isolated(people, above, told) & set(range(1, minimum))
